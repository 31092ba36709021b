"""Second-level classifiers: examples, thresholds by kit, and what is never given."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.details.calibrate import Calibration, calibrate, details_of_unseen_kits, figures
from drumspace.classify.details.examples import NEITHER, Examples, examples_of
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.details.train import train_detail
from drumspace.classify.networks import registry
from drumspace.errors import UserError

AUDIO = AudioParams(sample_rate=8000, seconds=0.25, onset_db=-40, lead_ms=1, fade_ms=5, silence_dbfs=-60)
PARAMS = DetailParams(model="svm", folds=4, seed=0, target_precision=0.9, min_precision=0.8, min_clips=10)
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
    catalog = pd.DataFrame(rows)
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
    ).assign(duplicate_group=[0, 1, 2, 3, 3, 5])  # fmt: skip
    hat, kick = examples_of(catalog, "hat"), examples_of(catalog, "kick")
    assert [hat.names[each] for each in hat.labels] == ["open"]
    assert hat.rows.tolist() == [0]
    assert [kick.names[each] for each in kick.labels] == ["808", NEITHER]
    assert kick.rows.tolist() == [3, 4]
    assert len(set(kick.groups)) == 1  # near-duplicates join their kits
    assert [kick.names[each] for each in kick.details] == ["808", "acoustic"]
    assert [hat.names[each] for each in hat.details] == ["closed", "open", "pedal"]


def test_details_that_differ_in_sound_are_learned() -> None:
    trained = train(*hats({"closed": 60.0, "open": 6.0}))
    assert trained.model is not None
    assert trained.figures["precision"] > 0.95
    assert trained.figures["coverage"] > 0.9
    assert trained.figures["n"] == 2 * KITS * PER_KIT
    assert trained.figures["kits"] == KITS
    assert trained.config["thresholds"]["pedal"] is None


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


def test_a_detail_of_one_kit_gives_no_model_and_the_reason() -> None:
    catalog, waves = hats({"closed": 60.0, "open": 6.0})
    kept = catalog.index[(catalog["detail"] == "closed") | (catalog["kit"] == "kit 0")]
    trained = train(catalog.loc[kept].reset_index(drop=True), waves[kept])
    assert "one detail alone" in trained.config["not_run"]


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
    assert trained.figures == {"not_measured": [{"what": "details", "why": trained.config["not_run"]}]}


def test_a_model_that_is_trained_by_steps_is_refused(settings: Any) -> None:
    catalog, waves = hats({"closed": 60.0, "open": 6.0})
    params = PARAMS.model_copy(update={"model": "cnn_spec"})
    with pytest.raises(UserError, match=r"detail\.model is `cnn_spec`.*name svm"):
        train_detail("hat", settings("cnn_spec"), AUDIO, catalog, waves.__getitem__, params)


def toy() -> tuple[Examples, np.ndarray]:
    """Examples of two details in 20 kits, and the points that classifiers see."""
    rng = np.random.default_rng(1)
    labels = np.tile([0, 1], 200)
    points = labels + rng.normal(scale=0.8, size=400)
    return Examples(("closed", "open", "pedal"), np.arange(400), labels, np.arange(400) // 20), points


def test_thresholds_never_see_the_kits_that_they_are_measured_on() -> None:
    examples, points = toy()
    calls: list[tuple[set[int], set[int]]] = []

    def fit_predict(training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        calls.append((set(examples.groups[training]), set(examples.groups[held_out])))
        return np.stack([-points[held_out], points[held_out] - 1, np.full(len(held_out), -9.0)], axis=1)

    given = details_of_unseen_kits(examples, PARAMS, fit_predict)
    assert len(calls) == PARAMS.folds * (PARAMS.folds + 1)
    for outer in range(PARAMS.folds):
        *inner, last = calls[outer * (PARAMS.folds + 1) : (outer + 1) * (PARAMS.folds + 1)]
        for training, held_out in inner:
            assert not (training | held_out) & last[1]
            assert not training & held_out
    measured = figures(examples, given, PARAMS.min_precision)
    assert measured["precision"] == pytest.approx(0.9, abs=0.05)
    assert 0.2 < measured["coverage"] < 0.9  # a threshold had to be found


def test_a_higher_target_is_more_precise_and_covers_less() -> None:
    examples, points = toy()

    def fit_predict(training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        return np.stack([-points[held_out], points[held_out] - 1, np.full(len(held_out), -9.0)], axis=1)

    rows = []
    for target in (0.85, 0.95):
        params = PARAMS.model_copy(update={"target_precision": target})
        scores = fit_predict(np.arange(0), np.arange(400))
        given = calibrate(examples, params, fit_predict).details(scores, examples.names)
        rows.append(figures(examples, given, 0))
    assert rows[0]["precision"] < rows[1]["precision"]
    assert rows[0]["coverage"] > rows[1]["coverage"]


def test_neither_and_details_without_a_threshold_are_not_given() -> None:
    calibration = Calibration(1.0, {"808": 0.5, "acoustic": None})
    logits = np.array([[5.0, 0, 0], [0, 5.0, 0], [0, 0, 5.0], [0.1, 0, 0]])
    assert calibration.details(logits, ("808", "acoustic", NEITHER)).tolist() == [0, -1, -1, -1]


def test_figures_leave_details_out_that_are_not_precise_enough() -> None:
    examples = Examples(("closed", "open", "pedal"), np.arange(8), np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.arange(8))
    measured = figures(examples, np.array([0, 0, 0, -1, 1, 0, 0, 0]), min_precision=0.8)
    assert measured["details"]["closed"] == {"precision": 0.5, "coverage": 0.75, "n": 4, "kits": 4, "given": False}
    assert measured["details"]["open"] == {"precision": 1.0, "coverage": 0.25, "n": 4, "kits": 4, "given": True}
    assert (measured["precision"], measured["coverage"], measured["n"]) == (1.0, 0.125, 8)
