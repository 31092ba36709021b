"""Label sound files and write the labels as CSV: the command `drumspace label`."""

import csv
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from drumspace.audio.decode.settings import STANDARD
from drumspace.classify.inference.find_sounds import Input, Inputs, find_sounds
from drumspace.classify.inference.label_batches import label_batches
from drumspace.classify.inference.labeller import Labeller, Prediction
from drumspace.dataset.ingest.make_clip import Limits, Task
from drumspace.dataset.ingest.make_clips import make_clips
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan.sounds import passed_over_text
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path
from drumspace.taxonomy import CLASSES

log = logging.getLogger(__name__)
LIMITS = Limits(min_seconds=0.005, max_seconds=30, level_dbfs=-1.0)
"""Limits of a one-shot, the defaults of the pipeline: shorter clicks and longer recordings are rejected."""
LOW_CONFIDENCE, OTHER_BY_SOUND, OTHER_BY_NAME = "low confidence", "sounds like none of the classes", "name says other"
SEVERAL_HITS, NOT_READ, NO_THRESHOLD = "several hits", "not read", "the model can't keep the target precision"
"""Reasons for rows without a label. SEVERAL_HITS is followed by a colon and their kind, such as a loop, NOT_READ by a
colon and the reason in *.errors.csv."""
COLUMNS = ("path", "label", "best_guess", "detail", "confidence", *CLASSES, "other", "reason")


class SoundLabel(NamedTuple):
    """Label of a sound, or why it has none."""

    path: Path
    label: str | None
    detail: str | None
    """Second level of the label, such as an open hat; None where there is none or the labeller is not confident."""
    prediction: Prediction | None
    """None for a sound that can't be read."""
    reason: str
    """Empty for a sound with a label."""


class Labels(NamedTuple):
    """Labels of sounds, in the order in which they were found, and what is wrong with files."""

    sounds: list[SoundLabel]
    errors: dict[Path, str]


class Counts(NamedTuple):
    """Numbers of sounds with a label, without one, and of files that can't be read."""

    labelled: int
    abstained: int
    unreadable: int


def label_sounds(paths: Sequence[Path], labeller: Labeller, rules: NamingRules) -> Labels:
    """Label the sounds of files, folders, SoundFonts and archives.

    A sound has no label if the confidence is below the labeller's threshold, if the names say that it is a drum of none
    of the classes, if it is no one-shot but a loop or a roll, or if it can't be read; `reason` says which. A labeller
    that never abstains labels whatever can be read. Raises UserError for no sound.
    """
    with _inputs_of(paths, rules) as inputs:
        errors = dict(inputs.remarks)
        return Labels(list(_label_all(inputs, labeller, errors)), errors)


def label_files(paths: Sequence[Path], out: Path, labeller: Labeller, rules: NamingRules) -> Counts:
    """Write the labels of `label_sounds` to `out` and, if there are errors, *.errors.csv beside it.

    Rows are written as they come. Of each sound only its path stays in memory. Raises UserError for no sound.
    """
    labelled = abstained = unreadable = 0
    with _inputs_of(paths, rules) as inputs, ExitStack() as stack:
        errors = dict(inputs.remarks)
        table = _table(stack, out)
        table.writerow(COLUMNS)
        for sound in _label_all(inputs, labeller, errors):
            table.writerow(_row(sound))
            unreadable += sound.prediction is None
            labelled += sound.label is not None
            abstained += sound.prediction is not None and sound.label is None
        if errors:
            table = _table(stack, errors_path(out))
            table.writerow(["path", "reason"])
            table.writerows(sorted(errors.items()))
    if not errors:
        errors_path(out).unlink(missing_ok=True)
    return Counts(labelled, abstained, unreadable)


def errors_path(out: Path) -> Path:
    """Path of the table of files that can't be read, beside the table of labels `out`."""
    return out.with_name(f"{out.stem}.errors.csv")


@contextmanager
def _inputs_of(paths: Sequence[Path], rules: NamingRules) -> Iterator[Inputs]:
    """Sounds in `paths`; the unpacked copies of archives' members are there until the block ends. Raises UserError."""
    with tempfile.TemporaryDirectory() as unpacked:
        inputs = find_sounds(paths, Path(unpacked), rules)
        passed_over = passed_over_text(inputs.passed_over)
        if not inputs.items:
            suffixes = f" ({passed_over})" if passed_over else ""
            listed = ", ".join(map(str, paths))
            raise UserError(f"there is no sound file in {listed}{suffixes}: name other files or folders.")
        if passed_over:
            log.warning(passed_over)
        yield inputs


def _label_all(inputs: Inputs, labeller: Labeller, errors: dict[Path, str]) -> Iterator[SoundLabel]:
    """Yield the label of each sound, in their order, while the next ones are decoded; add to `errors` what can't be."""
    for (item, remark), prediction in label_batches(labeller, _decode(inputs.items, labeller)):
        path = Path(item.path)
        if prediction is None:
            errors[path] = remark
            yield SoundLabel(path, None, None, None, f"{NOT_READ}: {remark}")
        else:
            yield _label(item, prediction, remark, labeller)


def _decode(items: Sequence[Input], labeller: Labeller) -> Iterator[tuple[tuple[Input, str], np.ndarray | None]]:
    """Each sound with a remark, and its int16 PCM: None for one that can't be read.

    The remark is the reason for that, or the kind of a sound with several hits, such as a loop, else empty.
    """
    tasks = (Task(str(Path(item.file).absolute()), item.sample) for item in items if not item.reason)
    outcomes = make_clips(tasks, labeller.audio, LIMITS, STANDARD, jobs=None, dask_address=None, with_loudness=False)
    for item in tqdm(items, unit="file"):
        outcome = item.reason or next(outcomes)
        if isinstance(outcome, str):
            yield (item, outcome), None
        else:
            clip, _, analysis = outcome
            yield (item, (analysis.hits.kind or "").replace("_", " ")), clip.pcm


def _label(item: Input, prediction: Prediction, kind: str, labeller: Labeller) -> SoundLabel:
    """Label of a sound with this prediction. kind: of a sound with several hits, else empty."""
    path = Path(item.path)
    reason = ""
    if not labeller.never_abstains:
        if item.is_other:
            reason = OTHER_BY_NAME
        elif kind:
            reason = f"{SEVERAL_HITS}: {kind}"
        elif labeller.labels_none:
            reason = NO_THRESHOLD
        elif not labeller.is_sure(prediction):
            reason = OTHER_BY_SOUND if prediction.other > prediction.confidence else LOW_CONFIDENCE
    if reason:
        return SoundLabel(path, None, None, prediction, reason)
    return SoundLabel(path, CLASSES[prediction.best_guess], prediction.detail, prediction, "")


def _row(sound: SoundLabel) -> list[Any]:
    prediction = sound.prediction
    if prediction is None:
        return [sound.path, *("" for _ in COLUMNS[1:-1]), sound.reason]
    numbers = [f"{value:.4f}" for value in (prediction.confidence, *prediction.probabilities, prediction.other)]
    guess = CLASSES[prediction.best_guess]
    return [sound.path, sound.label or "", guess, sound.detail or "", *numbers, sound.reason]


def _table(stack: ExitStack, path: Path) -> Any:
    """Open a CSV writer; `path` is replaced when `stack` closes without error. Names that are no UTF-8 are allowed."""
    temporary = stack.enter_context(atomic_path(path))
    file = stack.enter_context(temporary.open("w", newline="", encoding="utf-8", errors="surrogateescape"))
    return csv.writer(file, lineterminator="\n")
