"""Decoding of a sound file to mono. Neither the file name nor the header is trusted."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import soundfile
import soxr

from drumspace.audio.decode.byte_ranges import ByteReader, Bytes, FileBytes, MemoryBytes
from drumspace.audio.decode.containers.layout import Layout, Pcm
from drumspace.audio.decode.containers.sniff import find_layout
from drumspace.audio.decode.pcm import PcmReader, quantization_step
from drumspace.audio.decode.unusable import TRUNCATED, UnusableSound

MIN_RATE, MAX_RATE = 2000, 768_000
"""Plausible sample rates (Hz)."""
MP3_SLACK = 4 * 1152
"""Samples by which an MP3 may be shorter than its header states: encoders count their padding in different ways."""
ANTI_PHASE = 0.1
"""Energy of the channels' mean relative to the mean energy of the channels; below it they cancel each other out."""
_UNKNOWN_LENGTH = 1 << 53
_BLOCK_SECONDS = 2.0
_BLOCK_PADDING = 4096
"""Samples by which the last block of a compressed WAV may be longer than its sound."""

SoundSource = Path | str | bytes
"""A sound: the path of its file, or all the bytes of one, such as a member of an archive."""


class Reader(Protocol):
    """Interface of an open sound file, as soundfile.SoundFile and PcmReader have it."""

    samplerate: int
    channels: int
    frames: int
    format: str

    def __enter__(self) -> Self:
        """Return the reader itself."""

    def __exit__(self, *error: Any) -> None:
        """Close the file."""

    def read(self, frames: int, dtype: str, always_2d: bool) -> np.ndarray:
        """Read the next frames, float32 [n, channels]."""

    def seek(self, frames: int) -> object:
        """Move the position to a frame."""


@dataclass(frozen=True)
class Info:
    """Format of a sound file, before conversion to mono and resampling."""

    sample_rate: int
    """Hz."""
    channels: int
    frames: int
    """Samples per channel of the whole file."""
    step: float = 0.0
    """Distance of neighbouring sample values, in full scale; 0 where it is not known."""

    @property
    def seconds(self) -> float:
        """Length of the whole file (s)."""
        return self.frames / self.sample_rate

    def check(self, max_seconds: float) -> None:
        """Raise UnusableSound for an implausible rate, no samples, or more than `max_seconds` of them."""
        if not MIN_RATE <= self.sample_rate <= MAX_RATE:
            raise UnusableSound(f"a sample rate of {self.sample_rate} Hz is not plausible")
        if self.frames <= 0:
            raise UnusableSound("holds no samples")
        if self.frames < _UNKNOWN_LENGTH and self.seconds > max_seconds:
            raise UnusableSound(f"{self.seconds:.0f} s long, over the limit of {max_seconds:g} s")


class _Sequential(soundfile.SoundFile):
    """SoundFile read from front to back: the position look-ups of a seekable one take a fifth of a FLAC's time."""

    def seekable(self) -> bool:
        """Return False, so that `read` does not look up the position; `seek` itself still works."""
        return False


def load(source: SoundSource, sample_rate: int, max_seconds: float = 600) -> tuple[np.ndarray, Info]:
    """Load a sound: float32 [T] at `sample_rate` (Hz), and the file's format. Raises UnusableSound."""
    mono, info = read_mono(source, max_seconds)
    return resample(mono, info.sample_rate, sample_rate), info


