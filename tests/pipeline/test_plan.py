"""The plan that a first run prints, against dvc.yaml."""

from pathlib import Path

import pytest
from stages_of import ROOT, expanded

from _lib import plan


def test_the_plan_lists_the_stages_of_dvc_yaml() -> None:
    stages = expanded()
    assert {step.name for step in plan.STEPS} == {name.partition("@")[0] for name in stages}
    outs = [out for stage in stages.values() for out in stage.outs]
    for step in plan.STEPS:
        listed = any(out == step.result or out.startswith(f"{step.result}/") for out in outs)
        assert listed or any(step.result.startswith(f"{out}/") for out in outs) or (ROOT / step.result).exists(), step


def test_a_first_run_prints_its_stages_and_a_later_one_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "TIMINGS", tmp_path / "timings.json")
    lines = plan.describe().splitlines()
    assert len(lines) == len(plan.STEPS) + 1
    assert lines[0].startswith("A first run takes about ")
    (tmp_path / "timings.json").write_text('{"split": {"all": {"seconds": 100}}, "embed": {"a": {"seconds": 20}}}')
    assert plan.describe() == "All stages together took 2 min here; DVC runs those whose inputs have changed."
