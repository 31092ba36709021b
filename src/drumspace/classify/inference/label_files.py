"""Label sound files and write the labels as CSV: the command `drumspace label`."""

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from drumspace.audio.decode.settings import STANDARD
from drumspace.audio.format.suffixes import SOUNDS
from drumspace.classify.inference.labeller import Labeller, label_batches
from drumspace.dataset.ingest.make_clip import Limits, Task
from drumspace.dataset.ingest.make_clips import make_clips
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path
from drumspace.taxonomy import CLASSES

LIMITS = Limits(min_seconds=0.005, max_seconds=30, level_dbfs=-1.0)
"""Limits of a one-shot, the defaults of the pipeline: shorter clicks and longer recordings are rejected."""


def sound_files(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Sound files in `paths`, each once, with the name to match naming rules against (relative to the given folder).

    A file given itself is included whatever its suffix. Raises UserError for a path that does not exist.
    """
    names: dict[Path, str] = {}
    for path in paths:
        if path.is_dir():
            for folder, folders, files in os.walk(path, followlinks=False):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                for name in sorted(files):
                    file = Path(folder) / name
                    if file.suffix.lower() in SOUNDS and not name.startswith("._"):
                        names.setdefault(file, file.relative_to(path.parent).as_posix())
        elif path.exists():
            names.setdefault(path, path.name)
        else:
            raise UserError(f"{path} does not exist: name sound files or folders of them.")
    return list(names.items())


def _table(stack: ExitStack, path: Path) -> Any:
    """Open a CSV writer; `path` is replaced when `stack` closes without error. Names that are no UTF-8 are allowed."""
    temporary = stack.enter_context(atomic_path(path))
    file = stack.enter_context(temporary.open("w", newline="", encoding="utf-8", errors="surrogateescape"))
    return csv.writer(file, lineterminator="\n")


def label_files(paths: Sequence[Path], out: Path, labeller: Labeller, rules: NamingRules) -> tuple[int, int, int]:
    """Write `out` (path, label, confidence, a probability a class) and, if files can't be read, *.errors.csv.

    The label is empty if the confidence is below the labeller's threshold, or if the name says that the sound is a
    drum of none of the classes. Returns the numbers of files with a label, without one, and unreadable. Raises
    UserError if there is no sound file.
    """
    files = sound_files(paths)
    if not files:
        raise UserError(f"there is no sound file in {', '.join(map(str, paths))}: name other files or folders.")
    errors = out.with_name(f"{out.stem}.errors.csv")
    counts = {"labelled": 0, "abstained": 0, "unreadable": 0}
    with ExitStack() as stack:
        labels, unreadable = (_table(stack, path) for path in (out, errors))
        labels.writerow(["path", "label", "confidence", *CLASSES])
        unreadable.writerow(["path", "reason"])

        def sounds() -> Iterator[tuple[Path, np.ndarray]]:
            tasks = [Task(str(path.absolute()), None) for path, _ in files]
            outcomes = make_clips(tasks, labeller.audio, LIMITS, STANDARD, jobs=None, dask_address=None)
            for (path, _), outcome in zip(files, tqdm(outcomes, total=len(files), unit="file"), strict=True):
                if isinstance(outcome, str):
                    counts["unreadable"] += 1
                    unreadable.writerow([path, outcome])
                else:
                    yield path, outcome[0].pcm

        names = dict(files)
        for path, probs in label_batches(labeller, sounds()):
            best, confidence = int(probs.argmax()), float(probs.max())
            other_drum = rules.verdict(names[path]).other
            label = "" if other_drum or confidence < labeller.abstain_below else CLASSES[best]
            counts["labelled" if label else "abstained"] += 1
            labels.writerow([path, label, f"{confidence:.4f}", *(f"{value:.4f}" for value in probs)])
    if not counts["unreadable"]:
        errors.unlink()
    return counts["labelled"], counts["abstained"], counts["unreadable"]
