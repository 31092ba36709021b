"""JSON files: written atomically, floats rounded to 6 places, NaN and infinities as null."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from drumspace.io.atomic import write_text


def jsonable(value: Any) -> Any:
    """`value` as plain JSON types; NaN and infinities become null, floats are rounded to 6 places."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return value


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically: two-space indent, keys in the order given, a newline at the end."""
    write_text(path, json.dumps(jsonable(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The JSON file at `path`."""
    return json.loads(path.read_text(encoding="utf-8"))
