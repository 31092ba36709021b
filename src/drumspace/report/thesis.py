"""The thesis's classifiers (thesis.yaml), each with the interval that its small test set allows."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from drumspace.params import plain, read_yaml

Z95 = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True)
class ThesisRow:
    """One row of table 7.1."""

    name: str
    title: str
    accuracy: float
    precision: float
    recall: float
    f1: float
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy; the thesis gives none."""
        return wilson(self.accuracy, self.n)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share of n independent trials (Wilson 1927)."""
    spread = Z95**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 * (share * (1 - share) / n + spread / (4 * n)) ** 0.5 / (1 + spread)
    return centre - half, centre + half


@lru_cache(maxsize=1)
def thesis_rows() -> dict[str, ThesisRow]:
    """Every row by the name that the model has here, in the thesis's order."""
    tables: dict[str, Any] = plain(read_yaml(Path(__file__).with_name("thesis.yaml")))
    n = tables["classifier_data"]["test"]
    return {name: ThesisRow(name=name, n=n, **row) for name, row in tables["classifiers"].items()}
