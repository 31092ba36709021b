"""Metrics as they are measured, with the reason for each that is missing."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.contract import MissingMetric

NOT_A_NUMBER = "the computation gave NaN"


class Measurements:
    """Values by the keys of a TypedDict, null until they are measured, and reasons for those that can't be."""

    def __init__(self, schema: Any) -> None:
        """`schema`: a TypedDict of drumspace.metrics.generation.contract."""
        self.values: dict[str, Any] = dict.fromkeys(schema.__annotations__)
        self.missing: list[MissingMetric] = []

    def measure(self, what: str, function: Callable[[], Mapping[str, Any]]) -> None:
        """Add the metrics that `function` returns; where it raises NotMeasured, record the reason under `what`."""
        try:
            metrics = function()
        except NotMeasured as error:
            self.record_missing(what, str(error))
            return
        for name, value in metrics.items():
            is_nan = isinstance(value, float) and not math.isfinite(value)
            self.values[name] = None if is_nan else value
            if is_nan:
                self.record_missing(name, NOT_A_NUMBER)

    def record_missing(self, what: str, why: str) -> None:
        """Record the reason for a missing metric."""
        self.missing.append({"what": what, "why": why})

    def to_dict(self) -> dict[str, Any]:
        """All values, and the reasons under `not_measured`."""
        return {**self.values, "not_measured": self.missing}
