"""Decode a sound file to mono, trusting nothing that its name or header says."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import soundfile
import soxr

from drumspace.audio.decode.container import promises_more
from drumspace.audio.decode.wav import WavReader

MIN_RATE, MAX_RATE = 2000, 768_000
"""Hz; a header outside is no sound's."""
MP3_SLACK = 4 * 1152
"""Samples that an MP3 may lack of what its header says: encoders count their padding in different ways."""
ANTI_PHASE = 0.1
"""Mean of the channels over the channels, in energy (−10 dB): below, they cancel each other out."""
_UNKNOWN_LENGTH = 1 << 53
_BLOCK_SECONDS = 2.0


class Reader(Protocol):
    """What is used of an open sound file: soundfile.SoundFile and WavReader are such."""

    samplerate: int
    channels: int
    frames: int
    format: str

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(self, *error: Any) -> None:
        """Close the file."""

    def read(self, frames: int, dtype: str, always_2d: bool) -> np.ndarray:
        """The next frames, float32 [n, channels]."""

    def seek(self, frames: int) -> object:
        """Go to a frame."""


class UnusableSound(Exception):
    """A file that gives no clip. Its text is the reason, one line, for quarantine.csv: it names no path."""


@dataclass(frozen=True)
class Info:
    """What a file is, before it was made mono and resampled."""

    sample_rate: int
    """Hz."""
    channels: int
    frames: int
    """Samples a channel of the whole file."""

    @property
    def seconds(self) -> float:
        """Length of the whole file."""
        return self.frames / self.sample_rate

    def check(self, max_seconds: float) -> None:
        """Raises UnusableSound for an implausible rate, no samples, or more than `max_seconds` of them."""
        if not MIN_RATE <= self.sample_rate <= MAX_RATE:
            raise UnusableSound(f"a sample rate of {self.sample_rate} Hz is not plausible")
        if self.frames <= 0:
            raise UnusableSound("holds no samples")
        if self.frames < _UNKNOWN_LENGTH and self.seconds > max_seconds:
            raise UnusableSound(f"{self.seconds:.0f} s long, over the limit of {max_seconds:g} s")


class _Sequential(soundfile.SoundFile):
    """soundfile looks up the position, and seeks to it, around each read: a fifth of the time of a FLAC."""

    def seekable(self) -> bool:
        """No, says what is only read from front to back (seek itself still works)."""
        return False


def load(path: Path | str, sample_rate: int, max_seconds: float = 600) -> tuple[np.ndarray, Info]:
    """The sound at `path`, float32 [T] at `sample_rate` (Hz), and what the file is. Raises UnusableSound."""
    mono, info = read_mono(path, max_seconds)
    return resample(mono, info.sample_rate, sample_rate), info


