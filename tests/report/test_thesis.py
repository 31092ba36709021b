import pytest

from drumspace.report.thesis import thesis_rows, wilson


def test_every_row_of_table_7_1() -> None:
    accuracies = {name: row.accuracy for name, row in thesis_rows().items()}
    assert accuracies == {
        "cnn_raw": 0.52,
        "cnn_spec": 0.61,
        "cnn_raw_spec": 0.74,
        "resnet50": 0.79,
        "resnest50": 0.86,
        "cnn14": 0.86,
        "cnn14_dla": 0.86,
    }
    assert {row.n for row in thesis_rows().values()} == {160}


def test_wilson_against_published_values() -> None:
    """Newcombe 1998, table I: 81 of 263 and 0 of 20."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_the_thesis_best_is_uncertain_by_five_points() -> None:
    low, high = thesis_rows()["resnest50"].interval
    assert (high - low) / 2 == pytest.approx(0.054, abs=0.002)
