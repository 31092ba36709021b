import dataclasses
from collections.abc import Callable
from typing import Any

from drumspace.report.inputs import Inputs
from drumspace.report.page import render
from drumspace.report.sections.differences import context

PAIRS = {
    "n": 160,
    "rows": [
        {"first": "cnn_spec", "second": "svm", "only_first": 4, "only_second": 30, "p": 1e-5, "p_holm": 2e-5},
    ],
}


def error(inputs: Inputs, agree: int) -> dict[str, Any]:
    row = inputs.catalog.iloc[3]
    return {
        "clip_id": row["clip_id"], "label": "kick", "predicted": "tom", "confidence": 0.97, "agree": agree, "models": 2,
        "path": row["path"],
    }  # fmt: skip


def test_a_significant_difference_is_marked_with_its_sign(make_inputs: Callable[..., Inputs]) -> None:
    section = context(make_inputs(pairs=PAIRS))
    assert section["names"] == ["svm", "cnn_spec"]
    (_, (diagonal, lead)), (_, (lag, _)) = section["rows"]
    assert diagonal is None
    assert lead and lag
    assert (lead["text"], lag["text"]) == ("+26", "-26")
    assert lead["significant"] and lag["significant"]
    assert "only svm was right on 30 sounds, only cnn_spec on 4; adjusted p < .001" in lead["title"]


def test_confident_errors_have_their_sound_and_a_suspect(make_inputs: Callable[..., Inputs]) -> None:
    plain = make_inputs()
    label = {
        "model": "svm", "target_precision": 0.9, "precision": 0.951, "coverage": 0.8, "n": 120,
        "thresholds": {"svm": {"kick": 0.62, "snare": 0.71}},
        "unseen": {"precision": 0.874, "coverage": 0.71, "n": 160, "others_abstained": 0.83, "n_other": 40},
    }  # fmt: skip
    inputs = make_inputs(pairs=PAIRS, label=label, confident_errors=[error(plain, 2), error(plain, 1)])
    section = context(inputs)
    assert [mistake["suspect"] for mistake in section["mistakes"]] == [
        "the label may be wrong",
        "the model may be wrong",
    ]
    page = render(inputs)
    assert page.count(section["mistakes"][0]["audio"]) == render(plain).count(section["mistakes"][0]["audio"]) + 2
    assert "abstains below a confidence of 0.62 to 0.71" in page
    assert "it labels 80 %, and 95 % of these labels are right" in page
    assert "On 83\xa0% of the 40 drums of none of the classes in these kits it abstains." in page
    assert "On sounds of unseen kits (n 160) it labels 71 %, and 87 % of these labels are right." in page
    undecided = render(make_inputs(label={**label, "thresholds": {"svm": None}}))
    assert "gives no label, only its best guess" in undecided


def test_missing_published_weights_are_marked_next_to_the_name(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs()
    inputs.classifiers["models"]["cnn_spec"]["weights_reason"] = "x.pth is not available: no network"
    page = render(inputs)
    assert page.count("weights: random</span>") == 1
    assert "random, not pretrained" in page


def test_labels_in_doubt_are_listed_with_the_suggested_label(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs()
    first = inputs.catalog[["path", "label", "clip_id"]].head(1)
    page = render(dataclasses.replace(inputs, doubted=first.assign(suggested="tom", quality=0.012)))
    assert "classified each of the 48 training sounds" in page
    assert "labelled <b>kick</b>, perhaps <b>tom</b>" in page
    assert page.count("data:audio/flac") == render(inputs).count("data:audio/flac") + 1


def test_macro_figures_have_their_intervals(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs()
    low, high = inputs.classifiers["models"]["svm"]["precision_ci95"]
    assert f"<small>{low:.2f}–{high:.2f}</small>" in render(inputs)
