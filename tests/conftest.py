"""Fixtures that several packages use, and how tests are spread over two workers."""

import os

# Each of several workers computes on one core; set before numpy and torch read it.
if os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest

GROUPS = {"tests/pipeline/": "pipeline"}
"""Tests that share a fixture of the session: one worker runs them all. Other tests go file by file."""
TRAINING = (
    "tests/classify/inference/", "tests/classify/training/test_fit.py", "tests/synth/evaluation/",
    "tests/synth/sampling/", "tests/synth/training/", "tests/training/",
)  # fmt: skip
"""Tests that train models, or use models that a fixture trains."""
SLOW = ("tests/benchmarks/", "tests/classify/models/", "tests/classify/weights/", "tests/tracking/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that train, are slow or run the pipeline, and group them for pytest-xdist, the longest first."""
    for item in items:
        path = item.nodeid.partition("::")[0]
        if {"clone", "empty_clone"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("pipeline")
        if path.startswith(TRAINING):
            item.add_marker("training")
        if path.startswith(SLOW):
            item.add_marker("slow")
        group = next((name for start, name in GROUPS.items() if path.startswith(start)), path)
        item.add_marker(pytest.mark.xdist_group(group))
    marks = ("pipeline", "training", "slow")
    items.sort(key=lambda item: [item.get_closest_marker(mark) is None for mark in marks])


def clusters(per_class: int, seed: int, spread: float = 0.3, dims: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Three clouds (classes 0, 1, 2) around corners 4 apart: float32 [n, dims] and int [n]."""
    rng = np.random.default_rng(seed)
    labels = np.arange(3 * per_class) % 3
    points = rng.standard_normal((3 * per_class, dims)) * spread
    points[np.arange(len(points)), labels] += 4
    return points.astype(np.float32), labels


@pytest.fixture
def three_clouds() -> tuple[np.ndarray, np.ndarray]:
    """40 points a class."""
    return clusters(40, 0)
