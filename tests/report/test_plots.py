"""Rows for `dvc plots` equal the figures of the metrics files."""

from collections import Counter
from collections.abc import Callable

from drumspace.report import plots
from drumspace.report.inputs import Inputs


def test_classifiers_stand_with_their_intervals(make_inputs: Callable[..., Inputs]) -> None:
    metrics = make_inputs().classifiers
    rows = {row["model"]: row for row in plots.classifiers(metrics)}
    for name, entry in metrics["models"].items():
        assert rows[name]["accuracy"] == entry["accuracy"]
        assert [rows[name]["low"], rows[name]["high"]] == entry["accuracy_ci95"]


def test_each_test_sound_of_the_best_model_is_a_row(make_inputs: Callable[..., Inputs]) -> None:
    metrics = make_inputs().classifiers
    counts = Counter((row["class"], row["predicted"]) for row in plots.confusion(metrics))
    confusion = metrics["models"][metrics["best"]]["confusion"]
    names = metrics["classes"]
    assert sum(counts.values()) == sum(map(sum, confusion)) > 0
    assert all(counts[names[i], names[j]] == n for i, row in enumerate(confusion) for j, n in enumerate(row))


def test_budgets_are_curves_by_feature_and_method(make_inputs: Callable[..., Inputs]) -> None:
    metrics = make_inputs().propagation
    rows = plots.budget(metrics)
    assert [row["accuracy"] for row in rows] == [row["accuracy"] for row in metrics["budget"]]
    assert rows[0]["curve"] == f"{metrics['budget'][0]['feature']}, {metrics['budget'][0]['method']}"


def test_an_entry_without_a_figure_has_no_row(make_inputs: Callable[..., Inputs]) -> None:
    metrics = make_inputs().synthesis
    assert {row["sounds"] for row in plots.sounds(metrics)} == {"floor", "drum_machine", "wavegan", "noise"}
    nothing = {"models": {}, "committee": None, "best": None, "classes": []}
    assert plots.classifiers(nothing) == [{"model": "not measured", "accuracy": None, "low": None, "high": None}]
    assert plots.confusion(nothing) == [{"class": "not measured", "predicted": "not measured"}]
    assert plots.budget({"budget": []}) == [{"labels": None, "accuracy": None, "curve": "not measured"}]
