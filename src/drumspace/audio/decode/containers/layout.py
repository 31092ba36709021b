"""Results of the containers' parsers: samples that are read directly, or a stream for libsndfile."""

from dataclasses import dataclass

from drumspace.audio.decode.byte_ranges import Bytes
from drumspace.audio.decode.unusable import TRUNCATED, UnusableSound

SLACK = 64
"""Bytes by which a header may be wrong: some writers omit padding, others count a header twice."""


@dataclass(frozen=True)
class Pcm:
    """Uncompressed samples, interleaved."""

    data: Bytes
    rate: int
    """Hz."""
    channels: int
    encoding: str
    """Byte order, kind and bytes of a sample as numpy writes them: '<i2', 'u1', '>i3', '<f4'."""


@dataclass(frozen=True)
class Encoded:
    """A file in memory for libsndfile: the samples of the original with a header that holds what decoding needs alone.

    No byte of text, cue or instrument chunks, where libsndfile may hang, comes before the decoder.
    """

    data: Bytes
    frames: int | None = None
    """Samples per channel where the container knows them; None: the decoder's own count, which it may fall short of."""
    at_most: int | None = None
    """Samples per channel at which the sound ends within the decoder's last block; None: at the end of the stream."""


@dataclass(frozen=True)
class Nested:
    """A stream with a header of its own, to be parsed in the place of the file around it."""

    data: Bytes


Layout = Pcm | Encoded


def check_whole(stated: int, held: int) -> None:
    """Raise UnusableSound if the file ends clearly before the `stated` bytes of samples, of which it holds `held`."""
    if stated > held + SLACK:
        raise UnusableSound(TRUNCATED)
