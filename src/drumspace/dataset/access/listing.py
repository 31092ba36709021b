"""A list of clips by their paths: a CSV with a column `path`."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from drumspace.errors import UserError


def rows_of(listing: Path, catalog: pd.DataFrame) -> np.ndarray:
    """Row numbers of the catalogue's clips that `listing` names, in the catalogue's order.

    Raises UserError with file and line: no file, no column `path`, or a path that the catalogue does not have.
    """
    places = {path: row for row, path in enumerate(catalog["path"])}
    found: set[int] = set()
    missing: list[tuple[int, str]] = []
    try:
        with listing.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if "path" not in (reader.fieldnames or ()):
                raise UserError(f"{listing}, line 1: the header must name `path`.")
            for entry in reader:
                row = places.get(entry["path"])
                if row is None:
                    missing.append((reader.line_num, entry["path"]))
                else:
                    found.add(row)
    except FileNotFoundError:
        raise UserError(f"{listing} does not exist: correct its name in params.yaml, or set it to null.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{listing} is not a CSV file in UTF-8 ({error}): save it as one.") from None
    if missing:
        line, path = missing[0]
        more = f", and {len(missing) - 1} more like it" if len(missing) > 1 else ""
        raise UserError(
            f"{listing}, line {line}: no clip has the path {path!r}{more}; paths are as in catalog.parquet."
        )
    return np.array(sorted(found), dtype=np.int64)
