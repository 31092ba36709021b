"""A small run's artefacts, made by hand: synthetic clips and the metrics that stages would write."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.settings import FeatureParams
from drumspace.dataset.access.clips import Clips
from drumspace.io.shards import clip_id, shard_path
from drumspace.metrics.classification.details_contract import DetailMetrics, DetailScores
from drumspace.report.inputs import Inputs
from drumspace.report.settings import ReportParams
from drumspace.taxonomy import CLASSES

RATE = 44100
PARTS = ("train",) * 6 + ("validation", "test", "test_rest")
PITCH = dict(zip(CLASSES, (55, 190, 7000, 5000, 4200, 1300, 6000, 110), strict=True))
SOURCES: dict[str, Any] = {
    "own": {"kind": "folder", "status": "folder", "reason": None, "files": 0, "licence": None},
    "foxdot": {
        "kind": "pip", "status": "fetched", "package": "FoxDot", "version": "0.9.0",
        "files": 177, "licence": "CC-BY-SA-4.0", "synthetic": False, "remarks": ["links are left out: a"],
    },
    "sonic-pi-samples": {
        "kind": "deb", "status": "skipped", "package": "sonic-pi-samples", "version": None, "files": 0,
        "reason": "apt-get finds no package of this name: run `apt-get update` first", "licence": "CC0-1.0",
    },
    "drum_machine": {
        "kind": "synth", "status": "fetched", "files": 40, "licence": "CC0-1.0", "synthetic": True,
    },
}  # fmt: skip
QUARANTINE = [
    ("own/kit/empty.wav", "holds no samples"),
    ("own/kit/<b>tall & thin</b>.wav", "is not a sound file"),
    ("own/kit/new\nline.wav", "is not a sound file"),
]
INGEST: dict[str, Any] = {
    "clips": 1652, "labelled": 881, "unlabelled": 771, "other": 162, "quarantined": 3, "exact_duplicates": 41,
    "not_one_shots": {"loop": 2, "roll": 0, "multi_hit": 1},
    "duplicate_conflicts": 2, "near_duplicate_groups": 77, "near_duplicate_clips": 190,
    "naming": {"precision": 0.981, "coverage": 0.93, "n": 640},
    "sources": {
        "own": {"status": "folder", "clips": 0}, "foxdot": {"status": "fetched", "clips": 177},
        "sonic-pi-samples": {"status": "skipped", "clips": 0},
        "drum_machine": {"status": "fetched", "clips": 40},
    },
}  # fmt: skip
FEATURES = {
    "spec": {"n_fft": 1024, "hop_length": 256, "floor_db": -80},
    "mel": {"n_fft": 2048, "hop_length": 256, "floor_db": -80, "n_mels": 128, "fmin": 20, "fmax": None},
    "mfcc": {
        "n_fft": 2048, "hop_length": 256, "floor_db": -80, "n_mels": 128, "fmin": 20, "fmax": None,
        "n_mfcc": 40,
    },
}  # fmt: skip
AUDIO = {
    "sample_rate": RATE, "seconds": 1.0, "onset_db": -40, "lead_ms": 2, "fade_ms": 10, "silence_dbfs": -60,
}  # fmt: skip
REPORT = {
    "rainbowgram": {
        "fmin": 32.703, "octaves": 9, "bins_per_octave": 24, "hop_length": 256, "filter_scale": 0.5,
        "floor_db": -70,
    }
}  # fmt: skip


def confusion(seed: int, right: float) -> list[list[int]]:
    """20 sounds a class, `right` of them on the diagonal."""
    rng = np.random.default_rng(seed)
    shares = np.full((8, 8), (1 - right) / 7)
    np.fill_diagonal(shares, right)
    return [rng.multinomial(20, row).tolist() for row in shares]


def figures(seed: int, right: float) -> dict[str, Any]:
    """One model's entry of classifiers.json."""
    counts = confusion(seed, right)
    accuracy = float(np.trace(counts) / 160)
    return {
        "accuracy": accuracy,
        "accuracy_ci95": [accuracy - 0.06, accuracy + 0.05],
        "precision": accuracy + 0.012,
        "precision_ci95": [accuracy - 0.05, accuracy + 0.06],
        "recall": accuracy,
        "f1": accuracy - 0.004,
        "n": 160,
        "weights": "random",
        "trainable": "all",
        "parameters": 2_400_000,
        "calibration_error": 0.071,
        "confusion": counts,
        "validation": {"accuracy": accuracy + 0.02, "n": 120},
        "all_unseen": {"accuracy": accuracy - 0.01, "macro_recall": accuracy - 0.03, "n": 312},
    }


