from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from drumspace.report.inputs import Inputs
from drumspace.report.sections import classes, classifiers, data, gaps, headline, sounds
from drumspace.taxonomy import CLASSES

Make = Callable[..., Inputs]


def test_rows_are_sorted_and_the_best_is_the_one_chosen_on_validation(make_inputs: Make) -> None:
    rows = classifiers.model_rows(make_inputs(best="cnn_spec"))
    assert [row["name"] for row in rows if row["state"] == "measured"] == ["svm", "cnn_spec"]
    assert [row["name"] for row in rows if row["best"]] == ["cnn_spec"]
    assert [row["name"] for row in rows if row["state"] == "not run"] == [
        "cnn14", "cnn14_dla", "resnest50", "resnet50", "cnn_raw_spec", "cnn_raw",
    ]  # fmt: skip


def test_a_model_stands_beside_the_thesis_row_of_its_name(make_inputs: Make) -> None:
    rows = {row["name"]: row for row in classifiers.model_rows(make_inputs())}
    assert rows["svm"]["thesis"] is None
    assert rows["cnn_spec"]["thesis"].precision == 0.73


def test_confusion_shares_are_of_the_true_class() -> None:
    counts = np.zeros((8, 8), int)
    counts[0, :2] = 15, 5
    counts[7, 0] = 1
    matrix = classifiers.confusion("svm", {"confusion": counts.tolist(), "accuracy": 0.7})
    assert matrix["n"] == 21
    assert [cell["share"] for cell in matrix["rows"][0][1]][:3] == [0.75, 0.25, 0.0]
    assert matrix["rows"][1][1][0]["share"] is None
    assert matrix["worst"] == ["tom classified as kick: 1 of 1", "kick classified as snare: 5 of 20"]


def test_verdict_ranks_only_intervals_that_do_not_overlap(make_inputs: Make) -> None:
    inputs = make_inputs()
    assert "overlap: neither can be called better" in classifiers.verdict(classifiers.model_rows(inputs))
    inputs.models["svm"]["accuracy_ci95"] = [0.95, 0.99]
    assert "do not overlap" in classifiers.verdict(classifiers.model_rows(inputs))


def test_an_unbalanced_test_part_gives_the_accuracy_of_the_most_frequent_class(make_inputs: Make) -> None:
    inputs = make_inputs()
    assert classifiers.context(inputs)["majority"] is None
    for model in inputs.models.values():
        model["confusion"][0][0] += 160
    assert classifiers.context(inputs)["majority"] == pytest.approx(180 / 320)


def test_chance_is_of_the_measured_classes(make_inputs: Make) -> None:
    assert classifiers.context(make_inputs(classes=["kick", "snare", "hat", "tom"]))["chance"] == 0.25


def test_parts_of_each_class_add_up(make_inputs: Make) -> None:
    section = classes.context(make_inputs())
    assert [name for name, _ in section["parts"]] == ["train", "validation", "test", "test_rest"]
    assert {tuple(row["counts"]) for row in section["rows"]} == {(6, 1, 1, 1)}
    assert section["totals"] == [48, 8, 8, 8]


def test_labelled_clips_of_no_part_are_counted_as_such(make_inputs: Make) -> None:
    inputs = make_inputs()
    inputs.splits.loc[inputs.splits["part"] == "test_rest", "part"] = "unlabelled"
    section = classes.context(inputs)
    assert [name for name, _ in section["parts"]] == ["train", "validation", "test", "out"]
    assert section["totals"][-1] == 8


def test_sources_are_used_skipped_or_empty(make_inputs: Make) -> None:
    section = data.context(make_inputs())
    assert {row["name"]: row["state"] for row in section["sources"]} == {
        "own": "empty", "foxdot": "used", "sonic-pi-samples": "skipped", "drum_machine": "used",
    }  # fmt: skip
    assert [row["name"] for row in section["skipped"]] == ["sonic-pi-samples"]
    assert section["sources"][1]["labelled"] == 72
    assert section["sources"][1]["licence"] == "CC-BY-SA-4.0"


def test_rejections_are_counted_by_reason() -> None:
    table = pd.DataFrame({"path": ["b", "a", "c"], "reason": ["silent", "silent", "empty"]})
    assert data.rejections(table) == [
        {"reason": "silent", "files": 2, "example": "a"}, {"reason": "empty", "files": 1, "example": "c"},
    ]  # fmt: skip
    assert data.rejections(table[:0]) == []


