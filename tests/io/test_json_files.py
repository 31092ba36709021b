"""A NaN in metrics becomes null together with a reason."""

import math

import numpy as np

from drumspace.io.json_files import explain_nan, jsonable


def test_a_nan_gets_a_reason_in_its_own_object() -> None:
    metrics = {"a": {"fad": math.nan, "n": 3}, "rows": [{"ratio": np.float32(np.inf)}], "b": 1.5}
    explained = explain_nan(metrics)
    reason = "the computation gave NaN or infinity"
    assert explained["a"] == {"fad": None, "n": 3, "not_measured": [{"what": "fad", "why": reason}]}
    assert explained["rows"] == [{"ratio": None, "not_measured": [{"what": "ratio", "why": reason}]}]
    assert explained["b"] == 1.5 and "not_measured" not in explained
    assert jsonable(explained) == explained


def test_an_existing_reason_is_kept() -> None:
    metrics = {"fad": math.nan, "not_measured": [{"what": "fad", "why": "3 sounds"}]}
    assert explain_nan(metrics) == {"fad": None, "not_measured": [{"what": "fad", "why": "3 sounds"}]}


def test_metrics_without_nan_are_unchanged() -> None:
    metrics = {"a": [1.0, None, {"b": "text"}], "c": {"d": 0}}
    assert explain_nan(metrics) == metrics