CLASSIFIERS: dict[str, Any] = {
    "models": {"cnn_spec": figures(1, 0.74), "svm": figures(2, 0.83)},
    "committee": None,
    "best": "svm",
    "splits": {
        "svm": {"accuracy_mean": 0.812, "accuracy_sd": 0.021, "n_splits": 3},
        "cnn_spec": {"accuracy_mean": 0.744, "accuracy_sd": 0.034, "n_splits": 3},
    },
    "classes": list(CLASSES),
    "not_measured": [],
}


def sound_set(distance: float | None, **changes: Any) -> dict[str, Any]:
    """An entry of synthesis.json, as far as the page looks at it."""
    cloud = {
        "kernel_distance": distance,
        "kernel_distance_ci95": None if distance is None else [distance - 0.01, distance + 0.01],
        "fad": None if distance is None else 100 * distance,
        "fad_dimensions": 64,
        **dict.fromkeys(("precision", "recall", "density", "coverage"), None if distance is None else 0.5),
    }
    return {
        **cloud,
        **dict.fromkeys(("class_agreement", "confusion", "classes", "novelty", "spread")),
        **dict.fromkeys(("hop_periodicity", "memorization")),
        "reconstruction": None, "n": 100, "failures": [], "judges": {"lite": cloud}, "not_measured": [], **changes,
    }  # fmt: skip


def synthesis() -> dict[str, Any]:
    """synthesis.json of a small run."""
    confusion_ = (10 * np.eye(8, dtype=int)).tolist()
    of_class = {"n": 10, "reference_n": 9, "agreement": 1.0, "kernel_distance": 0.1, "coverage": None}
    errors = {"n": 20, "with_pitch": 9, "pitch_semitones_n": 8, **dict.fromkeys(("mrstft", "onset_ms"), 1.25)}
    errors |= dict.fromkeys(("log_spectral_distance", "mel_distance", "envelope_db", "pitch_semitones"), 2.5)
    judge = {"name": "cnn9", "weights": "sfx", "weights_reason": None, "trainable": "head", "n": 100}
    judge |= {"accuracy": 0.8, "accuracy_ci95": [0.7, 0.9], "macro_recall": 0.78}
    return {
        "drum_machine": sound_set(
            0.123, class_agreement=0.6, confusion=confusion_, memorization=0.01,
            classes=dict.fromkeys(CLASSES, of_class), failures=[{"what": "silent", "count": 3}],
        ),
        "wavegan": sound_set(0.456, not_measured=[{"what": "class agreement", "why": "it knows <no> classes"}]),
        "floor": sound_set(0.004, halves=[half(0.004), half(0.006)]),
        "noise": sound_set(0.789, halves=[half(0.7), half(0.8)]),
        "griffin_lim": sound_set(None, reconstruction={"all": errors}),
        "mcnn": sound_set(None),
        "judge": judge,
        "judges": {"lite": {**judge, "name": "lite", "weights": "random", "weights_reason": "not <there>"}},
        "reference": {"n": 100, "classes": [], "hop_periodicity": 0.01},
        "floor_is_trained_on": True,
        "settings": {"neighbours": 5, "components": 64},
        "trained": {"wavegan": {"width": 8, "steps": 250, "batch_size": 8, "trained_on": 90, "parameters": 841153}},
        "not_measured": [],
    }  # fmt: skip


def half(distance: float) -> dict[str, Any]:
    """A half of a set's sounds."""
    return {"kernel_distance": distance, "kernel_distance_ci95": [distance - 0.01, distance + 0.01], "n": 50}


def sound_rows(*labels: str | None, nearest: str | None = None) -> list[dict[str, str | None]]:
    """Rows of sounds.json for sounds of these classes."""
    return [{"requested": label, "nearest": nearest} for label in labels]


def manifold(features: tuple[str, ...] = ("mel", "pretrained")) -> dict[str, Any]:
    """manifold.json: the maps of two features."""
    variants = (("umap", "none", 0.61), ("umap", "labels", 0.68), ("tsne", "none", 0.63))
    rows = [
        {
            "feature": feature, "method": method, "dims": 2, "supervision": supervision, "trustworthiness": 0.951,
            "neighbour_overlap": 0.482, "neighbour_purity": purity + 0.1 * number, "k": 15, "n": 72, "purity_n": 24,
        }
        for number, feature in enumerate(features)
        for method, supervision, purity in variants
    ]  # fmt: skip
    networks = {"pretrained": {"model": "aisfx_cnn9", "weights": "sfx"}, "learned": {"model": "cnn_spec"}}
    return {"rows": rows, "networks": networks}


