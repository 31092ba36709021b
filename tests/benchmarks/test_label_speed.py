"""The benchmark of `drumspace label` makes its sounds once, and measures folders of the first ones."""

from pathlib import Path

import pytest


def test_sounds_are_made_once_and_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks.speed import label

    monkeypatch.setattr(label, "PER_KIT", 5)
    label.make_sounds(tmp_path / "sounds", 20)
    files = sorted((tmp_path / "sounds").rglob("*.wav"))
    assert len(files) == 20 and len({file.read_bytes() for file in files}) == 20
    files[0].write_bytes(b"kept")
    label.make_sounds(tmp_path / "sounds", 20)
    assert files[0].read_bytes() == b"kept"
    first = label.first_kits(tmp_path / "sounds", 10, tmp_path)
    assert [file.name for kit in sorted(first.iterdir()) for file in sorted(kit.iterdir())] == [
        file.name for file in files[:10]
    ]


def test_the_peak_memory_is_that_of_this_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks.speed.label import peak_mib

    before = peak_mib("self")
    block = bytearray(int((before + 100) * 2**20))
    assert peak_mib("self") > before + 90
    del block
