"""Label sound files: what `drumspace label` does."""

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from drumspace.classify.inference.labeller import Labeller, label_batches
from drumspace.dataset.ingest.make_clips import Limits, Task, make_clips
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan import SOUNDS
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path
from drumspace.taxonomy import CLASSES

LIMITS = Limits(min_seconds=0.005, max_seconds=30, level_dbfs=-1.0)
"""As the pipeline's own have it by default: a click or a long recording is no one-shot."""


def sound_files(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Every sound file under `paths`, each once, in order, with the names that tell of it: folders below, and its own.

    A file that is named is taken whatever its suffix. Raises UserError for a path that does not exist.
    """
    found: dict[Path, str] = {}
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path, followlinks=False):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                for name in sorted(names):
                    file = Path(folder) / name
                    if file.suffix.lower() in SOUNDS and not name.startswith("._"):
                        found.setdefault(file, file.relative_to(path.parent).as_posix())
        elif path.exists():
            found.setdefault(path, path.name)
        else:
            raise UserError(f"{path} does not exist: name sound files or folders of them.")
    return list(found.items())


def _table(stack: ExitStack, path: Path) -> Any:
    """A CSV writer to `path`, in place when `stack` ends well; a name that is no UTF-8 stands in it byte for byte."""
    temporary = stack.enter_context(atomic_path(path))
    file = stack.enter_context(temporary.open("w", newline="", encoding="utf-8", errors="surrogateescape"))
    return csv.writer(file, lineterminator="\n")


def label_files(paths: Sequence[Path], out: Path, labeller: Labeller, rules: NamingRules) -> tuple[int, int, int]:
    """Write `out` (path, label, confidence, a probability a class) and, for files that can't be read, *.errors.csv.

    The label is empty where the confidence is too low, or where the name says that it is a drum of none of the
    classes. Returns how many files were labelled, were left without a label, could not be read. Raises UserError.
    """
    files = sound_files(paths)
    if not files:
        raise UserError(f"there is no sound file in {', '.join(map(str, paths))}: name other files or folders.")
    errors = out.with_name(f"{out.stem}.errors.csv")
    counts = {"labelled": 0, "abstained": 0, "unreadable": 0}
    with ExitStack() as stack:
        labels, unread = (_table(stack, path) for path in (out, errors))
        labels.writerow(["path", "label", "confidence", *CLASSES])
        unread.writerow(["path", "reason"])

        def sounds() -> Iterator[tuple[Path, np.ndarray]]:
            tasks = [Task(str(path.absolute()), None) for path, _ in files]
            outcomes = make_clips(tasks, labeller.audio, LIMITS, jobs=None, dask_address=None)
            for (path, _), outcome in zip(files, tqdm(outcomes, total=len(files), unit="file"), strict=True):
                if isinstance(outcome, str):
                    counts["unreadable"] += 1
                    unread.writerow([path, outcome])
                else:
                    yield path, outcome[0].pcm

        names = dict(files)
        for path, probabilities in label_batches(labeller, sounds()):
            best, confidence = int(probabilities.argmax()), float(probabilities.max())
            known_other = rules.verdict(names[path]).other
            label = "" if known_other or confidence < labeller.abstain_below else CLASSES[best]
            counts["labelled" if label else "abstained"] += 1
            labels.writerow([path, label, f"{confidence:.4f}", *(f"{value:.4f}" for value in probabilities)])
    if not counts["unreadable"]:
        errors.unlink()
    return counts["labelled"], counts["abstained"], counts["unreadable"]
