"""Manual labels: CSV files of path and label."""

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from drumspace.errors import UserError
from drumspace.taxonomy import CLASSES

OTHER = "other"
"""Label of a drum that belongs to none of the classes."""


@dataclass(frozen=True)
class Annotation:
    """One row: `label` is a class or 'other', `position` its file and line."""

    label: str
    position: str


def composed(path: str) -> str:
    """A path in composed Unicode (NFC): macOS writes file names decomposed, spreadsheets write them composed."""
    return unicodedata.normalize("NFC", path)


class Annotations(Mapping[str, Annotation]):
    """Annotations by path, found whether a path is written in composed or decomposed Unicode."""

    def __init__(self, rows: Mapping[str, Annotation]) -> None:
        """Annotations of `rows`, in their order."""
        self._rows = {composed(path): annotation for path, annotation in rows.items()}

    def __getitem__(self, path: str) -> Annotation:
        """Annotation of a path. Raises KeyError if it has none."""
        return self._rows[composed(path)]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the paths, composed."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Number of annotated paths."""
        return len(self._rows)


def read_annotations(path: Path, blank_is_unknown: bool = False) -> Annotations:
    """Read annotations by path from a CSV whose header names `path` and `label`; other columns are ignored.

    A blank label is skipped if `blank_is_unknown`, else an error. Raises UserError with the line: no UTF-8, another
    header, an unknown class, a path with two labels.
    """
    classes = f"{', '.join(CLASSES)} or {OTHER}"
    annotations: dict[str, Annotation] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not {"path", "label"} <= set(reader.fieldnames or ()):
                raise UserError(f"{path}, line 1: the header must name `path` and `label`, as in `path,label`.")
            for row in reader:
                name, label = composed(row["path"] or ""), (row["label"] or "").strip()
                position = f"{path}, line {reader.line_num}"
                if not label and blank_is_unknown:
                    continue
                if label not in (*CLASSES, OTHER):
                    raise UserError(f"{position}: the label of {name} is {label!r}; write {classes}.")
                first = annotations.setdefault(name, Annotation(label, position))
                if first.label != label:
                    raise UserError(f"{position}: {name} is {label} here and {first.label} in {first.position}.")
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: restore it, or correct the `labels` of its source.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a CSV file in UTF-8 ({error}): save it as one.") from None
    return Annotations(annotations)