def test_chosen_sound_is_a_training_clip_of_typical_length(make_inputs: Make) -> None:
    catalog = make_inputs().catalog
    for label in CLASSES:
        row = catalog.loc[sounds.typical_row(catalog, label)]
        assert (row["label"], row["part"]) == (label, "train")
        assert row["seconds"] in (0.4, 0.45)  # the middle two of 0.30 to 0.55
    assert sounds.typical_row(catalog[catalog["part"] == "test"], "kick") is None


def test_chosen_sound_is_a_recorded_one_where_there_is_one(make_inputs: Make) -> None:
    catalog = make_inputs().catalog
    kicks = catalog.index[(catalog["label"] == "kick") & (catalog["part"] == "train")]
    catalog.loc[kicks[1:], "synthetic"] = True
    assert sounds.typical_row(catalog, "kick") == kicks[0]
    catalog.loc[kicks, "synthetic"] = True
    assert sounds.typical_row(catalog, "kick") in kicks


def test_choice_does_not_depend_on_the_order_of_rows(make_inputs: Make) -> None:
    catalog = make_inputs().catalog
    shuffled = catalog.sample(frac=1, random_state=1)
    assert sounds.typical_row(shuffled, "tom") == sounds.typical_row(catalog, "tom")


def test_gaps_name_missing_figures_with_their_reasons(make_inputs: Make) -> None:
    inputs = make_inputs(
        labels=("kick",),
        classes=["kick", "snare", "hat", "crash", "ride", "clap"],
        not_measured=[{"what": f"class {name}", "why": "too few clips"} for name in ("shaker", "tom")],
    )
    subjects = {gap["reason"]: gap["subject"] for gap in gaps.context(inputs)}
    assert subjects["too few clips"] == "class shaker, class tom"
    assert subjects["the training part has none"].startswith("a sound to play of snare, hat")
    assert subjects[inputs.sources["sonic-pi-samples"]["reason"]] == "sounds of sonic-pi-samples"
    assert subjects[inputs.sources["foxdot"]["remarks"][0]] == "parts of foxdot"
    assert gaps.NO_REASON not in subjects


def test_the_reason_of_the_split_comes_before_that_of_the_comparison(make_inputs: Make) -> None:
    inputs = make_inputs(not_measured=[{"what": "class clap", "why": "too few clips"}])
    inputs.split.update(
        not_measured=[{"what": "class clap", "why": "all in one kit"}], validation_lacks=["clap", "tom"]
    )
    subjects = {gap["reason"]: gap["subject"] for gap in gaps.context(inputs)}
    assert subjects["all in one kit"] == "class clap"
    assert "too few clips" not in subjects
    assert subjects["the validation part has no sound of that label"] == "validation of clap, tom"
    assert classifiers.context(inputs)["gaps"] == [{"subject": "class clap", "reason": "all in one kit"}]


def test_a_null_without_a_reason_is_a_gap_too(make_inputs: Make) -> None:
    subjects = {gap["reason"]: gap["subject"] for gap in gaps.context(make_inputs(models={"svm": {"accuracy": None}}))}
    assert subjects[gaps.NO_REASON] == "accuracy of svm"


def test_headline_follows_the_best_on_validation(make_inputs: Make) -> None:
    inputs = make_inputs(best="cnn_spec")
    head = headline.context(inputs)
    assert (head["best"], head["accuracy"]) == ("cnn_spec", inputs.models["cnn_spec"]["accuracy"])
    assert (head["sources"], head["skipped"], head["models"], head["chance"]) == (2, 1, 2, 0.125)


def test_headline_counts_trained_models_without_the_committee(make_inputs: Make) -> None:
    inputs = make_inputs(best="cnn_spec")
    inputs.models["committee"] = {**inputs.models["cnn_spec"], "weights": "mixed"}
    assert headline.context(inputs)["models"] == 2
    assert {row["name"]: row["weights"] for row in classifiers.model_rows(inputs)}["committee"] == "mixed"


def test_a_model_that_was_not_run_has_its_reason(make_inputs: Make) -> None:
    inputs = make_inputs()
    reason = "published weights absent (Cnn14_mAP=0.431.pth is not available: no network)"
    inputs.classifiers["not_run"] = {"cnn14": reason, "new_model": reason}
    rows = {row["name"]: row for row in classifiers.model_rows(inputs)}
    assert (rows["cnn14"]["state"], rows["cnn14"]["reason"]) == ("not run", reason)
    assert rows["new_model"]["thesis"] is None and rows["new_model"]["reason"] == reason
    assert rows["resnet50"]["reason"] == ""
