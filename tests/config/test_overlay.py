"""Overlays hold what differs from params.yaml; a merged file is complete, and faults name the overlay's line."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from drumspace.cli.main import main
from drumspace.config.overlay import Merged, Overlay, parse_assignment, read_overlay
from drumspace.config.root import Settings, parse_settings
from drumspace.dataset.sources.settings import AddressedSource
from drumspace.io.settings import ParamsError

ROOT = Path(__file__).parents[2]
BASE = """\
# head
training: &training   # shared
  steps: 10            # many
  rate: 0.1
  augment: {gain: 1, shift: 2}
models:
  small: {<<: *training, steps: 5}
  large: *training
  other: {<<: *training}
names: [a, b]
table:
  x: 1
  y: null
"""
SHIPPED = [["random_weights"], ["gpu"], ["corpus"], ["corpus", "synthesis"], ["free"]]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def overlay(folder: Path, text: str) -> Overlay:
    return read_overlay(write(folder / "overlay.yaml", text))


def merge(folder: Path, text: str) -> dict[str, Any]:
    return Merged(write(folder / "base.yaml", BASE), [overlay(folder, text)]).values()


def test_without_an_overlay_the_values_are_those_of_the_file(tmp_path: Path) -> None:
    assert Merged(write(tmp_path / "base.yaml", BASE)).values() == YAML(typ="safe").load(BASE)


def test_a_change_under_an_anchor_reaches_what_refers_to_it(tmp_path: Path) -> None:
    models = merge(tmp_path, "training: {steps: 20, augment: {gain: 3}}")["models"]
    assert [models[name]["steps"] for name in ("small", "large", "other")] == [5, 20, 20]
    assert all(model["augment"] == {"gain": 3, "shift": 2} for model in models.values())


def test_a_change_of_one_alias_leaves_the_others(tmp_path: Path) -> None:
    values = merge(tmp_path, "models: {large: {rate: 0.5}, small: {augment: {shift: 9}}}")
    assert values["models"]["large"] == {"steps": 10, "rate": 0.5, "augment": {"gain": 1, "shift": 2}}
    assert values["models"]["small"] == {"steps": 5, "rate": 0.1, "augment": {"gain": 1, "shift": 9}}
    assert values["training"] == values["models"]["other"] == YAML(typ="safe").load(BASE)["training"]


def test_a_list_and_a_null_replace_the_former_value(tmp_path: Path) -> None:
    values = merge(tmp_path, "names: [c]\ntable: {x: null, y: {z: 1}}")
    assert values["names"] == ["c"]
    assert values["table"] == {"x": None, "y": {"z": 1}}


def test_tags_replace_remove_and_add(tmp_path: Path) -> None:
    text = """
        table: !replace {}
        models:
          small: {steps: !remove }
          other: !remove
          huge: !like:small {rate: 2, augment: {gain: 7}}
        extra: !new 3
    """
    values = merge(tmp_path, text)
    assert values["table"] == {}
    assert values["extra"] == 3
    assert set(values["models"]) == {"small", "large", "huge"}
    assert values["models"]["small"]["steps"] == 10
    assert values["models"]["huge"] == {"steps": 10, "rate": 2, "augment": {"gain": 7, "shift": 2}}


def test_the_text_keeps_comments_and_anchors(tmp_path: Path) -> None:
    text = Merged(write(tmp_path / "base.yaml", BASE), [overlay(tmp_path, "training: {steps: 20}")]).text()
    assert text.startswith("# head\ntraining: &training   # shared\n  steps: 20            # many\n")
    assert "small: {<<: *training, steps: 5}" in text
    assert "y: null" in text


FAULTS = {
    "models: {smal: {steps: 3}}": "line 1: params.yaml has no key `models.smal`; did you mean `small`?",
    "\nunknown: 3": "line 2: params.yaml has no key `unknown`; there are training, models, names, table",
    "training: 3": "line 1: `training` is 3, but must be a mapping of steps, rate, augment",
    "training:\n  steps: {x: 1}": "line 2: `training.steps` is a mapping, but must be a value such as 10",
    "names: {a: 1}": "line 1: `names` is a mapping, but must be a value such as ['a', 'b']",
    "models:\n  other: {steps: !remove }": "line 2: `models.other.steps` comes from an anchor and cannot be removed",
    "table: !drop": "line 1: unknown tag !drop; the tags are !replace, !remove, !new and !like:KEY",
    "table: !new {}": "line 1: `table` is not new",
    "models: {huge: !like:tiny {}}": "line 1: `models.huge` is to be like `tiny`, which is not there; there are small",
    "names: [": "overlay.yaml is not valid YAML",
    "- 1": "overlay.yaml must hold a mapping",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_of_an_overlay_is_reported_with_its_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=re.escape(FAULTS[text])) as caught:
        merge(tmp_path, text)
    assert "overlay.yaml" in str(caught.value)


def settings(overlays: list[Overlay]) -> Settings:
    merged = Merged(ROOT / "params.yaml", overlays)
    return parse_settings(merged.values(), merged.position)


def test_a_wrong_value_is_reported_with_the_line_of_the_overlay(tmp_path: Path) -> None:
    with pytest.raises(ParamsError) as caught:
        settings([overlay(tmp_path, "classify:\n  training:\n    steps: fast\nsplit: {seed: -1}\n")])
    message = str(caught.value)
    assert "overlay.yaml, line 4: `split.seed` is -1" in message
    assert "line 3: `classify.training.steps` is 'fast'" in message
    assert "params.yaml" not in message


def test_a_renamed_key_of_an_overlay_is_reported_with_its_present_name(tmp_path: Path) -> None:
    message = r"overlay\.yaml, line 2: `wavegan\.critic_steps` is now called `wavegan\.discriminator_steps`: rename it"
    with pytest.raises(ParamsError, match=message):
        settings([overlay(tmp_path, "wavegan:\n  critic_steps: 3\n")])


@pytest.mark.parametrize("names", SHIPPED, ids="+".join)
def test_the_overlays_that_ship_are_valid(names: list[str]) -> None:
    settings([read_overlay(ROOT / f"params/{name}.yaml") for name in names])


@pytest.mark.parametrize("names", SHIPPED, ids="+".join)
def test_the_overlays_that_ship_hold_only_what_differs(names: list[str]) -> None:
    before = Merged(ROOT / "params.yaml", [read_overlay(ROOT / f"params/{name}.yaml") for name in names[:-1]]).values()
    tree = YAML(typ="rt").load((ROOT / f"params/{names[-1]}.yaml").read_text(encoding="utf-8"))
    pairs = [((), tree, before)]
    for location, changes, values in pairs:
        for key, change in changes.items():
            tagged = getattr(getattr(change, "tag", None), "value", None)
            if isinstance(change, dict) and not tagged:
                pairs.append(((*location, key), change, values[key]))
            elif not tagged and change == values[key]:
                # The overlay may change the anchor that this value comes from: without the key another value holds.
                without = read_overlay(ROOT / f"params/{names[-1]}.yaml")
                node = without.tree
                for part in location:
                    node = node[part]
                del node[key]
                former = [read_overlay(ROOT / f"params/{name}.yaml") for name in names[:-1]]
                value: Any = Merged(ROOT / "params.yaml", [*former, without]).values()
                for part in (*location, key):
                    value = value[part]
                assert change != value, f"{location} {key}"


def test_the_free_sources_are_optional_and_pinned_or_recorded() -> None:
    sources = settings([read_overlay(ROOT / "params/free.yaml")]).sources.root
    free = {name: source for name, source in sources.items() if isinstance(source, AddressedSource)}
    assert {name: source.kind for name, source in free.items()} == {
        "open-source-drumkit": "git",
        "oramics-sampled": "git",
        "muldjordkit": "git",
        "web-audio-samples": "git",
        "freesound-one-shots": "url",
    }
    assert all(source.optional and (source.licence or source.licence_files) for source in free.values())


def test_an_assignment_is_an_overlay_of_one_value() -> None:
    assert settings([parse_assignment("classify.training.steps=7")]).classify.training.steps == 7
    assert settings([parse_assignment("classify.run=[svm, cnn_spec, aisfx_cnn9, efficientnet_lite0]")]).classify.run[
        1:2
    ]
    for text, message in {
        "classify.training.steps": "write it as section.key=value",
        ".steps=3": "write it as section.key=value",
        "classify.training.stepps=3": "params.yaml has no key `classify.training.stepps`; did you mean `steps`",
        "classify.training.steps=fast": "--set classify.training.steps=fast: `classify.training.steps` is 'fast'",
        "classify.run=[": "is not valid YAML",
    }.items():
        with pytest.raises(ParamsError, match=re.escape(message)):
            settings([parse_assignment(text)])


def test_the_command_prints_complete_settings_or_writes_them(tmp_path: Path) -> None:
    options = ["params", "--params", str(ROOT / "params.yaml"), "--overlay", str(ROOT / "params/gpu.yaml")]
    result = CliRunner().invoke(main, [*options, "--set", "split.seed=3"])
    assert result.exit_code == 0
    assert YAML(typ="safe").load(result.stdout)["split"]["seed"] == 3
    out = tmp_path / "params.yaml"
    assert CliRunner().invoke(main, [*options, "--set", "split.seed=3", "--out", str(out)]).exit_code == 0
    assert out.read_text(encoding="utf-8") == result.stdout
    assert CliRunner().invoke(main, ["check", "--params", str(out)]).exit_code == 0


def test_the_command_ends_with_the_message_alone(tmp_path: Path) -> None:
    options = ["params", "--params", str(ROOT / "params.yaml"), "--overlay", str(tmp_path / "none.yaml")]
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 1
    assert "none.yaml does not exist: correct its name" in result.stderr
    assert not result.stdout
