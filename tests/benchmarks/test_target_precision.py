"""The simulation of thresholds on other kits."""

import numpy as np

from benchmarks.classify.leave_sources_out import selective
from benchmarks.classify.target_precision import by_class, point_estimate, simulate
from drumspace.classify.evaluation.labeller_rows import LabellerRows
from drumspace.taxonomy import CLASSES


def rows(kits: int = 160, size: int = 15) -> LabellerRows:
    """Predictions whose errors are correlated within kits."""
    rng = np.random.default_rng(0)
    kit = np.repeat(np.arange(kits), size)
    odds = rng.normal(2.5, 2, len(kit))
    correct = rng.random(len(kit)) < 1 / (1 + np.exp(-(odds + rng.normal(0, 1.5, kits)[kit])))
    predicted = rng.integers(0, 8, len(kit))
    truth = np.where(correct, predicted, (predicted + 1) % 8)
    return LabellerRows(truth, predicted, 1 / (1 + np.exp(-odds)), kit.astype(str))


def test_the_bound_keeps_the_precision_more_often_than_the_point_estimate() -> None:
    bound, point = simulate(by_class, rows(), 40), simulate(point_estimate, rows(), 40)
    assert bound["kept"] >= 0.9 > point["kept"]
    assert bound["coverage_mean"] < point["coverage_mean"]
    assert (bound["kits"], bound["repeats"], point["without_threshold"]) == (160, 40, 0)


def test_a_rule_without_a_threshold_keeps_the_precision_by_labelling_nothing() -> None:
    figures = simulate(lambda half: None, rows(), 5)
    assert (figures["kept"], figures["without_threshold"], figures["precision_mean"]) == (1.0, 1.0, None)


def test_thresholds_of_a_fold_are_chosen_on_its_validation_kits() -> None:
    import pandas as pd

    each = rows()
    table = pd.DataFrame((1 - each.confidence)[:, None] / 7 * np.ones((1, 8)), columns=list(CLASSES))
    for number, label in enumerate(CLASSES):
        table.loc[each.predicted == number, label] = each.confidence[each.predicted == number]
    table = table.assign(truth=each.truth, kit=each.kits, none=0.0)
    table["part"] = np.where(each.kits.astype(int) < 100, "validation", "test")
    figures = selective({0: table})
    assert figures["folds_without_threshold"] == 0
    assert figures["precision"] is not None and figures["precision"] > 0.92
    assert figures["n"] == 60 * 15 and figures["n_other"] == 0
    # Another truth of the tested clips changes no choice.
    table.loc[table["part"] == "test", "truth"] = -1
    assert selective({0: table})["others_abstained"] == 1 - figures["coverage"]
