"""Every format is decoded to the same sound; every kind of broken file is rejected with its reason."""

import os
import struct
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drumspace.audio.decode.decode import UnusableSound, load, read_mono

RATE = 44100


def tone(seconds: float = 0.3, rate: int = RATE, hertz: float = 440.0) -> np.ndarray:
    """A sine at half of full scale: float64 [T]."""
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def reason(path: Path, max_seconds: float = 60) -> str:
    """Reason for which read_mono rejects `path`."""
    with pytest.raises(UnusableSound) as error:
        read_mono(path, max_seconds)
    return str(error.value)


@pytest.mark.parametrize(
    ("suffix", "subtype", "tolerance"),
    [
        ("wav", "PCM_U8", 2**-7),
        ("wav", "PCM_16", 2**-15),
        ("wav", "PCM_24", 2**-23),
        ("wav", "PCM_32", 1e-7),
        ("wav", "FLOAT", 1e-7),
        ("wav", "DOUBLE", 1e-7),
        ("flac", "PCM_16", 2**-15),
        ("flac", "PCM_24", 2**-23),
        ("aiff", "PCM_S8", 2**-7),
        ("aiff", "PCM_16", 2**-15),
        ("aiff", "PCM_24", 2**-23),
        ("au", "PCM_16", 2**-15),
        ("caf", "PCM_16", 2**-15),
        ("ogg", "VORBIS", 0.02),
        ("mp3", "MPEG_LAYER_III", 0.02),
    ],
)
def test_formats_decode_to_the_same_sound(tmp_path: Path, suffix: str, subtype: str, tolerance: float) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(), RATE, subtype)
    mono, info = load(path, RATE)
    assert (info.sample_rate, info.channels, mono.dtype) == (RATE, 1, np.float32)
    assert len(mono) == info.frames == len(tone())
    inner = slice(2000, -2000)  # lossy formats smear the ends
    assert np.abs(mono - tone())[inner].max() <= tolerance


@pytest.mark.parametrize("rate", [8000, 22050, 48000, 88200, 96000, 192000])
def test_any_rate_is_resampled(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", tone(rate=rate), rate)
    mono, info = load(tmp_path / "a.wav", RATE)
    assert info.sample_rate == rate
    assert abs(len(mono) - len(tone())) <= 1
    inner = slice(2000, 11000)
    assert np.abs(mono[inner] - tone()[inner]).max() < 1e-3


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_averaged(tmp_path: Path, channels: int, suffix: str) -> None:
    sound = np.random.default_rng(1).integers(-9000, 9000, (5000, channels)).astype(np.int16)
    soundfile.write(tmp_path / f"a.{suffix}", sound, RATE)
    mono, info = read_mono(tmp_path / f"a.{suffix}", 60)
    assert info.channels == channels
    np.testing.assert_allclose(mono, sound.mean(axis=1) / 32768, atol=1e-7)


def test_channels_in_antiphase_do_not_cancel(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.stack([tone(), -0.9 * tone()], axis=1), RATE)
    mono, _ = read_mono(tmp_path / "a.flac", 60)
    np.testing.assert_allclose(mono, tone(), atol=2**-15)


def test_one_silent_channel_is_averaged_like_any(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.stack([tone(), 0 * tone()], axis=1), RATE)
    mono, _ = read_mono(tmp_path / "a.wav", 60)
    np.testing.assert_allclose(mono, tone() / 2, atol=2**-15)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "aiff", "mp3"])
