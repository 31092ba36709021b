"""Section `details`: which details are given, which are off, and why."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from drumspace.report.inputs import Inputs
from drumspace.report.page import render
from drumspace.report.sections import details, gaps


@pytest.fixture
def inputs(make_inputs: Callable[..., Inputs]) -> Inputs:
    return make_inputs(labels=("hat",))


def test_a_detail_is_on_off_or_on_below_the_target(inputs: Inputs) -> None:
    section = details.context(inputs)
    assert section["given"] == ["closed hat", "open hat"]
    ((label, _, rows),) = section["classes"]
    assert label == "hat"
    assert [(row["name"], row["row"]["given"], row["below_target"]) for row in rows] == [
        ("closed", True, False), ("open", True, True), ("pedal", False, False),
    ]  # fmt: skip


def test_the_page_says_what_is_off_and_why(inputs: Inputs) -> None:
    page = render(inputs)
    section = page[page.index('id="details"') :]
    assert "It gives <b>closed hat, open hat</b>" in section
    assert "off: 2 clips &lt;get&gt; it" in section
    assert section.count("on, and less precise here than the target") == 1
    assert "No details of kicks: 5 folds need as many kits, and there are 3." in section
    assert {"subject": "details of kicks", "reason": "5 folds need as many kits, and there are 3"} in gaps.context(
        inputs
    )


def test_a_run_without_classifiers_has_the_reasons_alone(inputs: Inputs) -> None:
    page = render(replace(inputs, details={"hat": {"not_measured": [{"what": "details of hats", "why": "no hats"}]}}))
    assert "No details of hats: no hats." in page
    assert "Labeller</th>" not in page
