"""Drum presets, key ranges and stereo pairs of SoundFonts built by hand."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drumspace.audio.decode.decode import UnusableSound
from drumspace.dataset.ingest.soundfont.drum_sounds import drum_sounds
from drumspace.dataset.ingest.soundfont.samples import read_sample

MONO, RIGHT, LEFT = 1, 2, 4
ALL = None
Writer = Callable[..., Path]


def pcm(value: int, count: int = 50) -> np.ndarray:
    """Constant signal: int16 [count]."""
    return np.full(count, value, np.int16)


def test_key_ranges_are_intersections_of_preset_and_instrument(tmp_path: Path, soundfont: Writer) -> None:
    path = soundfont(
        tmp_path / "a.sf2",
        [("Rock", 3, 128, [((36, 40), 0)]), ("Piano", 0, 0, [(ALL, 1)])],
        [("Drums", [((0, 38), 0), ((39, 39), 1), ((41, 127), 2)]), ("Grand", [(ALL, 3)])],
        [(name, MONO, 0, pcm(number), 22050) for number, name in enumerate(["Kick", "Clap", "Tom", "C4"])],
    )
    sounds = drum_sounds(path)
    assert [(sound.name, sound.keys) for sound in sounds] == [("Kick", (36, 38)), ("Clap", (39, 39))]
    assert {(sound.preset, sound.program, sound.sample.rate) for sound in sounds} == {("Rock", 3, 22050)}
    np.testing.assert_array_equal(read_sample(path, sounds[1].sample), np.full(50, 1 / 32768, np.float32))


def test_a_first_zone_without_a_target_is_inherited(tmp_path: Path, soundfont: Writer) -> None:
    path = soundfont(
        tmp_path / "a.sf2",
        [("Rock", 0, 128, [((35, 60), -1), (ALL, 0)])],
        [("Drums", [((40, 50), -1), (ALL, 0), ((20, 44), 1)])],
        [(name, MONO, 0, pcm(1), 44100) for name in ("One", "Two")],
    )
    assert {sound.name: sound.keys for sound in drum_sounds(path)} == {"One": (40, 50), "Two": (35, 44)}


def test_a_shared_sample_is_listed_once_under_the_first_program(tmp_path: Path, soundfont: Writer) -> None:
    path = soundfont(
        tmp_path / "a.sf2",
        [("Second", 8, 128, [(ALL, 0)]), ("First", 1, 128, [(ALL, 0)])],
        [("Drums", [((38, 38), 0), ((36, 36), 0), ((40, 40), 1)])],
        [(name, MONO, 0, pcm(1), 44100) for name in ("Kick", "Snare")],
    )
    sounds = [(sound.preset, sound.name, sound.keys) for sound in drum_sounds(path)]
    assert sounds == [("First", "Kick", (36, 36)), ("First", "Snare", (40, 40))]


@pytest.mark.parametrize("linked", [True, False])
def test_left_and_right_samples_become_one_stereo_sound(tmp_path: Path, soundfont: Writer, linked: bool) -> None:
    left_samples, right = ("Snare(L)", "Snare(R)") if not linked else ("one", "another")
    path = soundfont(
        tmp_path / "a.sf2",
        [("Rock", 0, 128, [(ALL, 0)])],
        [("Drums", [((38, 38), 0), ((38, 38), 1), ((40, 40), 2)])],
        [
            (left_samples, LEFT, 1 if linked else 0, pcm(3000, 60), 44100),
            (right, RIGHT, 0, pcm(1000, 40), 44100),
            ("Lonely(L)", LEFT, 0, pcm(7), 44100),
        ],
    )
    pair, lonely = drum_sounds(path)
    assert pair.name == ("Snare" if not linked else "one")
    expected = np.array([4000 / 2] * 40 + [3000 / 2] * 20) / 32768
    np.testing.assert_allclose(read_sample(path, pair.sample), expected, atol=1e-7)
    assert (lonely.name, len(lonely.sample.channels)) == ("Lonely(L)", 1)


def test_a_kit_outside_the_drum_bank_must_be_alone(tmp_path: Path, soundfont: Writer) -> None:
    drums = [("Drums", [(ALL, 0)])]
    samples = [("Kick", MONO, 0, pcm(1), 44100)]
    alone = soundfont(tmp_path / "a.sf2", [("Kit", 0, 0, [(ALL, 0)])], drums, samples)
    assert [sound.name for sound in drum_sounds(alone)] == ["Kick"]
    two = [("Piano", 0, 0, [(ALL, 0)]), ("Organ", 1, 0, [(ALL, 0)])]
    with pytest.raises(UnusableSound, match="without drum presets"):
        drum_sounds(soundfont(tmp_path / "b.sf2", two, drums, samples))


def test_compressed_samples_are_rejected(tmp_path: Path, soundfont: Writer) -> None:
    presets = [("Kit", 0, 128, [(ALL, 0)])]
    samples = [("Kick", MONO | 0x10, 0, pcm(1), 44100)]
    path = soundfont(tmp_path / "a.sf3", presets, [("Drums", [(ALL, 0)])], samples)
    with pytest.raises(UnusableSound, match="sf3"):
        drum_sounds(path)


def test_every_truncation_and_any_damage_has_a_reason(tmp_path: Path, soundfont: Writer) -> None:
    presets = [("Kit", 0, 128, [((30, 40), 0)])]
    path = soundfont(*(tmp_path / "a.sf2", presets, [("Drums", [(ALL, 0)])]), [("Kick", MONO, 0, pcm(9), 44100)])
    whole = path.read_bytes()
    for size in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:size])
        with pytest.raises(UnusableSound):
            drum_sounds(path)
    rng = np.random.default_rng(0)
    for _ in range(300):  # no damage raises another error
        damaged = bytearray(whole)
        for offset in rng.integers(12, len(whole), 3):
            damaged[offset] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            sounds = drum_sounds(path)
            assert all(len(read_sample(path, sound.sample)) == sound.sample.frames for sound in sounds)
        except UnusableSound as error:
            assert str(error)


def test_text_and_empty_files_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.sf2").write_text("no SoundFont" * 9)
    with pytest.raises(UnusableSound, match="not a SoundFont 2 file"):
        drum_sounds(tmp_path / "a.sf2")
    os.truncate(tmp_path / "a.sf2", 0)
    with pytest.raises(UnusableSound, match="empty file"):
        drum_sounds(tmp_path / "a.sf2")
