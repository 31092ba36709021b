"""Figures of the thesis (thesis.yaml): table 7.1 with intervals for its test set, tables 8.1 and 8.2."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from drumspace.io.settings import read_yaml

Z95 = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True)
class ThesisRow:
    """Row of table 7.1."""

    name: str
    title: str
    accuracy: float
    precision: float
    recall: float
    f1: float
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy (Wilson), which the thesis does not give."""
        return wilson(self.accuracy, self.n)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share of n independent trials (Wilson 1927)."""
    spread = Z95**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 * (share * (1 - share) / n + spread / (4 * n)) ** 0.5 / (1 + spread)
    return centre - half, centre + half


@dataclass(frozen=True)
class ThesisTable:
    """Table 8.1 or 8.2: accuracies of propagated labels."""

    title: str
    methods: list[str]
    """Names in propagation.methods. Section 8.6 has two readings of table 8.1: before the table, the labelled ones
    among the k nearest points vote (`thesis`); after it, the k nearest labelled points do (`knn`)."""
    ratios: list[float]
    rows: dict[str, dict[int, list[float]]]
    """Accuracy for each feature and k, over the ratios."""


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return dict(read_yaml(Path(__file__).with_name("thesis.yaml")))


@lru_cache(maxsize=1)
def thesis_propagation() -> list[ThesisTable]:
    """Tables 8.1 and 8.2."""
    section = _tables()["propagation"]
    tables = []
    for table in section["tables"]:
        rows = {feature: {int(k): row for k, row in rows.items()} for feature, rows in table["rows"].items()}
        tables.append(ThesisTable(table["title"], table["methods"], section["ratios"], rows))
    return tables


@lru_cache(maxsize=1)
def thesis_rows() -> dict[str, ThesisRow]:
    """Rows of table 7.1 by the model's name in params.yaml, in the thesis's order."""
    tables = _tables()
    n = tables["classifier_data"]["test"]
    return {name: ThesisRow(name=name, n=n, **row) for name, row in tables["classifiers"].items()}