def resample(mono: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    """Resample float32 [T] from one rate to another (Hz) with soxr, quality HQ."""
    return mono if from_rate == to_rate else soxr.resample(mono, from_rate, to_rate, quality="HQ")


def read_mono(
    source: SoundSource, max_seconds: float, samples_needed: Callable[[np.ndarray, int], int] | None = None
) -> tuple[np.ndarray, Info]:
    """Read a sound file as the mean of its channels at the file's own rate, float32 [T].

    Channels in antiphase would cancel out: where the mean has less than a tenth of the channels' mean energy, the
    channel with the most energy is used instead. `samples_needed(samples so far, rate)` returns the number of samples
    needed in all; what follows is not kept, but decoded to the end of a compressed stream. Raises UnusableSound for a
    path that is no regular file, can't be opened or decoded, holds NaN, is longer than `max_seconds` or shorter than
    its header states.
    """
    with _open_bytes(source) as data:
        layout = find_layout(data)
        with _open(layout) as handle:
            step = quantization_step(layout.encoding) if isinstance(layout, Pcm) else 0.0
            info = Info(handle.samplerate, handle.channels, handle.frames, step)
            info.check(max_seconds)
            try:
                mono, energies, frames = _read(handle, info, max_seconds, samples_needed)
                if info.channels > 1 and np.dot(mono, mono) < ANTI_PHASE * energies.mean():
                    handle.seek(0)
                    channel = int(energies.argmax())
                    mono, _, frames = _read(handle, info, max_seconds, samples_needed, channel)
            except (soundfile.LibsndfileError, OSError, RuntimeError):
                raise UnusableSound(TRUNCATED) from None
            frames = _whole(layout, handle, frames)
    return mono[:frames], Info(info.sample_rate, info.channels, frames, step)


def check_regular(path: Path | str) -> None:
    """Raise UnusableSound unless `path` is a regular file that is not empty and may be read."""
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


@contextmanager
def _open_bytes(source: SoundSource) -> Iterator[Bytes]:
    """Open the bytes of a sound for random access."""
    if isinstance(source, bytes):
        if not source:
            raise UnusableSound("empty file")
        yield MemoryBytes(source)
        return
    check_regular(source)
    try:
        descriptor = os.open(source, os.O_RDONLY)
    except OSError as error:
        raise UnusableSound(f"cannot be opened ({type(error).__name__})") from None
    try:
        yield FileBytes(descriptor)
    finally:
        os.close(descriptor)


def _open(layout: Layout) -> Reader:
    if isinstance(layout, Pcm):
        return PcmReader(layout)
    try:
        reader: Reader = _Sequential(ByteReader(layout.data))
        return reader
    except soundfile.LibsndfileError as error:
        text = " ".join(error.error_string.split()).rstrip(".") or "damaged"
        if text.startswith("File does not exist"):  # libsndfile's message for the headers of a few rare formats
            text = "Format not recognised"
        raise UnusableSound(f"no sound that can be decoded ({text})") from None
    except (OSError, RuntimeError) as error:
        raise UnusableSound(f"cannot be opened ({type(error).__name__})") from None


def _read(
    handle: Reader,
    info: Info,
    max_seconds: float,
    samples_needed: Callable[[np.ndarray, int], int] | None,
    channel: int | None = None,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Read block by block: the mean of the channels or one of them, float32 [T], and the energy of each channel.

    The last of the results is the number of samples up to the end of the stream.
    """
    limit = int(max_seconds * info.sample_rate) + 1
    block = max(1, int(_BLOCK_SECONDS * info.sample_rate / max(1, info.channels / 16)))
    mono = np.zeros(0, np.float32)
    energies = np.zeros(info.channels)
    decoded, keep = 0, True
    while decoded < info.frames:
        count = block
        if keep and samples_needed:
            missing = samples_needed(mono, info.sample_rate) - len(mono)
            keep = missing > 0
            count = min(missing, block) if keep else block
        if not keep and isinstance(handle, PcmReader):
            return mono, energies, info.frames
        frames = handle.read(min(count, info.frames - decoded), dtype="float32", always_2d=True)
        if not len(frames):
            break
        decoded += len(frames)
        if decoded > limit:
            raise UnusableSound(f"over the limit of {max_seconds:g} s")
        if not keep:
            continue
        if info.channels == 1:
            fresh = frames[:, 0]
        else:
            energies += [np.dot(column, column) for column in frames.T]
            fresh = frames[:, channel] if channel is not None else _mean(frames)
        if not (np.isfinite(fresh.max()) and np.isfinite(fresh.min())):
            raise UnusableSound("holds NaN or infinite samples")
        if not len(mono) and _is_header(frames):
            raise UnusableSound("damaged: the header of another sound file lies within its samples")
        mono = np.concatenate([mono, fresh]) if len(mono) else fresh
    return mono, energies, decoded


def _is_header(frames: np.ndarray) -> bool:
    """Whether the first samples, as 16 or 24 bits, are the header of a WAV: one that was converted as sound."""
    for width, opening in ((2, b"RI"), (3, b"RIF")):
        full_scale = 2.0 ** (8 * width - 1)
        if round(float(frames[0, 0]) * full_scale) == int.from_bytes(opening, "little"):
            whole = np.rint(frames[:12].ravel()[:12].astype(np.float64) * full_scale).astype("<i4")
            data = whole.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
            if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
                return True
    return False


def _mean(frames: np.ndarray) -> np.ndarray:
    # Summing column by column is five times as fast as numpy's mean over a short last axis.
    total = frames[:, 0] + frames[:, 1]
    for channel in range(2, frames.shape[1]):
        total += frames[:, channel]
    total /= np.float32(frames.shape[1])
    return total


def _whole(layout: Layout, handle: Reader, decoded: int) -> int:
    """Samples of the sound, of which `decoded` were found. Raises UnusableSound if the stream ends early."""
    if isinstance(layout, Pcm):
        return decoded
    stated = layout.frames or (handle.frames if handle.frames < _UNKNOWN_LENGTH else decoded)
    if decoded < stated - (MP3_SLACK if handle.format == "MP3" else 0):
        raise UnusableSound(TRUNCATED)
    if layout.at_most and 0 <= decoded - layout.at_most <= _BLOCK_PADDING:
        return layout.at_most
    return decoded