def cell(method: str, share: float, accuracy: float, **changes: Any) -> dict[str, Any]:
    """A row of propagation.json."""
    return {
        "table": "thesis", "method": method, "feature": "spec", "map": "umap", "dims": 2, "supervision": "none",
        "k": 3, "labelled_share": share, "split": "clip", "accuracy": accuracy, "macro_recall": accuracy - 0.03,
        "predicted": 0.99, "ci95": [accuracy - 0.02, accuracy + 0.02], "n": 461, "seeds": 3, **changes,
    }  # fmt: skip


CROSS_VALIDATED = {
    "precision_with_others": 0.912, "precision_with_others_ci95": [0.861, 0.957], "coverage": 0.44,
    "coverage_ci95": [0.35, 0.54], "kits": 83, "target_kept": False,
}  # fmt: skip


def propagation() -> dict[str, Any]:
    """propagation.json: one map, two methods, and a control at chance."""
    shares = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
    rows = [cell("thesis", share, 0.6 + 0.2 * share) for share in shares]
    rows += [cell("knn", share, 0.65 + 0.2 * share) for share in shares]
    by_kit = {"map": "none", "dims": None, "k": None, "split": "kit"}
    rows += [
        cell("classifier", 0.5, 0.87, table="kits", feature="fused", **by_kit),
        cell("classifier", 0.5, 0.84, table="single_files", feature="fused_single", **by_kit),
    ]
    best = {"table": "methods", "feature": "fused", "map": "full", "dims": 600}
    rows += [cell("hybrid", 0.5, 0.934, **best), cell("knn", 0.5, 0.88, **best), cell("knn", 0.1, 0.7, **best)]
    split = {"n": 200, "predicted": 160, "others": 40, "threshold": 0.8}
    return {
        "rows": rows,
        "negative_control": {
            "macro_recall": 0.121, "chance": 0.125, "table": "thesis", "n": 90,
            "shares": [{"labelled_share": share, "macro_recall": 0.12, "range": [0.1, 0.14]} for share in shares],
        },
        "budget": [
            {
                "feature": feature, "method": method, "labels_per_class": count, "accuracy": 0.4 + count / 200,
                "macro_recall": 0.4, "ci95": None, "n": 800, "seeds": 1,
            }
            for feature in ("mel", "fused") for method in ("knn", "hybrid") for count in (1, 8, 64)
        ],
        "labels": {
            "target": 0.95, "precision": 0.957, "precision_with_others": 0.948, "coverage": 0.81,
            "others_abstained": 0.88, "n": 600, "splits": [split] * 3, "threshold": 0.79, "unlabelled": 230,
            "labelled": 121, "labelled_by": {"hybrid": 110, "near_duplicate": 11}, "conflicts": 4,
            "expected_in_classes": 150.4,
            "cross_validated": CROSS_VALIDATED, "single_files": CROSS_VALIDATED,
        },
        "simulated_annotator": {
            **{
                order: [
                    {"annotations": count, "accuracy": 0.7 + count / scale, "macro_recall": 0.7, "ci95": None}
                    for count in (0, 20, 40)
                ]
                for order, scale in (("queue", 200), ("random", 400))
            },
            "n": 900, "seeds": 1, "random_annotations": 40, "queue_annotations": 20.0, "ratio": 0.5,
        },
    }  # fmt: skip


def details() -> DetailMetrics:
    """details.json: closed hats are given, open ones less precisely than the target, pedals not; kicks have none."""

    def scores(precision: float | None, predicted: int, n: int) -> DetailScores:
        ci95 = None if precision is None else [precision - 0.1, precision + 0.02]
        coverage = predicted / n
        return {
            "precision": precision, "precision_ci95": ci95, "predicted": predicted, "coverage": coverage, "n": n,
            "kits": 9, "sources": 6,
        }  # fmt: skip

    on = {"given": True, "why_not": None}
    return {
        "hat": {
            "unseen": "source", "groups": 6, **scores(0.91, 70, 100), "neither": None, "target_precision": 0.95,
            "details": {
                "closed": {**scores(0.97, 40, 50), **on},
                "open": {**scores(0.83, 30, 40), **on},
                "pedal": {**scores(None, 0, 10), "given": False, "why_not": "2 clips <get> it"},
            },
            "thresholds": {"closed": 0.8, "open": 0.7, "pedal": None},
        },
        "kick": {"not_measured": [{"what": "details of kicks", "why": "5 folds need as many kits, and there are 3"}]},
    }  # fmt: skip