def test_reading_stops_where_enough_samples_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(5.0), RATE)
    mono, info = read_mono(path, 60, lambda so_far, rate: 10000)
    assert (len(mono), info.frames) == (10000, 5 * RATE)
    np.testing.assert_array_equal(mono, read_mono(path, 60)[0][:10000])


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.aiff", "a.mp3"])
def test_text_with_an_audio_suffix_is_rejected(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("this is a list of drums, and no sound at all\n" * 50)
    assert reason(tmp_path / name) == "no sound that can be decoded (Format not recognised)"


def test_an_empty_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    assert reason(tmp_path / "a.wav") == "empty file"


@pytest.mark.parametrize("suffix", ["wav", "aiff"])
def test_a_file_without_samples_is_rejected(tmp_path: Path, suffix: str) -> None:
    soundfile.write(tmp_path / f"a.{suffix}", np.zeros(0), RATE)
    assert reason(tmp_path / f"a.{suffix}") == "holds no samples"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("channels", [1, 2])
def test_nan_and_infinity_are_rejected(tmp_path: Path, bad: float, channels: int) -> None:
    sound = np.zeros((1000, channels), np.float32)
    sound[500, 0] = bad
    soundfile.write(tmp_path / "a.wav", sound, RATE, "FLOAT")
    assert reason(tmp_path / "a.wav") == "holds NaN or infinite samples"


@pytest.mark.parametrize("stop_early", [False, True])
@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [
        ("wav", "PCM_16"),
        ("wav", "PCM_24"),
        ("wav", "ULAW"),
        ("flac", "PCM_16"),
        ("ogg", "VORBIS"),
        ("aiff", "PCM_16"),
        ("au", "PCM_16"),
        ("caf", "PCM_16"),
        ("mp3", "MPEG_LAYER_III"),
    ],
)
@pytest.mark.parametrize("share", [0.03, 0.6, 0.97])
def test_a_truncated_file_is_rejected(
    tmp_path: Path, suffix: str, subtype: str, share: float, stop_early: bool
) -> None:
    path = tmp_path / f"a.{suffix}"
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, 4 * RATE)
    soundfile.write(path, noise, RATE, subtype)
    os.truncate(path, round(path.stat().st_size * share))
    enough = (lambda so_far, rate: 1000) if stop_early else None
    with pytest.raises(UnusableSound, match=r"truncated|decoded|no samples"):
        read_mono(path, 60, enough)


def test_a_header_without_sizes_is_only_noted(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(), RATE)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(data)
    np.testing.assert_allclose(read_mono(tmp_path / "a.wav", 60)[0], tone(), atol=2**-15)


def test_bytes_after_the_samples_are_only_noted(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(), RATE)
    with (tmp_path / "a.wav").open("ab") as file:
        file.write(b"LIST\xff\xff\0\0 and so on")
    assert len(read_mono(tmp_path / "a.wav", 60)[0]) == len(tone())


def test_a_sound_of_two_hours_is_rejected_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(), RATE)
    samples = 2 * 3600 * RATE
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", 36 + 2 * samples))
        file.seek(40)
        file.write(struct.pack("<I", 2 * samples))
    os.truncate(path, 44 + 2 * samples)  # a sparse file takes no disk space
    start = time.perf_counter()
    assert reason(path, max_seconds=30) == "7200 s long, over the limit of 30 s"
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("rate", [1, 2**31 - 1])
def test_an_implausible_sample_rate_is_rejected(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", tone(), RATE)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[24:28] = struct.pack("<I", rate)
    (tmp_path / "a.wav").write_bytes(data)
    assert reason(tmp_path / "a.wav") == f"a sample rate of {rate} Hz is not plausible"


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    assert reason(tmp_path / "a.wav") == "not a regular file (a pipe, device or socket)"


def test_a_device_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to("/dev/zero")
    assert reason(tmp_path / "a.wav") == "not a regular file (a pipe, device or socket)"


def test_dangling_links_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nothing.wav")
    (tmp_path / "self.wav").symlink_to("self.wav")
    assert reason(tmp_path / "gone.wav") == "cannot be reached (No such file or directory)"
    assert reason(tmp_path / "self.wav").startswith("cannot be reached (Too many levels of symbolic links")


def test_a_file_without_read_permission_is_rejected() -> None:
    # Root may read everything and other users cannot enter pytest's folders, so a child process changes its user.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "a.wav"
        soundfile.write(path, tone(), RATE)
        path.chmod(0)
        user = os.geteuid()
        try:
            if user == 0:
                os.seteuid(65534)
            results = reason(path)
        finally:
            os.seteuid(user)
    assert results in ("no permission to read it", "cannot be opened (PermissionError)")
