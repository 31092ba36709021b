"""Manifests of weights: the file that a model starts from, or the reason for random weights."""

from pathlib import Path
from typing import Any

import pytest

from drumspace.classify.weights import manifest as module
from drumspace.classify.weights.find import Missing
from drumspace.classify.weights.manifest import absence, manifests, or_random
from drumspace.classify.weights.settings import WeightsParams
from drumspace.errors import UserError


def params(**changes: Any) -> WeightsParams:
    return WeightsParams.model_validate({"policy": "random", "random": [], "folder": None, "network": True, **changes})


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the files searched for; only the one of aisfx is there."""
    ids: list[str] = []

    def find(row: Any, folder: Path | None, cache: Path, downloads: Path | None) -> tuple[Path, str]:
        ids.append(row.id)
        if row.id != "aisfx":
            raise Missing("no network")
        return cache / row.file, row.sha256

    monkeypatch.setattr(module, "find", find)
    return ids


def test_a_manifest_has_the_weights_of_a_model_and_the_reason(searched: list[str], tmp_path: Path) -> None:
    names = ["svm", "aisfx_cnn9", "cnn14", "cnn14_dla", "resnet50"]
    contents = manifests(names, params(random=["resnet50"]), tmp_path, tmp_path)
    assert contents["svm"] == {"weights": "random", "reason": "trained from scratch"}
    assert contents["resnet50"] == {"weights": "random", "reason": "asked for by weights.random"}
    assert contents["aisfx_cnn9"]["weights"] == "sfx"
    assert len(contents["aisfx_cnn9"]["sha256"]) == 64
    assert contents["cnn14"] == {"weights": "random", "reason": "Cnn14_mAP=0.431.pth is not available: no network"}
    assert contents["cnn14_dla"]["reason"] == "Cnn14_DecisionLevelAtt_mAP=0.425.pth is not available: no network"
    assert sorted(searched) == ["aisfx", "cnn14", "cnn14-decision-level-att"]


def test_a_model_without_its_file_is_skipped_with_the_reason(searched: list[str], tmp_path: Path) -> None:
    contents = manifests(["svm", "aisfx_cnn9", "cnn14"], params(policy="skip"), tmp_path, tmp_path)
    assert [absence(contents[name]) for name in ("svm", "aisfx_cnn9")] == [None, None]
    assert absence(contents["cnn14"]) == "published weights absent (Cnn14_mAP=0.431.pth is not available: no network)"
    # or_random keeps the reason.
    assert or_random(contents["cnn14"]) == {"weights": "random", "reason": contents["cnn14"]["reason"]}
    assert or_random(contents["aisfx_cnn9"]) == contents["aisfx_cnn9"]


def test_a_required_file_that_is_missing_is_an_error(searched: list[str], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cnn14 needs Cnn14_mAP=0.431.pth .* run `make weights`, or set"):
        manifests(["cnn14"], params(policy="required"), tmp_path, tmp_path)