def drum(label: str, number: int, rng: np.random.Generator) -> np.ndarray:
    """int16 [44100]: a decaying tone with noise, of the class's pitch."""
    time = np.arange(RATE) / RATE
    pitch = PITCH[label] * (1 + 0.5 * np.exp(-30 * time) + 0.02 * number)
    tone = np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
    noise = rng.standard_normal(RATE) * (0.05 if label in ("kick", "tom") else 0.5)
    return np.round(9000 * (tone + noise).clip(-3, 3) * np.exp(-time * (9 + number))).astype(np.int16)


@pytest.fixture
def make_inputs(tmp_path: Path) -> Callable[..., Inputs]:
    """A factory: `labels` are the classes with sounds, `classifiers` replaces keys of classifiers.json."""

    def make(labels: tuple[str, ...] = CLASSES, **classifiers: Any) -> Inputs:
        rng = np.random.default_rng(0)
        pcm, rows, parts = [], [], []
        for label in labels:
            for number, part in enumerate(PARTS):
                pcm.append(drum(label, number, rng))
                kit = f"foxdot/kit-{number}"
                rows.append(
                    {
                        "clip_id": clip_id(pcm[-1]), "shard": 0, "row": len(rows), "source": "foxdot",
                        "kit": kit,
                        "path": f"{kit}/{label} {number}.wav", "label": label, "label_origin": "name",
                        "other": False, "seconds": 0.3 + 0.05 * number, "original_sample_rate": RATE,
                        "channels": 1,
                        "peak_dbfs": -3.0, "duplicate_group": len(rows), "synthetic": False, "truth": None,
                        "licence": "CC-BY-SA-4.0",
                    }
                )  # fmt: skip
                parts.append(part)
        silence = np.empty((0, 8), dtype=np.int16)
        folder = tmp_path / "clips"
        folder.mkdir(exist_ok=True)
        np.save(shard_path(folder, 0), np.stack(pcm))
        pd.DataFrame(rows).to_parquet(folder / "catalog.parquet")
        return Inputs(
            clips=Clips(folder),
            splits=pd.DataFrame({"clip_id": [row["clip_id"] for row in rows], "part": parts}),
            sources=copy.deepcopy(SOURCES),
            quarantine=pd.DataFrame(QUARANTINE, columns=["path", "reason"]),
            ingest=copy.deepcopy(INGEST),
            split={},
            classifiers={**copy.deepcopy(CLASSIFIERS), **classifiers},
            details=details(),
            label_issues={"n": 48, "issues": 1, "model": "svm", "accuracy_out_of_fold": 0.812},
            doubted=pd.DataFrame(columns=["path", "label", "suggested", "quality", "clip_id"]),
            maps={
                feature: pd.DataFrame(
                    {
                        "clip_id": [row["clip_id"] for row in rows],
                        **{
                            f"{kind}_{axis}": rng.standard_normal(len(rows)).astype(np.float32)
                            for kind in ("umap_2_none", "umap_2_labels", "tsne_2_none")
                            for axis in (0, 1)
                        },
                    }
                )
                for feature in ("mel", "pretrained")
            },
            manifold=manifold(),
            propagation=propagation(),
            queue=pd.DataFrame(
                [
                    {
                        "path": "foxdot/kit-1/odd <one>.wav",
                        "suggested": "tom",
                        "confidence": 0.41,
                        "near_duplicates": 3,
                        "gain": 4.2,
                        "clip_id": rows[1]["clip_id"],
                    }
                ]
                if rows
                else [],
                columns=["path", "suggested", "confidence", "near_duplicates", "gain", "clip_id"],
            ),
            synthesis=synthesis(),
            sounds={
                "floor": (np.stack(pcm[:2]), sound_rows("kick", "snare")) if pcm else (silence, []),
                "wavegan": (np.stack(pcm[:1]), sound_rows(None, nearest=rows[0]["clip_id"])) if pcm else (silence, []),
            },
            latent={},
            audio=AudioParams(**AUDIO),
            features=FeatureParams(**FEATURES),
            params=ReportParams(**REPORT),
        )

    return make
