"""Lists of clips: CSV files with a column `path`."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from drumspace.errors import UserError


def listed_rows(listing: Path, catalog: pd.DataFrame) -> np.ndarray:
    """Row numbers of the clips that the CSV file `listing` names, sorted: int64 [n].

    Raises UserError with file and line if the file or its column `path` is missing, or the catalogue lacks a path.
    """
    row_by_path = {path: row for row, path in enumerate(catalog["path"])}
    rows: set[int] = set()
    missing: list[tuple[int, str]] = []
    try:
        with listing.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if "path" not in (reader.fieldnames or ()):
                raise UserError(f"{listing}, line 1: the header must name `path`.")
            for entry in reader:
                row = row_by_path.get(entry["path"])
                if row is None:
                    missing.append((reader.line_num, entry["path"]))
                else:
                    rows.add(row)
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
    return np.array(sorted(rows), dtype=np.int64)