def resample(mono: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    """float32 [T] from one rate to another (Hz), by soxr at high quality."""
    return mono if from_rate == to_rate else soxr.resample(mono, from_rate, to_rate, quality="HQ")


def read_mono(
    path: Path | str, max_seconds: float, enough: Callable[[np.ndarray, int], int] | None = None
) -> tuple[np.ndarray, Info]:
    """The mean of the channels at the file's own rate, float32 [T].

    Channels in antiphase would cancel out: where the mean has less than a tenth of the channels' mean energy,
    the channel with the most energy stands for it. `enough(mono so far, rate)` says how many samples are
    wanted in all; reading stops once there are as many, after a look at the file's end. Raises UnusableSound
    for whatever is no regular file, can't be opened or decoded, holds NaN, lasts over `max_seconds` or is
    shorter than it promises.
    """
    check_regular(path)
    with _open(path) as handle:
        info = Info(handle.samplerate, handle.channels, handle.frames)
        info.check(max_seconds)
        try:
            mono, energies = _read(handle, info, max_seconds, enough)
            if info.channels > 1 and np.dot(mono, mono) < ANTI_PHASE * energies.mean():
                handle.seek(0)
                mono, _ = _read(handle, info, max_seconds, enough, channel=int(energies.argmax()))
            if info.frames >= _UNKNOWN_LENGTH:
                return mono, Info(info.sample_rate, info.channels, len(mono))
            whole = _reaches_end(handle, path, len(mono), info.frames)
        except (soundfile.LibsndfileError, OSError, RuntimeError):
            whole = False
    if not whole:
        raise UnusableSound("truncated or damaged: its header promises more than decodes")
    return mono, info


def check_regular(path: Path | str) -> None:
    """Raises UnusableSound unless `path` leads to a regular file that holds bytes and may be read."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError as error:
        raise UnusableSound(f"cannot be reached ({error.strerror})") from None
    if not stat.S_ISREG(status.st_mode):
        raise UnusableSound("not a regular file (a pipe, device or socket)")
    if status.st_size == 0:
        raise UnusableSound("empty file")
    if not os.access(path, os.R_OK):
        raise UnusableSound("no permission to read it")


def _open(path: Path | str) -> Reader:
    try:
        name = os.fspath(path)
        plain = WavReader.open(name) if name[-4:].lower() == ".wav" else None
        reader: Reader = plain or _Sequential(name)
        return reader
    except soundfile.LibsndfileError as error:
        text = " ".join(error.error_string.split()).rstrip(".") or "damaged"
        if text.startswith("File does not exist"):  # said of text whose name ends in .mp3
            text = "Format not recognised"
        raise UnusableSound(f"no sound that can be decoded ({text})") from None
    except (OSError, RuntimeError) as error:
        raise UnusableSound(f"cannot be opened ({type(error).__name__})") from None


def _read(
    handle: Reader,
    info: Info,
    max_seconds: float,
    enough: Callable[[np.ndarray, int], int] | None,
    channel: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """float32 [T], mean of the channels or one of them, and each channel's energy; a block at a time."""
    limit = int(max_seconds * info.sample_rate) + 1
    block = int(_BLOCK_SECONDS * info.sample_rate / max(1, info.channels / 16))
    mono = np.zeros(0, np.float32)
    energies = np.zeros(info.channels)
    while len(mono) < info.frames:
        wanted = enough(mono, info.sample_rate) - len(mono) if enough else block
        if wanted <= 0:
            break
        frames = handle.read(min(wanted, block, info.frames - len(mono)), dtype="float32", always_2d=True)
        if not len(frames):
            break
        if info.channels == 1:
            fresh = frames[:, 0]
        else:
            energies += [np.dot(column, column) for column in frames.T]
            fresh = frames[:, channel] if channel is not None else _mean(frames)
        if not (np.isfinite(fresh.max()) and np.isfinite(fresh.min())):
            raise UnusableSound("holds NaN or infinite samples")
        mono = np.concatenate([mono, fresh]) if len(mono) else fresh
        if len(mono) > limit:
            raise UnusableSound(f"over the limit of {max_seconds:g} s")
    return mono, energies


def _mean(frames: np.ndarray) -> np.ndarray:
    # Column by column: numpy's mean over a short last axis takes five times as long.
    total = frames[:, 0] + frames[:, 1]
    for channel in range(2, frames.shape[1]):
        total += frames[:, channel]
    total /= np.float32(frames.shape[1])
    return total


def _reaches_end(handle: Reader, path: Path | str, read: int, frames: int) -> bool:
    """Whether the file holds all the samples that its header counts, of which `read` are decoded."""
    if isinstance(handle, WavReader):
        return True  # opened only where the file is as long as its header says
    if handle.format not in ("FLAC", "MP3"):
        return not promises_more(path)
    last = frames - 1 - (MP3_SLACK if handle.format == "MP3" else 0)
    if read <= last:
        handle.seek(last)
        return len(handle.read(1, dtype="float32", always_2d=True)) == 1
    return True
