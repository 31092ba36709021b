"""Section `classes`: labelled sounds of each class in each part of the split."""

from collections import Counter
from typing import Any

from drumspace.report.inputs import PARTS, Inputs
from drumspace.taxonomy import CLASSES

TITLES = {
    "train": "training",
    "validation": "validation",
    "test": "test",
    "test_rest": "rest of the test kits",
    "judge": "judge",
    "reference": "reference",
    "out": "in no part",
}


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template.

    parts: (name, title) of the parts that hold a sound; rows: for each class its label, its counts in the order of
    `parts`, and their total; largest: sounds of the largest class, at least 1; totals: counts of each part.
    """
    labelled = inputs.catalog[inputs.catalog["label"].isin(CLASSES)]
    part = labelled["part"].where(labelled["part"].isin(PARTS), "out")
    counts = Counter(zip(labelled["label"], part, strict=True))
    names = [name for name in TITLES if any(counts[label, name] for label in CLASSES)]
    table = {label: [counts[label, name] for name in names] for label in CLASSES}
    return {
        "parts": [(name, TITLES[name]) for name in names],
        "rows": [{"label": label, "counts": row, "total": sum(row)} for label, row in table.items()],
        "largest": max([sum(row) for row in table.values()] + [1]),
        "totals": [sum(column) for column in zip(*table.values(), strict=True)],
    }
