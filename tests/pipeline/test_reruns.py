"""For each key of params.yaml: which stages re-run for it, as DVC sees it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dvc.dependency.param import ParamsDependency
from dvc.repo import Repo
from ruamel.yaml import YAML
from small_pipeline import write_params
from stages_of import ROOT

FEATURES = {"features@spec", "features@mel", "features@mfcc"}
NETWORKS = {"classify@cnn_spec", "classify@aisfx_cnn9", "classify@resnet50"}
PRETRAINED = {"pretrained_features"}
"""Stages that need the settings of aisfx_cnn9, whose trunk is built from them."""
PREPARED = PRETRAINED | {"classify_detail", "label_issues"}
"""Stages besides the classifiers that read clips of the format in `audio`."""
MAPS = {"embed@mel", "embed@learned"}
JUDGES = {"judge@aisfx_cnn9"}
JUDGED = JUDGES | {"evaluate_synthesis"}
CLASSIFIERS = {"classify@svm"} | NETWORKS
VAEGANS = {"train_vaegan@vaegan"}
VAES = {"train_vae@vae", "train_vae@sing"} | VAEGANS
"""A VAE-GAN depends on the VAE that it starts from."""
PRIORS = {"fit_priors@vae", "fit_priors@sing", "fit_priors@vaegan"}

# The stages that a change of a key itself sets off, besides `validate`, which checks the whole file; what depends
# on their outputs follows. The longest key that fits counts.
TABLE: dict[str, set[str]] = {
    "audio": {"fetch", "ingest", "report"} | PREPARED | CLASSIFIERS | JUDGED | VAES,
    "audio.sample_rate": {"fetch", "ingest", "report"} | PREPARED | FEATURES | CLASSIFIERS | JUDGED | VAES,
    "sources": {"fetch"},
    "sources.own.path": {"fetch", "ingest"},
    "ingest": {"ingest"},
    "ingest.level_dbfs": {"ingest", "train_vae@vae", "train_vae@sing"},
    "ingest.duplicates": {"ingest", "evaluate_synthesis"},
    "split": {"split"},
    "features.spec": {"features@spec", "report"},
    "features.mel": {"features@mel", "report"},
    "features.mfcc": {"features@mfcc", "report"},
    "weights": {"weights"},
    "classify.run": {"compare_classifiers", "weights"},
    "classify.rejection": CLASSIFIERS,
    "classify.seed": CLASSIFIERS,
    # One YAML anchor is shared: what a network does not override, it shares with all, wherever it is changed.
    "classify.training": NETWORKS | PRETRAINED | JUDGES,
    "classify.training.steps": {"classify@cnn_spec"},
    "classify.training.batch_size": (NETWORKS | JUDGES) - {"classify@aisfx_cnn9"},
    "classify.training.learning_rate": {"classify@cnn_spec", "classify@resnet50"} | JUDGES,
    "classify.training.validate_every": {"classify@cnn_spec"},
    "classify.models.cnn_spec.training": NETWORKS | PRETRAINED | JUDGES,
    "classify.models.cnn_spec.training.steps": {"classify@cnn_spec"},
    "classify.models.cnn_spec.training.batch_size": (NETWORKS | JUDGES) - {"classify@aisfx_cnn9"},
    "classify.models.cnn_spec.training.learning_rate": {"classify@cnn_spec", "classify@resnet50"} | JUDGES,
    "classify.models.cnn_spec.training.validate_every": {"classify@cnn_spec"},
    "classify.models.aisfx_cnn9.training.augment": NETWORKS | PRETRAINED | JUDGES,
    "classify.models": set(),  # those that the tiny pipeline does not run
    "classify.models.svm": {"classify@svm", "classify_detail", "label_issues"},
    "classify.models.cnn_spec": {"classify@cnn_spec"},
    "classify.models.resnet50": {"classify@resnet50"},
    "classify.models.resnet50.training.augment": NETWORKS | PRETRAINED | JUDGES,
    "classify.models.aisfx_cnn9": {"classify@aisfx_cnn9"} | PRETRAINED,
    "detail": {"classify_detail"},
    "label_issues": {"label_issues"},
    "label_issues.report_rows": {"report"},
    "compare": {"compare_classifiers"},
    "networks.pretrained": {"pretrained_features"},
    "networks.learned": {"learned_features"},
    "embed": MAPS,
    "embed.features": {"compare_maps", "propagate"},
    "embed.umap": MAPS | {"propagate"},
    "propagate": {"propagate"},
    "judge": JUDGES,
    "judge.models.aisfx_cnn9.training.augment": NETWORKS | PRETRAINED | JUDGES,
    "judge.run": {"evaluate_synthesis", "judge@1"},  # one name more: its own stage
    "wavegan": {"train_wavegan"},
    "mcnn": {"train_mcnn"},
    # Shared by YAML anchors, as the classifiers' are; some keys are their own.
    "vae.training": VAES,
    "vae.training.steps": {"train_vae@vae"} | VAEGANS,
    "vae.training.learning_rate": {"train_vae@vae"} | VAEGANS,
    "vae.training.terms.num_renderings": {"train_vae@vae"} | VAEGANS,
    "vae.models.vae": {"train_vae@vae"} | VAEGANS,
    "vae.models.sing": {"train_vae@sing"},
    "vae.models.vae.terms": VAES,
    "vae.models.vae.terms.num_renderings": {"train_vae@vae"} | VAEGANS,
    "vae.training.kl.beta": {"train_vae@vae"} | VAEGANS,
    "vae.models.vae.kl": VAES,
    "vae.models.vae.kl.beta": {"train_vae@vae"} | VAEGANS,
    **{f"vae.models.{name}.augment": VAES for name in ("vae", "sing")},
    "vaegan": VAEGANS,
    **{f"vaegan.{section}.{name}": VAES for section in ("training", "models.vaegan") for name in ("terms", "kl")},
    **{
        f"vaegan.{section}.{name}": {"train_vae@vae"} | VAEGANS
        for section in ("training", "models.vaegan")
        for name in ("terms.num_renderings", "kl.beta")
    },
    "vaegan.run": {"train_vaegan@1"},  # one name more: its own stage
    "vae.run.vae": {"train_vae@vae"},  # another architecture
    "vae.run.sing": {"train_vae@sing"},
    "priors": PRIORS,
    "priors.vaes": set(),  # the same ones, in another order
    "synthesis": {"evaluate_synthesis"},
    "report": {"report"},
}


def leaves(tree: Any, prefix: str = "") -> list[str]:
    """Dotted names of all values that are no mappings."""
    if not isinstance(tree, dict) or not tree:
        return [prefix]
    return [leaf for key, value in tree.items() for leaf in leaves(value, f"{prefix}.{key}" if prefix else key)]


def expected(key: str) -> set[str]:
    """The table's row for a key."""
    rows = [row for row in TABLE if key == row or key.startswith(row + ".")]
    return TABLE[max(rows, key=len)]


