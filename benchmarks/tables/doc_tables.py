"""Figures and tables in the project's documents."""

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "reports" / "benchmarks"
CORPUS = BENCHMARKS / "corpus"


def rows_to_text(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def number(value: float | None, places: int = 3) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else f"{value:.{places}f}"
