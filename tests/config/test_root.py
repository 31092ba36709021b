"""Faults of params.yaml are reported with file, line and remedy before any stage runs."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from drumspace.config.renamed import renamed_keys
from drumspace.config.root import read_settings
from drumspace.io.settings import ParamsError, read_yaml

ROOT = Path(__file__).parents[2]
Change = Callable[[Any], None]


def changed(folder: Path, change: Change) -> Path:
    yaml = YAML(typ="rt")
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    change(params)
    path = folder / "params.yaml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(params, file)
    return path


def test_params_yaml_is_valid() -> None:
    read_settings(ROOT / "params.yaml")


def table(**changes: Any) -> Change:
    return lambda params: params["propagate"]["tables"]["thesis"].update(changes)


CASES: dict[str, tuple[Change, str]] = {
    "model": (lambda p: p["classify"]["run"].append("cnn15"), "there is no model `cnn15`; classify.run can name"),
    "doubter": (lambda p: p["label_issues"].update(model="cnn15"), "label_issues.model can name svm"),
    "network": (lambda p: p["networks"].update(learned="cnn15"), "`cnn15` is not in classify.run; networks.learned"),
    "section": (lambda p: p.update(manifolds={}), "unknown section `manifolds`"),
    "no method": (lambda p: p["propagate"]["methods"].update(guess={}), "`guess` is no method; there are bubble"),
    "settings": (lambda p: p["propagate"]["methods"]["bubble"].update(radius=0), "`propagate.methods.bubble.radius`"),
    "unlisted method": (table(methods=["thesis", "guess"]), "`guess` is not in propagate.methods"),
    "method of labels": (
        lambda p: p["propagate"]["labels"].update(methods=["guess"]),
        "`guess` is not in propagate.meth",
    ),
    "no such map": (table(spaces={"mel": ["umap_3"]}), "there is no umap_3: embed.dims lists 2"),
    "not mapped": (lambda p: p["embed"].update(features=["mel"]), "`spec` is not in embed.features"),
    "learned": (table(spaces={"learned": ["pca"]}), "`learned` can't be in a table"),
    "no feature": (table(spaces={"cqt": ["pca"]}), "`cqt` is no feature"),
    "fused": (table(spaces={"fused": ["umap_2"]}), "`fused` has only the space `full`"),
    "single files": (
        table(spaces={"fused_single": ["full"], "fused": ["full"]}),
        "a table with `fused_single` has no other feature",
    ),
    "no VAE": (lambda p: p["vae"]["run"].update(vaes="sing"), "there is no VAE `vaes`; vae.run can name vae, sing"),
    "no architecture": (
        lambda p: p["vae"]["run"].update(vae="rnn"),
        "`rnn` is no architecture; there are istft, sing",
    ),
    "network of another architecture": (
        lambda p: p["vae"]["run"].update(vae="sing"),
        "`vae.models.vae.network",
    ),
    "baseline's name": (
        lambda p: p["vae"]["models"].update(wavegan=p["vae"]["models"]["vae"]),
        "`wavegan` is the name of a baseline",
    ),
    "no prior": (lambda p: p["priors"]["models"].update(guess={}), "`guess` is no prior; there are flow, mixture"),
    "prior's settings": (
        lambda p: p["priors"]["models"]["mixture"].update(components=0),
        "`priors.models.mixture.components`",
    ),
    "unlisted prior": (lambda p: p["priors"].update(default="guess"), "`default` names guess, and models has normal"),
    "no generator": (
        lambda p: p["synthesis"]["generators"].append("vaes"),
        "no generator `vaes`; synthesis.generators can name drum_machine, wavegan, vae, sing, vaegan",
    ),
    "generator without a prior": (
        lambda p: p["priors"].update(vaes=["vae", "sing"]),
        "no generator `vaegan`; synthesis.generators can name drum_machine, wavegan, vae, sing.",
    ),
    "prior of no VAE": (
        lambda p: p["priors"]["vaes"].append("wavegan"),
        "no VAE `wavegan`; priors.vaes can name vae, sing",
    ),
    "no VAE-GAN": (lambda p: p["vaegan"]["run"].append("gan"), "no VAE-GAN `gan`; vaegan.run can name vaegan"),
    "no VAE to start from": (
        lambda p: p["vaegan"].update(starts_from="gan"),
        "`gan` is not trained: vaegan.starts_from can name vae, sing",
    ),
    "VAE without priors to start from": (
        lambda p: p["priors"].update(vaes=["sing"]),
        "`vae` has no priors, which VAE-GANs need: add it to priors.vaes",
    ),
    "VAE's name": (
        lambda p: p["vaegan"]["models"].update(sing=p["vaegan"]["models"]["vaegan"]),
        "`sing` is the name of another generator",
    ),
    "no discriminator": (
        lambda p: p["vaegan"]["training"]["discriminators"].update(ear={}),
        "`ear` is no discriminator; there are multi_period, multi_resolution_stft, multi_scale, wavegan",
    ),
    "discriminator's settings": (
        lambda p: p["vaegan"]["training"]["discriminators"]["multi_resolution_stft"].update(width=0),
        "`vaegan.training.discriminators.multi_resolution_stft.width` is 0",
    ),
    "a batch of one": (
        lambda p: p["vaegan"]["models"]["vaegan"].update(batch_size=1),
        "`vaegan.models.vaegan.batch_size`",
    ),
    "a second stage without its first": (
        lambda p: p["vaegan"]["models"]["vaegan"].update(warm_start=False),
        "`vaegan.models.vaegan`: two_stage starts from a trained VAE",
    ),
    "form of the KL term": (
        lambda p: p["vae"]["training"]["kl"].update(kind="free_nats"),
        "`vae.training.kl.kind` is 'free_nats': use one of 'beta', 'cyclic', 'free_bits', 'capacity'",
    ),
    "setting of another form of the KL term": (
        lambda p: p["vae"]["training"]["kl"].update(kind="cyclic"),
        "`vae.training.kl.cycles` is missing",
    ),
    "share": (table(labelled_shares=[1.0]), "a share lies between 0 and 1"),
    "neighbours": (table(k=[0]), "at least 1 neighbour"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_reported_with_its_line(case: str, tmp_path: Path) -> None:
    change, message = CASES[case]
    with pytest.raises(ParamsError, match=re.escape(message)) as caught:
        read_settings(changed(tmp_path, change))
    assert re.search(r"params\.yaml, line \d+: ", str(caught.value))


def test_all_faults_are_reported_at_once_and_those_of_an_anchor_once(tmp_path: Path) -> None:
    def change(params: Any) -> None:
        params["classify"]["training"]["steps"] = 0
        params["ingest"]["level_dbfs"] = 3

    with pytest.raises(ParamsError) as caught:
        read_settings(changed(tmp_path, change))
    message = str(caught.value)
    assert "`ingest.level_dbfs` is 3" in message
    assert message.count(".training.steps` is 0") == 1
    assert message.count("params.yaml") == 1
    lines = (tmp_path / "params.yaml").read_text(encoding="utf-8").splitlines()
    number = int(re.search(r"line (\d+): `classify.training.steps`", message).group(1))  # type: ignore[union-attr]
    assert lines[number - 1].strip().startswith("steps: 0")


def test_a_misspelled_key_comes_with_the_nearest_one(tmp_path: Path) -> None:
    def change(params: Any) -> None:
        params["split"]["test_pre_class"] = params["split"].pop("test_per_class")

    with pytest.raises(ParamsError, match=r"unknown key `split\.test_pre_class`.*did you mean `test_per_class`\?"):
        read_settings(changed(tmp_path, change))


def test_settings_of_a_source_are_those_of_its_kind(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"line \d+: unknown key `sources\.own\.sha256`"):
        read_settings(changed(tmp_path, lambda params: params["sources"]["own"].update(sha256={})))
    with pytest.raises(ParamsError, match=r"`sources\.own\.kind` is 'folders': use one of 'folder', 'pip'"):
        read_settings(changed(tmp_path, lambda params: params["sources"]["own"].update(kind="folders")))
    with pytest.raises(ParamsError, match=r"`sources\.own\.kind` is missing"):
        read_settings(changed(tmp_path, lambda params: params["sources"]["own"].pop("kind")))


def find(values: Any, pattern: list[str]) -> Iterator[list[str]]:
    """Keys in nested settings that match a dotted pattern, in which `*` is any name."""
    if not pattern:
        yield []
    for name in values if pattern and isinstance(values, dict) else ():
        if pattern[0] in ("*", name):
            yield from ([name, *rest] for rest in find(values[name], pattern[1:]))


def rename_back(values: dict[str, Any], former: str, present: str) -> None:
    """Move the first value that `present` matches to its former key."""
    path = next(find(values, present.split(".")))
    stars = iter([name for name, part in zip(path, present.split("."), strict=True) if part == "*"])
    node: Any = values
    for name in path[:-1]:
        node = node[name]
    value = node.pop(path[-1])
    *parents, key = [next(stars) if part == "*" else part for part in former.split(".")]
    node = values
    for name in parents:
        node = node.setdefault(name, {})
    node[key] = value


@pytest.mark.parametrize(("former", "present"), renamed_keys().items())
def test_a_renamed_key_is_reported_with_its_present_name(former: str, present: str, tmp_path: Path) -> None:
    values = read_yaml(ROOT / "params.yaml")
    rename_back(values, former, present)
    path = tmp_path / "params.yaml"
    YAML(typ="safe").dump(values, path)
    with pytest.raises(ParamsError) as caught:
        read_settings(path)
    key, name = former.rpartition(".")[2], present.rpartition(".")[2]
    assert re.search(rf"line \d+: `[\w.]*\.{key}` is now called `[\w.]*\.{name}`: rename it", str(caught.value))
    assert "is missing" not in str(caught.value)
