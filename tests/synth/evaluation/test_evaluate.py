"""Metrics in synthesis.json rank sets of sounds of known quality correctly."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from drumspace.audio.format.levels import to_pcm
from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.settings import MelParams
from drumspace.audio.spectral.transforms import mel_spectrogram
from drumspace.audio.synthesis.drum_machine import synthesize
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.metrics.generation.contract import JudgeMetrics, SoundMetrics, SoundSetMetrics
from drumspace.synth.evaluation.baselines import Noise, RealClips, Silence
from drumspace.synth.evaluation.evaluate import EvaluationContext, evaluate
from drumspace.synth.evaluation.judge_metrics import SoundOrigin
from drumspace.synth.evaluation.memorization import MemorizationTest
from drumspace.synth.evaluation.reconstruction_metrics import reconstruction_metrics
from drumspace.synth.evaluation.reference import Reference, counts_like
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.sampling.generator import Generator, SoundSet, draw_sounds
from drumspace.taxonomy import CLASSES

RATE, T = 22050, 11025
CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
PARAMS = SynthesisParams(
    seed=0, generators=[], inversions=[], griffin_lim_iterations=8, sounds=160, reference_per_class=30,
    reconstructions=8, interpolations=2, axes=2, resamples=100, neighbours=5, components=64, hop_length=256,
    report_samples=1, noise_db={"noisy_real_weak": -60, "noisy_real": -40, "noisy_real_strong": -20},
)  # fmt: skip
DUPLICATES = DuplicateParams(similarity=0.975, neighbours=8, correlation=0.9, bright_correlation=0.85, max_shift_ms=5)
AUDIO = AudioParams(sample_rate=RATE, seconds=0.5, onset_db=-40, lead_ms=2, fade_ms=10, silence_dbfs=-60)
MEL = MelParams(n_fft=512, hop_length=128, floor_db=-80, n_mels=40, fmin=30, fmax=None)


def plain_judge(centres: np.ndarray | None, waves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Judge without a network: embeds means and deviations of mel bands and predicts the nearest class centre."""
    parts = [
        mel_spectrogram(torch.from_numpy(part), RATE, MEL).numpy()
        for part in np.array_split(waves, 1 + len(waves) // 64)
    ]
    mel = np.concatenate(parts)
    points = np.concatenate([mel.mean(axis=2), mel.std(axis=2), mel[:, :, :8].mean(axis=2)], axis=1) / 20
    if centres is None:
        return points, np.full((len(points), len(CLASSES)), 1 / len(CLASSES))
    return points, -np.linalg.norm(points[:, None] - centres, axis=2)


def build_context(real: np.ndarray, labels: np.ndarray, trained_on: np.ndarray) -> EvaluationContext:
    points = plain_judge(None, real)[0]
    centres = np.stack(
        [
            points[labels == index].mean(axis=0) if (labels == index).any() else np.full(points.shape[1], 1e3)
            for index in range(8)
        ]
    )
    reference = Reference.build(lambda waves: plain_judge(centres, waves), lambda: [real], lambda: [trained_on], labels)
    memorization = MemorizationTest(
        lambda index: to_pcm(trained_on[index]), np.arange(len(trained_on)), AUDIO, DUPLICATES
    )
    return EvaluationContext({"plain": reference, "again": reference}, memorization, RATE, PARAMS)


@pytest.fixture(scope="module")
def drums() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Reference and other sounds of the drum machine, float32 [160, T], with their classes."""
    arrays = []
    for seed in (0, 1):
        waves = np.concatenate([synthesize(label, 20, seed, RATE, T) for label in CLASSES])
        arrays += [waves, np.repeat(np.arange(8), 20)]
    return tuple(arrays)  # type: ignore[return-value]


def build_generators(others: np.ndarray, labels: np.ndarray) -> dict[str, Generator]:
    def clips(**options: float | bool) -> RealClips:
        return RealClips(others.__getitem__, np.arange(len(others)), labels, **options)  # type: ignore[arg-type]

    noisy = {name: clips(noise_db=level) for name, level in PARAMS.noise_db.items()}
    return {"floor": clips(), **noisy, "noise": Noise(RATE, T), "silence": Silence(T), "repeated": clips(repeated=True)}


def entries(context: EvaluationContext, real_labels: np.ndarray, generators: dict[str, Generator]) -> dict[str, dict]:  # type: ignore[type-arg]
    counts = counts_like(real_labels, PARAMS.sounds, len(CLASSES))
    return {
        name: evaluate(draw_sounds(generator, counts, 0, T, allow_silence=name == "silence"), context, SoundOrigin())[0]
        for name, generator in generators.items()
    }


def assert_ordered(entries_by_set: dict[str, dict]) -> None:  # type: ignore[type-arg]
    distance = {name: entry["kernel_distance"] for name, entry in entries_by_set.items()}
    levels = [distance[name] for name in ("floor", *PARAMS.noise_db)]
    assert levels == sorted(levels), distance
    for worst in ("noise", "silence", "repeated"):
        assert distance[worst] > 3 * max(distance["floor"], distance["noisy_real_weak"]), distance
        assert entries_by_set[worst]["coverage"] < 0.5 * entries_by_set["floor"]["coverage"]
        assert entries_by_set[worst]["fad"] > entries_by_set["floor"]["fad"]


def test_silence_noise_and_one_sound_are_worst_and_added_noise_is_measured(drums) -> None:  # type: ignore[no-untyped-def]
    real, labels, others, other_labels = drums
    entries_by_set = entries(build_context(real, labels, others), labels, build_generators(others, other_labels))
    assert_ordered(entries_by_set)
    assert entries_by_set["floor"]["class_agreement"] > 0.8
    assert entries_by_set["repeated"]["spread"] == pytest.approx(0, abs=1e-6)
    assert entries_by_set["floor"]["spread"] == pytest.approx(1, abs=0.1)
    # The kernel distance of each half of a set lies within the interval of the other half.
    for name in ("floor", "noisy_real"):
        first, second = entries_by_set[name]["halves"]
        for half, twin in ((first, second), (second, first)):
            low, high = twin["kernel_distance_ci95"]
            assert low <= half["kernel_distance"] <= high
    # Without a requested class there is no class agreement.
    assert entries_by_set["noise"]["class_agreement"] is None and entries_by_set["noise"]["classes"] is None
    assert entries_by_set["silence"]["hop_periodicity"] is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="there is no corpus of real sounds next to this repository")
def test_real_clips_rank_the_same_way() -> None:
    import pandas as pd
    import soxr

    table = pd.read_csv(CORPUS / "labels.csv")
    table = table[table["label"].isin(CLASSES) & ~table["path"].str.startswith("dough-amiga")]
    table["kit"] = table["path"].str.rsplit("/", n=1).str[0]
    kits = np.random.default_rng(0).permutation(np.unique(table["kit"]))
    sides = []
    for side in (kits[::2], kits[1::2]):
        chosen = table[table["kit"].isin(side)].groupby("label").sample(20, random_state=0, replace=True)
        waves = np.zeros((len(chosen), T), dtype=np.float32)
        for wave, path in zip(waves, chosen["path"], strict=True):
            values, rate = soundfile.read(CORPUS / path, dtype="float32", always_2d=True)
            values = soxr.resample(values.mean(axis=1), rate, RATE)[:T]
            wave[: len(values)] = values
        sides += [waves, chosen["label"].map({label: number for number, label in enumerate(CLASSES)}).to_numpy()]
    real, labels, others, other_labels = sides
    assert_ordered(entries(build_context(real, labels, others), labels, build_generators(others, other_labels)))


def test_an_entry_has_every_key_and_two_judges(drums) -> None:  # type: ignore[no-untyped-def]
    real, labels, others, other_labels = drums
    entry, rows = evaluate(SoundSet(others, other_labels, []), build_context(real, labels, others), SoundOrigin())
    assert set(SoundSetMetrics.__annotations__) - {"conditional"} <= set(entry)
    assert set(JudgeMetrics.__annotations__) <= set(entry["judges"]["again"])
    assert set(SoundMetrics.__annotations__) <= set(entry)
    assert set(entry["judges"]) == {"again"}
    assert entry["judges"]["again"]["kernel_distance"] == entry["kernel_distance"]
    assert entry["memorization"] > 0.95  # these are the training clips, some with a later onset
    assert entry["novelty"] == 0
    low, high = entry["kernel_distance_ci95"]
    assert low <= entry["kernel_distance"] <= high
    assert entry["classes"]["tom"]["n"] == 20
    assert entry["classes"]["tom"]["coverage"] > 0.5
    assert rows["nearest"].tolist() == list(range(160)) and rows["distance"].max() == 0
    assert (rows["requested"] == np.repeat(CLASSES, 20)).all()
    assert (rows["predicted"] == rows["requested"]).mean() == pytest.approx(entry["class_agreement"], abs=1e-6)
    repeated_entry, repeated_rows = evaluate(
        SoundSet(others, other_labels, []), build_context(real, labels, others), SoundOrigin()
    )
    assert repeated_entry == entry and repeated_rows.equals(rows)


def test_training_clips_get_no_class_agreement_and_novelty(drums) -> None:  # type: ignore[no-untyped-def]
    real, labels, others, other_labels = drums
    entry, _ = evaluate(
        SoundSet(others, other_labels, []),
        build_context(real, labels, others),
        SoundOrigin(generated=False, in_training=True),
    )
    assert entry["class_agreement"] is None and entry["novelty"] is None and entry["memorization"] is None
    assert entry["kernel_distance"] is not None
    assert any("were trained on them" in gap["why"] for gap in entry["not_measured"])


def test_memorization_is_reported_for_changed_training_clips_only(drums) -> None:  # type: ignore[no-untyped-def]
    real, labels, others, _ = drums
    test = build_context(real, labels, others).memorization
    assert test.measure(real)["memorization"] < 0.05
    quieter = np.concatenate([0.5 * others[:10], real[:30]])
    assert test.measure(quieter)["memorization"] == pytest.approx(0.25, abs=0.03)
    assert test.measure(np.repeat(real[:1], 4, axis=0))["near_duplicates"] == 1


def test_too_few_sounds_give_null_and_a_reason_and_the_rest(drums) -> None:  # type: ignore[no-untyped-def]
    real, labels, others, _ = drums
    entry, _ = evaluate(
        SoundSet(others[:4], np.array([0, 0, 1, 1]), []), build_context(real, labels, others), SoundOrigin()
    )
    assert entry["coverage"] is None and entry["fad"] is None
    assert entry["kernel_distance"] is not None and entry["kernel_distance_ci95"] is None
    reasons = {gap["what"]: gap["why"] for gap in entry["not_measured"]}
    assert "4 sounds" in reasons["precision to coverage"] and "no covariance" in reasons["FAD"]


def test_no_sound_at_all_gives_a_reason(drums) -> None:  # type: ignore[no-untyped-def]
    real, labels, others, _ = drums
    failures = [{"what": "silent", "count": 9}]
    empty = SoundSet(np.empty((0, T), dtype=np.float32), np.empty(0, dtype=np.int64), failures)
    entry, rows = evaluate(empty, build_context(real, labels, others), SoundOrigin())
    assert len(rows) == 0
    assert entry["n"] == 0 and entry["kernel_distance"] is None and entry["failures"] == failures
    assert {"what": "everything", "why": "no sound was left to evaluate"} in entry["not_measured"]


def test_reconstructions_are_not_compared_with_the_reference(drums) -> None:  # type: ignore[no-untyped-def]
    real, labels, others, _ = drums
    entry, _ = evaluate(SoundSet(real, labels, []), build_context(real, labels, others), SoundOrigin(comparable=False))
    assert entry["kernel_distance"] is None and entry["coverage"] is None
    assert entry["class_agreement"] > 0.8
    figures = reconstruction_metrics(real * 0.5, real, labels, RATE)
    assert figures["reconstruction"]["all"]["n"] == 160
    assert figures["reconstruction"]["kick"]["n"] == 20
    assert figures["mrstft"] > 0.4 and figures["reconstruction"]["all"]["onset_ms"] == 0