def other(value: Any) -> Any:
    """A value of the same kind that differs."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return list(reversed(value)) if len(value) > 1 else [*value, *value, 1]
    return f"{value}x"


@contextmanager
def changed(clone: Path, key: str) -> Iterator[dict[str, Any]]:
    """The clone's params with another value for `key`, in its file and as a tree, for as long as the block runs."""
    path = clone / "params.yaml"
    text = path.read_text(encoding="utf-8")

    def change(params: Any) -> None:
        *parents, last = key.split(".")
        for parent in parents:
            params = params[parent]
        params[last] = other(params[last])

    try:
        write_params(path, change)
        yield YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    finally:
        path.write_text(text, encoding="utf-8")


def value_of(tree: Any, name: str) -> Any:
    """What stands at a dotted name."""
    for part in name.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


@dataclass(frozen=True)
class Locked:
    """A stage as dvc.yaml has it and dvc.lock knows it."""

    name: str
    params: dict[str, Any]
    """Values in the lock, by dotted name."""
    changed: bool
    """Whether its command differs from the lock's, or a dependency is one that the lock does not have."""


def locked_stages(clone: Path) -> list[Locked]:
    """All stages. A path of a dependency may be a param too: one that the lock does not have has no hash."""
    with Repo(str(clone)) as repo:
        stages: Any = repo.index.stages
        return [
            Locked(
                stage.addressing.split(":")[-1],
                {
                    name: (dep.hash_info.value or {}).get(name)
                    for dep in stage.deps
                    if isinstance(dep, ParamsDependency)
                    for name in dep.params
                },
                stage.changed_stage() or any(not dep.hash_info for dep in stage.deps),
            )
            for stage in stages
        ]


def is_interpolated(key: str) -> bool:
    """Whether dvc.yaml itself reads the key, `${key}`, or one above or below it: then its stages may be others."""
    names = set(re.findall(r"\$\{([a-z_.]+)\}", (ROOT / "dvc.yaml").read_text(encoding="utf-8")))
    return any(f"{key}.".startswith(f"{name}.") or f"{name}.".startswith(f"{key}.") for name in names)


def changed_stages(clone: Path, key: str, before: list[Locked]) -> set[str]:
    """Stages whose command or params differ from dvc.lock once `key` has another value; `before` without that.

    As DVC's own status reports it (a test compares the two), but DVC is queried only where dvc.yaml reads the key: that
    takes a second, and there are hundreds of keys.
    """
    with changed(clone, key) as tree:
        stages = {"validate"}  # it depends on the file as a whole
        for stage in locked_stages(clone) if is_interpolated(key) else before:
            if stage.changed or any(value_of(tree, name) != value for name, value in stage.params.items()):
                stages.add(stage.name)
        return stages


@pytest.fixture(scope="module")
def before(clone: Path) -> list[Locked]:
    """The clone's stages, with nothing changed."""
    return locked_stages(clone)


def status_of(clone: Path, key: str) -> set[str]:
    """The same, as `dvc status` says it."""
    with changed(clone, key), Repo(str(clone)) as repo:
        # Outside its own folder, DVC names a stage with the path of its file before it.
        return {name.split(":")[-1] for name in repo.status()}


def test_every_key_has_a_row() -> None:
    tree = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    missing = [key for key in leaves(tree) if not any(key == row or key.startswith(row + ".") for row in TABLE)]
    assert missing == []


@pytest.mark.parametrize("section", sorted({row.split(".")[0] for row in TABLE}))
def test_exactly_the_stages_of_the_table_rerun(clone: Path, before: list[Locked], section: str) -> None:
    tree = YAML(typ="safe").load((clone / "params.yaml").read_text(encoding="utf-8"))
    keys = leaves(tree[section], section)
    for key in keys:
        assert changed_stages(clone, key, before) == expected(key) | {"validate"}, key
    assert status_of(clone, keys[-1]) == expected(keys[-1]) | {"validate"}
