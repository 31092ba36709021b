"""Metrics are null until they are measured, and those that can't be measured have a reason."""

from typing import TypedDict

from drumspace.errors import NotMeasured
from drumspace.synth.evaluation.measurements import NOT_A_NUMBER, Measurements


class Schema(TypedDict):
    """Schema of two metrics."""

    first: float | None
    second: float | None


def test_values_are_null_until_they_are_measured() -> None:
    metrics = Measurements(Schema)
    metrics.measure("first", lambda: {"first": 1.5})
    assert metrics.to_dict() == {"first": 1.5, "second": None, "not_measured": []}


def test_a_metric_that_can_not_be_measured_has_its_reason() -> None:
    def fail() -> dict[str, float]:
        raise NotMeasured("2 sounds")

    metrics = Measurements(Schema)
    metrics.measure("the second", fail)
    assert metrics.to_dict()["not_measured"] == [{"what": "the second", "why": "2 sounds"}]


def test_a_nan_is_null_with_a_reason() -> None:
    metrics = Measurements(Schema)
    metrics.measure("both", lambda: {"first": float("nan"), "second": 2.0})
    assert metrics.values == {"first": None, "second": 2.0}
    assert metrics.missing == [{"what": "first", "why": NOT_A_NUMBER}]
