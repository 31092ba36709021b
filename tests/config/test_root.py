"""What can be wrong with params.yaml as a whole is said with its line, before any stage works."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from drumspace.config.root import check
from drumspace.io.settings import ParamsError

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


@pytest.mark.parametrize(
    "file", ["params.yaml", "params.corpus.yaml", "params.corpus.synthesis.yaml", "params.gpu.yaml"]
)
def test_the_files_that_ship_are_sound(file: str) -> None:
    check(ROOT / file)


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
    "method of labels": (lambda p: p["propagate"]["labels"].update(method="guess"), "`guess` is not in propagate.meth"),
    "no such map": (table(spaces={"mel": ["umap_3"]}), "there is no umap_3: embed.dims lists 2"),
    "not mapped": (lambda p: p["embed"].update(features=["mel"]), "`spec` is not in embed.features"),
    "learned": (table(spaces={"learned": ["pca"]}), "`learned` has heard labels"),
    "no feature": (table(spaces={"cqt": ["pca"]}), "`cqt` is no feature"),
    "fused": (table(spaces={"fused": ["umap_2"]}), "`fused` has the space `full` alone"),
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
        "`vae` has no priors, which VAE-GANs begin with: add it to priors.vaes",
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
        "`vaegan.models.vaegan.discriminators.multi_resolution_stft.width`",
    ),
    "a batch of one": (
        lambda p: p["vaegan"]["models"]["vaegan"].update(batch_size=1),
        "`vaegan.models.vaegan.batch_size`",
    ),
    "a second stage without its first": (
        lambda p: p["vaegan"]["models"]["vaegan"].update(warm_start=False),
        "two_stage goes on from a trained VAE",
    ),
    "share": (table(labelled_shares=[1.0]), "a share lies between 0 and 1"),
    "neighbours": (table(k=[0]), "at least 1 neighbour"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_named_with_its_line(case: str, tmp_path: Path) -> None:
    change, said = CASES[case]
    with pytest.raises(ParamsError, match=re.escape(said)) as caught:
        check(changed(tmp_path, change))
    assert re.search(r"line \d+", str(caught.value))
