"""The section on generated sounds presents the metrics of synthesis.json."""

import re
from collections.abc import Callable

import pytest

from drumspace.report.inputs import Inputs
from drumspace.report.page import render
from drumspace.report.sections import gaps, synthesis


@pytest.fixture
def page(make_inputs: Callable[..., Inputs]) -> str:
    html = render(make_inputs())
    match = re.search(r'<section id="synthesis".*?</section>', html, re.DOTALL)
    assert match
    return match.group()


def test_rows_are_in_the_order_of_their_distance(make_inputs: Callable[..., Inputs]) -> None:
    section = synthesis.context(make_inputs())
    assert [row["key"] for row in section["rows"]] == ["floor", "drum_machine", "wavegan", "noise"]
    assert [row["bound"] for row in section["rows"]] == [True, False, False, True]
    assert section["worst"] == 0.789
    assert [row["key"] for row in section["inversions"]] == ["griffin_lim", "mcnn"]


def test_figures_stand_with_interval_n_judge_and_failures(page: str) -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    text = re.sub(r"\s+", " ", text)
    assert "0.1230 (0.1130 to 0.1330)" in text
    assert "classifies 80 % of these real sounds correctly (70 % to 90 %)" in text
    assert "3 silent" in text
    assert "was trained from random weights" in text and "not &lt;there&gt;" in text
    assert "n 8 of 9" in text
    # A share of 100 sounds is given as their number.
    assert re.search(r'<td class="num">1</td>', page)


def test_sounds_are_played_and_those_of_no_class_apart(page: str) -> None:
    assert page.count("<audio") == 4  # three sounds, one of them made: with the training sound nearest to it
    assert page.count("<p>nearest training clip: ") == 1
    assert page.index("<h4>kick</h4>") < page.index("<h4>snare</h4>") < page.index("<h4>no class requested</h4>")


def test_the_head_names_the_generator_nearest_to_real_sounds(make_inputs: Callable[..., Inputs]) -> None:
    head = " ".join(re.sub(r"<[^>]+>", "", render(make_inputs()).split("</header>")[0]).split())
    assert "come from the drum machine, at a kernel distance of 0.123;" in head
    assert "; real sounds of the training kits have 0.004, noise has 0.789." in head


def test_training_and_stability_are_described(page: str) -> None:
    assert "841 k parameters (width 8, published 64) and was trained for 250 steps with batch size 8" in page
    assert "of 2 sets split into halves, 1 have halves" in page and "interval, all but noise (" in page


def test_a_set_beyond_noise_is_named(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs()
    assert synthesis.context(inputs)["beyond"] == []
    inputs.synthesis["wavegan"]["kernel_distance"] = 0.9
    assert "Sets with a larger kernel distance than noise: WaveGAN." in render(inputs)


def test_a_run_without_wavegan_or_a_class_inverted_once_is_shown(make_inputs: Callable[..., Inputs]) -> None:
    inputs = make_inputs()
    del inputs.synthesis["wavegan"]
    inputs.synthesis["trained"] = {}
    errors = inputs.synthesis["griffin_lim"]["reconstruction"]["all"]
    inputs.synthesis["griffin_lim"]["reconstruction"]["clap"] = errors
    inputs.synthesis["mcnn"]["reconstruction"] = {"all": errors, "kick": errors}
    page = render(inputs)
    assert "WaveGAN is unconditional" not in page
    assert synthesis.context(inputs)["inverted"] == ["kick", "clap"]


def test_a_run_without_evaluated_sounds_has_its_reason(make_inputs: Callable[..., Inputs]) -> None:
    empty = make_inputs()
    why = {"what": "generated sounds", "why": "2 real sounds are held out as a reference"}
    empty.synthesis.clear()
    empty.synthesis.update(judge={}, judges={}, not_measured=[why])
    assert "No generated sound was evaluated" in render(empty)
    assert any(gap["reason"] == why["why"] for gap in gaps.context(empty))


def test_what_a_set_lacks_stands_among_the_gaps(make_inputs: Callable[..., Inputs]) -> None:
    assert {"subject": "class agreement of wavegan", "reason": "it knows <no> classes"} in gaps.context(make_inputs())
