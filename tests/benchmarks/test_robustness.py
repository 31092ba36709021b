"""The robustness of a classifier whose rule is simple: each condition that breaks the rule shows."""

from pathlib import Path

import numpy as np
import pytest

RATE = 44100


def brightness(pcm: np.ndarray) -> np.ndarray:
    """Scores [n, 2]: class 1 where most of the energy is above 4 kHz."""
    power = np.abs(np.fft.rfft(pcm.astype(np.float64))) ** 2
    bright = power[:, 4000:].sum(axis=1) > power[:, :4000].sum(axis=1)
    return np.stack([~bright, bright], axis=1).astype(float)


def test_a_condition_that_breaks_the_rule_costs_accuracy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks.classify.robustness import CONDITIONS, predict_degraded, robustness, robustness_figures

    time = np.arange(RATE) / RATE
    frequencies = np.tile([200.0, 9000.0], 8)
    waves = 20000 * np.exp(-8 * time) * np.sin(2 * np.pi * frequencies[:, None] * time)
    hiss = np.random.default_rng(0).normal(0, 20, RATE)
    pcm = (waves + hiss).astype(np.int16)
    labels = (frequencies > 4000).astype(int)
    kits = np.repeat(np.arange(8), 2)
    figures = robustness(brightness, pcm, labels, kits, RATE)
    assert tuple(figures) == CONDITIONS
    for condition in ("clean", "pitch 3 semitones down", "MP3 at 128 kbit/s", "12 dB quieter", "onset 20 ms late"):
        assert figures[condition]["accuracy"] == 1, condition
    narrow = figures["resampled to 8 kHz"]
    assert narrow["accuracy"] == narrow["macro_recall"] == 0.5
    assert narrow["accuracy_change"] == -0.5
    assert narrow["accuracy_change_ci95"] == [-0.5, -0.5]
    assert narrow["n"] == 16

    # Two folds, each predicted by its own model, give the same figures.
    folds = [predict_degraded({"m": brightness}, part, RATE)["m"] for part in (pcm[:6], pcm[6:])]
    pooled = {key: np.concatenate([fold[key] for fold in folds]) for key in CONDITIONS}
    assert robustness_figures(pooled, labels, kits) == figures


def test_the_table_has_the_best_model_first_and_marks_changes_beyond_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks.tables.classifier_tables import robustness_rows

    def figures(accuracy: float, change: float, low: float, high: float) -> dict[str, object]:
        return {"accuracy": accuracy, "accuracy_change": change, "accuracy_change_ci95": [low, high]}

    models = {
        "low": {"clean": figures(0.5, 0, 0, 0), "8 kHz": figures(0.45, -0.05, -0.1, 0.01)},
        "high": {"clean": figures(0.9, 0, 0, 0), "8 kHz": figures(0.7, -0.2, -0.3, -0.1)},
    }
    assert robustness_rows(models).splitlines() == [
        "| condition | `high` | `low` |",
        "| --- | --- | --- |",
        "| clean | 0.900 | 0.500 |",
        "| 8 kHz | 0.700 (-0.200*) | 0.450 (-0.050) |",
    ]
