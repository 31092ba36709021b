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
        "clip_id": row["clip_id"], "label": "kick", "said": "tom", "confidence": 0.97, "agree": agree, "models": 2,
        "path": row["path"],
    }  # fmt: skip


def test_a_real_difference_is_marked_with_its_sign(make_inputs: Callable[..., Inputs]) -> None:
    section = context(make_inputs(pairs=PAIRS))
    assert section.names == ["svm", "cnn_spec"]
    (_, (nothing, ahead)), (_, (behind, _)) = section.rows
    assert nothing is None
    assert ahead and behind
    assert (ahead.text, behind.text) == ("+26", "-26")
    assert ahead.real and behind.real
    assert "svm alone was right on 30 sounds, cnn_spec alone on 4; adjusted p < .001" in ahead.title


def test_errors_can_be_heard_and_say_whom_to_doubt(make_inputs: Callable[..., Inputs]) -> None:
    plain = make_inputs()
    label = {
        "model": "svm", "abstain_below": 0.62, "precision": 0.951, "coverage": 0.8, "n": 120,
        "unheard": {"precision": 0.874, "coverage": 0.71, "n": 160},
    }  # fmt: skip
    inputs = make_inputs(pairs=PAIRS, label=label, confident_errors=[error(plain, 2), error(plain, 1)])
    section = context(inputs)
    assert [mistake.doubt for mistake in section.mistakes] == ["the label, perhaps", "the model, perhaps"]
    page = render(inputs)
    assert page.count(section.mistakes[0].audio) == render(plain).count(section.mistakes[0].audio) + 2
    assert "gives no label below a confidence of\n0.62" in page
    assert "80 %, and 95 % of its answers are right" in page
    assert "right. That confidence was chosen on these sounds; on unheard ones (n 160) it answers for 71 %, and" in page
    assert "87 % of those answers are right" in page
    open_ = render(make_inputs(label={**label, "abstain_below": None}))
    assert "leaves every label open" in open_


def test_weights_that_could_not_be_had_are_said_beside_the_name(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs()
    inputs.classifiers["models"]["cnn_spec"]["weights_reason"] = "x.pth can't be had: no network"
    page = render(inputs)
    assert page.count("weights: random</span>") == 1
    assert "random, not pretrained" in page


def test_labels_in_doubt_are_listed_with_what_they_may_be(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs()
    first = inputs.catalog[["path", "label", "clip_id"]].head(1)
    page = render(dataclasses.replace(inputs, doubted=first.assign(suggested="tom", quality=0.012)))
    assert "asked about each of the 48 training sounds" in page
    assert "labelled <b>kick</b>, perhaps <b>tom</b>" in page
    assert page.count("data:audio/flac") == render(inputs).count("data:audio/flac") + 1


def test_macro_figures_stand_with_their_intervals(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs()
    low, high = inputs.classifiers["models"]["svm"]["precision_ci95"]
    assert f"<small>{low:.2f}–{high:.2f}</small>" in render(inputs)
