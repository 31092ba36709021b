"""Second-level classifiers of sounds with names: examples, training, and reasons why there is none."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.details.examples import NEITHER, examples_of
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.details.train import train_detail
from drumspace.classify.networks import registry
from drumspace.errors import UserError

AUDIO = AudioParams(sample_rate=8000, seconds=0.25, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)
PARAMS = DetailParams(
    model="svm", folds=4, unseen="source", seed=0, target_precision=0.9, min_precision=0.8, min_clips=10, resamples=200
)
SVM: dict[str, Any] = {
    "splits": 1,
    "folds": 0,
    "mel": {"n_fft": 256, "hop_length": 128, "floor_db": -80, "n_mels": 16, "fmin": 20, "fmax": None},
    **{"n_mfcc": 8, "segments": 4, "components": 20, "c": 10},
}
KITS, PER_KIT = 12, 4


def hats(decays: dict[str, float], kits: int = KITS) -> tuple[pd.DataFrame, np.ndarray]:
    """Catalogue and clips of hats: noise that decays (1/s) by its detail, in every kit alike."""
    rng = np.random.default_rng(0)
    time = np.arange(AUDIO.num_samples) / AUDIO.sample_rate
    rows, waves = [], []
    for kit in range(kits):
        for _ in range(PER_KIT):
            for detail, decay in decays.items():
                noise = rng.standard_normal(len(time)) * np.exp(-decay * rng.uniform(0.9, 1.1) * time)
                waves.append((noise / np.abs(noise).max() * 30000).astype(np.int16))
                rows.append({"label": "hat", "detail": detail, "kit": f"kit {kit}", "synthetic": False})
    catalog = pd.DataFrame(rows).assign(source="one source")
    return catalog.assign(duplicate_group=np.arange(len(catalog))), np.stack(waves)


def train(catalog: pd.DataFrame, waves: np.ndarray, **changes: Any) -> Any:
    settings = registry.settings_type("svm").model_validate(SVM)
    params = PARAMS.model_copy(update=changes)
    return train_detail("hat", settings, AUDIO, catalog, waves.__getitem__, params)


def test_examples_are_named_real_clips_and_kicks_without_a_detail_are_neither() -> None:
    catalog = pd.DataFrame(
        [
            ("hat", "open", "a", False), ("hat", None, "a", False), ("hat", "closed", "b", True),
            ("kick", "808", "a", False), ("kick", None, "b", False), ("snare", None, "b", False),
        ],
        columns=["label", "detail", "kit", "synthetic"],
    ).assign(duplicate_group=[0, 1, 2, 3, 3, 5], source="one source")  # fmt: skip
    hat, kick = examples_of(catalog, "hat", PARAMS), examples_of(catalog, "kick", PARAMS)
    assert [hat.names[each] for each in hat.labels] == ["open"]
    assert hat.clips.index.tolist() == [0]
    assert [kick.names[each] for each in kick.labels] == ["808", NEITHER]
    assert kick.clips.index.tolist() == [3, 4]
    assert len(set(kick.groups)) == 1  # near-duplicates join their kits
    assert [kick.names[each] for each in kick.details] == ["808", "acoustic"]
    assert [hat.names[each] for each in hat.details] == ["closed", "open", "pedal"]


def test_sources_are_held_out_where_there_are_as_many_as_folds() -> None:
    catalog, _ = hats({"closed": 60.0, "open": 6.0})
    for sources, unit, groups in ((3, "kit", KITS), (4, "source", 4)):
        named = catalog.assign(source=catalog["kit"].str.removeprefix("kit ").astype(int) % sources)
        examples = examples_of(named, "hat", PARAMS)
        assert (examples.unit, len(np.unique(examples.groups))) == (unit, groups)
        assert examples_of(named, "hat", PARAMS.model_copy(update={"unseen": "kit"})).unit == "kit"
    copies = named.assign(duplicate_group=named["source"].clip(lower=1))  # two of the four sources have the same sound
    assert examples_of(copies, "hat", PARAMS).unit == "kit"


def test_details_that_differ_in_sound_are_learned() -> None:
    trained = train(*hats({"closed": 60.0, "open": 6.0}))
    assert trained.model is not None
    assert trained.figures["precision"] > 0.95
    assert trained.figures["coverage"] > 0.9
    assert trained.figures["n"] == 2 * KITS * PER_KIT
    assert (trained.figures["kits"], trained.figures["sources"], trained.figures["unseen"]) == (KITS, 1, "kit")
    assert trained.config["thresholds"]["pedal"] is None
    assert trained.figures["details"]["open"]["given"] and trained.figures["details"]["open"]["why_not"] is None
    assert "no confidence reaches" in trained.figures["details"]["pedal"]["why_not"]


def test_details_that_differ_by_source_are_given_on_unseen_kits_and_not_on_unseen_sources() -> None:
    """As acoustic kicks: each source has its own sound of a detail, and one teaches nothing about another."""
    catalog, waves = hats({"closed": 60.0, "open": 6.0})
    source = catalog["kit"].str.removeprefix("kit ").astype(int) % 4
    swapped = {"closed": "open", "open": "closed"}
    catalog["detail"] = catalog["detail"].where(source % 2 == 0, catalog["detail"].map(swapped))
    catalog["source"] = source.astype(str)
    for number in range(4):  # bands of the noise, by which a classifier can tell the sources
        rows = np.flatnonzero(source == number)
        spectrum = np.fft.rfft(waves[rows].astype(float))
        spectrum[:, : 200 * number] = spectrum[:, 200 * (number + 1) :] = 0
        filtered = np.fft.irfft(spectrum, waves.shape[1])
        waves[rows] = filtered / np.abs(filtered).max(axis=1, keepdims=True) * 30000
    by_kit, by_source = train(catalog, waves, unseen="kit"), train(catalog, waves, unseen="source")
    assert by_kit.figures["precision"] > 0.9
    assert by_kit.figures["details"]["open"]["given"] and by_kit.figures["details"]["closed"]["given"]
    assert by_source.figures["unseen"] == "source"
    assert by_source.config["thresholds"] == {"closed": None, "open": None, "pedal": None}


def test_details_that_sound_alike_are_never_given() -> None:
    trained = train(*hats({"closed": 20.0, "open": 20.0}), target_precision=0.95, min_precision=0.9)
    assert trained.config["thresholds"] == {"closed": None, "open": None, "pedal": None}
    assert trained.figures["precision"] is None
    assert trained.figures["coverage"] == 0


def test_a_detail_with_few_clips_is_never_given() -> None:
    catalog, waves = hats({"closed": 60.0, "open": 6.0})
    few = catalog.index[(catalog["detail"] == "closed") | (catalog.groupby("detail").cumcount() % 6 == 0)]
    trained = train(catalog.loc[few].reset_index(drop=True), waves[few])
    assert trained.config["thresholds"]["open"] is None
    assert trained.config["thresholds"]["closed"] is not None
    assert trained.figures["details"]["open"]["why_not"].endswith("get it, fewer than detail.min_clips (10)")


def test_a_detail_of_one_kit_gives_no_model_and_the_reason() -> None:
    catalog, waves = hats({"closed": 60.0, "open": 6.0})
    kept = catalog.index[(catalog["detail"] == "closed") | (catalog["kit"] == "kit 0")]
    trained = train(catalog.loc[kept].reset_index(drop=True), waves[kept])
    assert "one detail alone" in trained.config["not_run"]
    assert trained.config["not_run"].endswith("add hats of more kits whose names give their detail")
    by_source = train(catalog.loc[kept].assign(source=catalog["kit"]).reset_index(drop=True), waves[kept])
    assert by_source.config["not_run"].endswith(
        "of more sources whose names give their detail, or set detail.unseen to kit"
    )


@pytest.mark.parametrize(
    ("catalog", "reason"),
    [
        (hats({"closed": 60.0, "open": 6.0}, kits=3)[0], "4 folds need as many kits, and there are 3"),
        (hats({"closed": 60.0})[0], "fewer than two details have a clip"),
        (hats({"closed": 60.0})[0].assign(label="tom"), "fewer than two details have a clip"),
    ],
)
def test_too_few_kits_or_details_give_no_model_and_the_reason(catalog: pd.DataFrame, reason: str) -> None:
    trained = train(catalog, np.ones((len(catalog), AUDIO.num_samples), np.int16))
    assert trained.model is None
    assert reason in trained.config["not_run"]
    assert trained.figures == {"not_measured": [{"what": "details of hats", "why": trained.config["not_run"]}]}


def test_a_model_that_is_trained_by_steps_is_refused(settings: Any) -> None:
    catalog, waves = hats({"closed": 60.0, "open": 6.0})
    params = PARAMS.model_copy(update={"model": "cnn_spec"})
    with pytest.raises(UserError, match=r"detail\.model is `cnn_spec`.*name svm"):
        train_detail("hat", settings("cnn_spec"), AUDIO, catalog, waves.__getitem__, params)
