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


def explain_nan(metrics: Any) -> Any:
    """`metrics` with every NaN or infinity replaced by null, and a reason for it under `not_measured` of its object.

    An object that names the key in `not_measured` already keeps its own reason.
    """
    if isinstance(metrics, list | tuple):
        return [explain_nan(item) for item in metrics]
    if not isinstance(metrics, dict):
        return metrics
    explained = {key: None if _is_nan(item) else explain_nan(item) for key, item in metrics.items()}
    named = {entry.get("what") for entry in metrics.get("not_measured") or []}
    missing = [str(key) for key, item in metrics.items() if _is_nan(item) and str(key) not in named]
    if missing:
        reasons = [{"what": key, "why": "the computation gave NaN or infinity"} for key in missing]
        explained["not_measured"] = [*(explained.get("not_measured") or []), *reasons]
    return explained


def _is_nan(value: Any) -> bool:
    """Whether a value is a float that JSON can't hold."""
    return isinstance(value, float | np.floating) and not math.isfinite(value)


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically: two-space indent, keys in the order given, a newline at the end."""
    write_text(path, json.dumps(jsonable(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The JSON file at `path`."""
    return json.loads(path.read_text(encoding="utf-8"))
