"""Labels that people wrote: CSV files of path and label."""

import csv
from dataclasses import dataclass
from pathlib import Path

from drumspace.errors import UserError
from drumspace.taxonomy import CLASSES

OTHER = "other"
"""What to write for a drum that is none of the classes."""


@dataclass(frozen=True)
class Annotation:
    """One row: `label` is a class or 'other', `where` its file and line."""

    label: str
    where: str


def read_annotations(path: Path, blank_is_unknown: bool = False) -> dict[str, Annotation]:
    """Path → its annotation, from a CSV whose header names `path` and `label` (other columns are ignored).

    A blank label is skipped where `blank_is_unknown`, else an error. Raises UserError with the line: no
    UTF-8, no such header, an unknown class, a path with two labels.
    """
    classes = f"{', '.join(CLASSES)} or {OTHER}"
    found: dict[str, Annotation] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not {"path", "label"} <= set(reader.fieldnames or ()):
                raise UserError(f"{path}, line 1: the header must name `path` and `label`, as in `path,label`.")
            for row in reader:
                name, label = row["path"] or "", (row["label"] or "").strip()
                where = f"{path}, line {reader.line_num}"
                if not label and blank_is_unknown:
                    continue
                if label not in (*CLASSES, OTHER):
                    raise UserError(f"{where}: the label of {name} is {label!r}; write {classes}.")
                known = found.setdefault(name, Annotation(label, where))
                if known.label != label:
                    raise UserError(f"{where}: {name} is {label} here and {known.label} in {known.where}.")
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: restore it, or correct the `labels` of its source.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a CSV file in UTF-8 ({error}): save it as one.") from None
    return found
