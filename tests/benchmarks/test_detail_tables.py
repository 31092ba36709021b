"""Tables of details: what is off is marked, and what is not given has no figure."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])


def test_each_target_has_a_column_and_what_is_off_is_marked() -> None:
    from benchmarks.tables.detail_tables import detail_rows

    def row(target: float, precision: float | None, given: bool) -> dict[str, object]:
        ci95 = None if precision is None else [0.8, 0.99]
        detail = {"n": 50, "kits": 9, "sources": 3, "predicted": 27, "coverage": 0.5, "given": given}
        detail |= {"precision": precision, "precision_ci95": ci95}
        return {"label": "hat", "unseen": "source", "target_precision": target, "details": {"open": detail}}

    assert detail_rows([row(0.9, 0.912, True), row(0.95, 0.7, False)]).splitlines()[2] == (
        "| open hat | 50 (9, 3) | sources | 0.912 of 27 (0.80 to 0.99), 0.50 | 0.700 of 27 (0.80 to 0.99), 0.50; off |"
    )
    assert detail_rows([row(0.9, None, False)]).splitlines()[2].endswith("| not given; off |")


def test_sounds_without_a_detail_are_a_row() -> None:
    from benchmarks.tables.detail_tables import name_rows

    details = {
        "808": {"n": 1200, "sources": 9, "decay_seconds": [0.1, 0.254, 0.5]},
        "none": {"n": 0, "sources": 0, "decay_seconds": None},
    }
    assert name_rows({"kick": {"n": 1200, "details": details}}).splitlines()[2:] == [
        "| 808 kick | 1,200 | 9 | 0.25 (0.10 to 0.50) |",
        "| kick without a detail | 0 | 0 | – |",
    ]
