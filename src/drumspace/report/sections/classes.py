"""How many labelled sounds each class has in each part of the split."""

from collections import Counter
from dataclasses import dataclass

from drumspace.report.inputs import PARTS, Inputs
from drumspace.taxonomy import CLASSES

TITLES = {
    "train": "training",
    "validation": "validation",
    "test": "test",
    "test_rest": "held out beside it",
    "judge": "judge",
    "reference": "reference",
    "out": "in no part",
}


@dataclass(frozen=True)
class ClassRow:
    """One class: sounds by part, in the order of `Classes.parts`."""

    label: str
    counts: list[int]

    @property
    def total(self) -> int:
        """Sounds in all parts."""
        return sum(self.counts)


@dataclass(frozen=True)
class Classes:
    """What the section shows."""

    parts: list[tuple[str, str]]
    """(name, title) of the parts that hold anything."""
    rows: list[ClassRow]
    largest: int
    """Sounds of the largest class, 1 at least."""
    totals: list[int]


def context(inputs: Inputs) -> Classes:
    """The section from its inputs."""
    labelled = inputs.catalog[inputs.catalog["label"].isin(CLASSES)]
    part = labelled["part"].where(labelled["part"].isin(PARTS), "out")
    counts = Counter(zip(labelled["label"], part, strict=True))
    held = [name for name in TITLES if any(counts[label, name] for label in CLASSES)]
    rows = [ClassRow(label, [counts[label, name] for name in held]) for label in CLASSES]
    return Classes(
        parts=[(name, TITLES[name]) for name in held],
        rows=rows,
        largest=max([row.total for row in rows] + [1]),
        totals=[sum(row.counts[i] for row in rows) for i in range(len(held))],
    )
