"""Fixtures that several packages use, and how tests are spread over two workers."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

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


Zone = tuple[tuple[int, int] | None, int]
"""Key range, or None for all keys, and the index of the instrument or sample."""


def chunk(name: bytes, data: bytes) -> bytes:
    """RIFF chunk of a name and its data, padded to an even size."""
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def bags(owners: list[tuple[bytes, list[Zone]]], target: int) -> tuple[list[int], bytes, bytes]:
    """First bag of each owner and of the end, the bag table, and the generator table."""
    firsts, bag, generators = [], b"", b""
    for _, zones in owners:
        firsts.append(len(bag) // 4)
        for keys, index in zones:
            bag += struct.pack("<HH", len(generators) // 4, 0)
            if keys:
                generators += struct.pack("<HBB", 43, *keys)
            if index >= 0:  # a zone without a target holds the values that the others inherit
                generators += struct.pack("<HH", target, index)
    firsts.append(len(bag) // 4)
    return firsts, bag + struct.pack("<HH", len(generators) // 4, 0), generators + bytes(4)


@pytest.fixture
def soundfont() -> Callable[..., Path]:
    """Function that writes small SoundFonts.

    presets: (name, program, bank, zones to instruments); instruments: (name, zones to samples);
    samples: (name, type, link, int16 array or Ogg stream, rate).
    """

    def write(
        path: Path,
        presets: list[tuple[str, int, int, list[Zone]]],
        instruments: list[tuple[str, list[Zone]]],
        samples: list[tuple[str, int, int, np.ndarray | bytes, int]],
    ) -> Path:
        def name(text: str) -> bytes:
            return text.encode("latin-1").ljust(20, b"\0")[:20]

        data, headers = b"", b""
        for text, kind, link, pcm, rate in samples:
            is_stream = isinstance(pcm, bytes)  # of an sf3 file, whose positions count bytes
            start = len(data) if is_stream else len(data) // 2
            data += (pcm + bytes(len(pcm) % 2) if is_stream else pcm.astype("<i2").tobytes()) + bytes(92)
            fields = (start, start + len(pcm), start, start, rate, 60, 0, link, kind)
            headers += name(text) + struct.pack("<5IBbHH", *fields)
        headers += name("EOS") + bytes(26)
        firsts, pbag, pgen = bags([(b"", zones) for *_, zones in presets], 41)
        phdr = (
            b"".join(
                name(text) + struct.pack("<HHH3I", program, bank, first, 0, 0, 0)
                for (text, program, bank, _), first in zip(presets, firsts, strict=False)
            )
            + name("EOP")
            + struct.pack("<HHH3I", 0, 0, firsts[-1], 0, 0, 0)
        )
        firsts, ibag, igen = bags([(b"", zones) for _, zones in instruments], 53)
        inst = (
            b"".join(
                name(text) + struct.pack("<H", first) for (text, _), first in zip(instruments, firsts, strict=False)
            )
            + name("EOI")
            + struct.pack("<H", firsts[-1])
        )
        tables = {"phdr": phdr, "pbag": pbag, "pmod": bytes(10), "pgen": pgen, "inst": inst, "ibag": ibag}
        tables |= {"imod": bytes(10), "igen": igen, "shdr": headers}
        pdta = b"pdta" + b"".join(chunk(key.encode(), value) for key, value in tables.items())
        body = b"sfbk" + chunk(b"LIST", b"INFO" + chunk(b"ifil", struct.pack("<HH", 2, 4)))
        body += chunk(b"LIST", b"sdta" + chunk(b"smpl", data)) + chunk(b"LIST", pdta)
        path.write_bytes(chunk(b"RIFF", body))
        return path

    return write
