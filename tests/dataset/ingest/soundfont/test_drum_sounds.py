"""Drum presets, key ranges and stereo pairs of SoundFonts built by hand."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drumspace.audio.decode.decode import UnusableSound
from drumspace.dataset.ingest.soundfont import tables
from drumspace.dataset.ingest.soundfont.drum_sounds import drum_sounds
from drumspace.dataset.ingest.soundfont.samples import read_sample

MONO, RIGHT, LEFT, VORBIS, ROM = 1, 2, 4, 0x10, 0x8000
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
    assert {(sound.preset, sound.general_midi, sound.sample.rate) for sound in sounds} == {("Rock", True, 22050)}
    np.testing.assert_array_equal(read_sample(path, sounds[1].sample, 1)[0], np.full(50, 1 / 32768, np.float32))


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
            (right, RIGHT, 0, pcm(1000, 55), 44100),
            ("Lonely(L)", LEFT, 0, pcm(7), 44100),
        ],
    )
    pair, lonely = drum_sounds(path)
    assert pair.name == ("Snare" if not linked else "one")
    expected = np.array([4000 / 2] * 55 + [3000 / 2] * 5) / 32768
    np.testing.assert_allclose(read_sample(path, pair.sample, 1)[0], expected, atol=1e-7)
    assert (lonely.name, len(lonely.sample.channels)) == ("Lonely(L)", 1)


def test_a_kit_outside_the_drum_bank_must_be_alone(tmp_path: Path, soundfont: Writer) -> None:
    drums = [("Drums", [(ALL, 0)])]
    samples = [("Kick", MONO, 0, pcm(1), 44100)]
    alone = soundfont(tmp_path / "a.sf2", [("Kit", 0, 0, [(ALL, 0)])], drums, samples)
    assert [sound.name for sound in drum_sounds(alone)] == ["Kick"]
    two = [("Piano", 0, 0, [(ALL, 0)]), ("Organ", 1, 0, [(ALL, 0)])]
    with pytest.raises(UnusableSound, match="without drum presets"):
        drum_sounds(soundfont(tmp_path / "b.sf2", two, drums, samples))


@pytest.mark.parametrize(("bank", "program", "general_midi"), [(127, 0, True), (120, 56, False), (126, 1, False)])
def test_drum_banks_of_other_standards_are_read(
    tmp_path: Path, soundfont: Writer, bank: int, program: int, general_midi: bool
) -> None:
    path = soundfont(
        tmp_path / "a.sf2",
        [("Piano", 0, 0, [(ALL, 1)]), ("StandKit", program, bank, [(ALL, 0)])],
        [("Drums", [((36, 36), 0)]), ("Grand", [(ALL, 1)])],
        [("One", MONO, 0, pcm(1), 44100), ("C4", MONO, 0, pcm(1), 44100)],
    )
    sounds = [(sound.preset, sound.name, sound.general_midi) for sound in drum_sounds(path)]
    assert sounds == [("StandKit", "One", general_midi)]


@pytest.mark.parametrize(
    ("left", "right", "is_pair"),
    [
        (("Kick 01", 300, (36, 36)), ("Crash 07", 1200, (49, 49)), False),  # names, lengths and keys differ
        (("Kick 01", 300, (36, 36)), ("Crash 07", 1200, (36, 36)), False),
        (("Kick 01", 300, (36, 36)), ("Kick 02", 300, (35, 35)), False),
        (("Snare L", 300, (36, 36)), ("Snare R", 300, (38, 38)), False),  # one name, but other keys
        (("Snare L", 300, (36, 36)), ("Snare R", 100, (36, 36)), False),  # one name, but a third of the length
        (("Snare L", 300, (38, 38)), ("Snare R", 280, (38, 38)), True),
        (("Snr01-near", 300, (38, 38)), ("Snr01-far", 300, (38, 38)), True),
    ],
)
def test_a_mutual_link_makes_no_pair_of_unrelated_samples(
    tmp_path: Path,
    soundfont: Writer,
    left: tuple[str, int, tuple[int, int]],
    right: tuple[str, int, tuple[int, int]],
    is_pair: bool,
) -> None:
    path = soundfont(
        tmp_path / "a.sf2",
        [("Kit", 0, 128, [(ALL, 0)])],
        [("Drums", [(left[2], 0), (right[2], 1)])],
        [(left[0], LEFT, 1, pcm(1, left[1]), 44100), (right[0], RIGHT, 0, pcm(2, right[1]), 44100)],
    )
    sounds = drum_sounds(path)
    assert sorted(len(sound.sample.channels) for sound in sounds if sound.sample) == ([2] if is_pair else [1, 1])
    if not is_pair:
        assert {sound.name: read_sample(path, sound.sample, 1)[1].frames for sound in sounds if sound.sample} == {
            left[0]: left[1],
            right[0]: right[1],
        }


def test_samples_in_the_memory_of_a_synthesiser_are_named(tmp_path: Path, soundfont: Writer) -> None:
    presets, drums = [("Kit", 0, 128, [(ALL, 0)])], [("Drums", [((36, 36), 0), ((38, 38), 1)])]
    rom, plain = ("Kick", MONO | ROM, 0, pcm(1), 44100), ("Snare", MONO, 0, pcm(1), 44100)
    with pytest.raises(UnusableSound, match=r"memory \(ROM\)"):
        drum_sounds(soundfont(tmp_path / "a.sf2", presets, drums, [rom, rom]))
    kick, snare = drum_sounds(soundfont(tmp_path / "b.sf2", presets, drums, [rom, plain]))
    assert kick.sample is None and "ROM" in kick.problem
    assert snare.sample is not None


def vorbis(wave: np.ndarray) -> bytes:
    """Ogg Vorbis stream of a wave at 44.1 kHz."""
    stream = io.BytesIO()
    soundfile.write(stream, wave, 44100, "VORBIS", format="OGG")
    return stream.getvalue()


def test_compressed_samples_are_decoded(tmp_path: Path, soundfont: Writer) -> None:
    decay = np.exp(-np.arange(4410) / 1000)
    left, right = 0.6 * decay * np.sin(np.arange(4410) / 9), 0.2 * decay * np.sin(np.arange(4410) / 9)
    path = soundfont(
        tmp_path / "a.sf3",
        [("Kit", 0, 128, [(ALL, 0)])],
        [("Drums", [((36, 36), 0), ((36, 36), 1), ((38, 38), 2)])],
        [
            ("Kick L", LEFT | VORBIS, 1, vorbis(left), 44100),
            ("Kick R", RIGHT | VORBIS, 0, vorbis(right), 44100),
            ("Snare", MONO | VORBIS, 0, b"no stream at all", 44100),
        ],
    )
    kick, snare = drum_sounds(path)
    assert kick.sample and snare.sample
    mono, info = read_sample(path, kick.sample, 1)
    assert (info.sample_rate, info.channels, info.frames) == (44100, 2, 4410)
    np.testing.assert_allclose(mono, (left + right) / 2, atol=0.03)
    with pytest.raises(UnusableSound, match=r"limit of 0\.05 s"):
        read_sample(path, kick.sample, 0.05)
    with pytest.raises(UnusableSound, match="no sound that can be decoded"):
        read_sample(path, snare.sample, 1)


def test_tables_that_refer_to_each_other_without_end_are_damage(
    tmp_path: Path, soundfont: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = soundfont(
        tmp_path / "a.sf2",
        [("Kit", 0, 128, [(ALL, 0)] * 30)],
        [("Drums", [((key, key), 0) for key in range(30)])],
        [("Kick", MONO, 0, pcm(1), 44100)],
    )
    assert len(drum_sounds(path)) == 1
    monkeypatch.setattr(tables.Tables.__init__, "__defaults__", (1000,))
    with pytest.raises(UnusableSound, match="contradict each other"):
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
            for sound in sounds:
                assert (sound.sample is None) == bool(sound.problem)
                if sound.sample:
                    read_sample(path, sound.sample, 1)
        except UnusableSound as error:
            assert str(error)


def test_text_and_empty_files_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.sf2").write_text("no SoundFont" * 9)
    with pytest.raises(UnusableSound, match="not a SoundFont 2 file"):
        drum_sounds(tmp_path / "a.sf2")
    os.truncate(tmp_path / "a.sf2", 0)
    with pytest.raises(UnusableSound, match="empty file"):
        drum_sounds(tmp_path / "a.sf2")
