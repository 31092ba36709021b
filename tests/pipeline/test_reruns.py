"""For each key of params.yaml: which stages re-run for it, as DVC sees it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import write_params
from dvc.dependency.param import ParamsDependency
from dvc.repo import Repo
from ruamel.yaml import YAML
from stages_of import ROOT

FEATURES = {"features@spec", "features@mel", "features@mfcc"}
NETWORKS = {"classify@cnn_spec", "classify@aisfx_cnn9"}
HEARD = {"pretrained_features"}
"""Stages that need the settings of aisfx_cnn9, whose trunk is built from them."""
MAPS = {"embed@mel", "embed@learned"}
JUDGES = {"judge@aisfx_cnn9"}
JUDGED = JUDGES | {"evaluate_synthesis"}
CLASSIFIERS = {"classify@svm"} | NETWORKS
VAES = {"train_vae@vae", "train_vae@sing"}
PRIORS = {"fit_priors@vae", "fit_priors@sing"}

# The stages that a change of a key itself sets off, besides `validate`, which checks the whole file; what depends
# on their outputs follows. The longest key that fits counts.
TABLE: dict[str, set[str]] = {
    "audio": {"fetch", "ingest", "report", "label_issues", "pretrained_features"} | CLASSIFIERS | JUDGED | VAES,
    "audio.sample_rate": {"fetch", "ingest", "report", "label_issues", "pretrained_features"}
    | FEATURES
    | CLASSIFIERS
    | JUDGED
    | VAES,
    "sources": {"fetch"},
    "sources.own.path": {"fetch", "ingest"},
    "ingest": {"ingest"},
    "ingest.level_dbfs": {"ingest"} | VAES,
    "ingest.duplicates": {"ingest", "evaluate_synthesis"},
    "split": {"split"},
    "features.spec": {"features@spec", "report"},
    "features.mel": {"features@mel", "report"},
    "features.mfcc": {"features@mfcc", "report"},
    "weights": {"weights"},
    "classify.run": {"compare_classifiers", "weights"},
    "classify.seed": CLASSIFIERS,
    # One YAML anchor is shared: what a network does not override, it shares with all, wherever it is changed.
    "classify.training": NETWORKS | HEARD | JUDGES,
    "classify.training.steps": {"classify@cnn_spec"},
    "classify.training.learning_rate": {"classify@cnn_spec"} | JUDGES,
    "classify.training.validate_every": {"classify@cnn_spec"},
    "classify.models.cnn_spec.training": NETWORKS | HEARD | JUDGES,
    "classify.models.cnn_spec.training.steps": {"classify@cnn_spec"},
    "classify.models.cnn_spec.training.learning_rate": {"classify@cnn_spec"} | JUDGES,
    "classify.models.cnn_spec.training.validate_every": {"classify@cnn_spec"},
    "classify.models.aisfx_cnn9.training.augment": NETWORKS | HEARD | JUDGES,
    "classify.models": set(),  # those that the tiny pipeline does not run
    "classify.models.svm": {"classify@svm", "label_issues"},
    "classify.models.cnn_spec": {"classify@cnn_spec"},
    "classify.models.aisfx_cnn9": {"classify@aisfx_cnn9"} | HEARD,
    "label_issues": {"label_issues"},
    "label_issues.listed": {"report"},
    "compare": {"compare_classifiers"},
    "networks.pretrained": {"pretrained_features"},
    "networks.learned": {"learned_features"},
    "embed": MAPS,
    "embed.features": {"compare_maps", "propagate"},
    "embed.umap": MAPS | {"propagate"},
    "propagate": {"propagate"},
    "judge": JUDGES,
    "judge.models.aisfx_cnn9.training.augment": NETWORKS | HEARD | JUDGES,
    "judge.run": {"evaluate_synthesis", "judge@1"},  # one name more: its own stage
    "wavegan": {"train_wavegan"},
    "mcnn": {"train_mcnn"},
    # Shared by YAML anchors, as the classifiers' are; some keys are their own.
    "vae.training": VAES,
    "vae.training.steps": {"train_vae@vae"},
    "vae.training.learning_rate": {"train_vae@vae"},
    "vae.training.terms.draws": {"train_vae@vae"},
    "vae.models.vae": {"train_vae@vae"},
    "vae.models.sing": {"train_vae@sing"},
    "vae.models.vae.terms": VAES,
    "vae.models.vae.terms.draws": {"train_vae@vae"},
    "vae.training.divergence.beta": {"train_vae@vae"},
    "vae.models.vae.divergence": VAES,
    "vae.models.vae.divergence.beta": {"train_vae@vae"},
    **{f"vae.models.{name}.augment": VAES for name in ("vae", "sing")},
    "vae.run": set(),  # the same ones, in another order
    "priors": PRIORS,
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


def changed_stages(clone: Path, key: str) -> set[str]:
    """Stages whose command or params differ from dvc.lock once `key` has another value.

    As DVC's own status says it (a test compares the two), but the params are read once, not once a stage.
    """
    with changed(clone, key) as tree, Repo(str(clone)) as repo:
        stages: Any = repo.index.stages
        found = {"validate"}  # it depends on the file as a whole
        for stage in stages:
            asked = [dep for dep in stage.deps if isinstance(dep, ParamsDependency)]
            locked = [
                (value_of(tree, name), (dep.hash_info.value or {}).get(name)) for dep in asked for name in dep.params
            ]
            # A path of a dependency may be a param too: one that the lock does not have has no hash.
            elsewhere = any(not dep.hash_info for dep in stage.deps)
            if stage.changed_stage() or elsewhere or any(now != then for now, then in locked):
                found.add(stage.addressing.split(":")[-1])
        return found


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
def test_exactly_the_stages_of_the_table_rerun(clone: Path, section: str) -> None:
    tree = YAML(typ="safe").load((clone / "params.yaml").read_text(encoding="utf-8"))
    keys = leaves(tree[section], section)
    for key in keys:
        assert changed_stages(clone, key) == expected(key) | {"validate"}, key
    assert status_of(clone, keys[-1]) == expected(keys[-1]) | {"validate"}
