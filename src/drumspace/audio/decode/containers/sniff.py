"""Choice of the container's parser by the first bytes of a sound, never by the name of its file."""

from collections.abc import Callable

from drumspace.audio.decode.byte_ranges import Bytes, Range
from drumspace.audio.decode.containers.aiff import parse_aiff, parse_voice
from drumspace.audio.decode.containers.au import parse_au
from drumspace.audio.decode.containers.caf import parse_caf
from drumspace.audio.decode.containers.flac import parse_flac
from drumspace.audio.decode.containers.layout import Encoded, Layout, Nested, Pcm
from drumspace.audio.decode.containers.mp3 import parse_mp3, starts_with_frames
from drumspace.audio.decode.containers.ogg import parse_ogg
from drumspace.audio.decode.containers.stated import stated_frames
from drumspace.audio.decode.containers.voc import parse_voc
from drumspace.audio.decode.containers.wav import parse_wav, parse_wave64
from drumspace.audio.decode.unusable import UnusableSound

_WAVE64 = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")
_MAX_DEPTH = 4
"""Files inside each other's samples, at most."""


def find_layout(source: Bytes, depth: int = 0) -> Layout:
    """Find the samples of a sound file. A file inside another's samples, header and all, is read in its place.

    Raises UnusableSound for a file that is cut or damaged.
    """
    if depth > _MAX_DEPTH:
        raise UnusableSound("damaged: headers within headers")
    source = _without_tag(source)
    parser = _parser(source.at(0, 40))
    if parser is None:
        return parse_mp3(source) or Encoded(source, frames=stated_frames(source))
    layout = parser(source)
    if isinstance(layout, Nested) or (isinstance(layout, Pcm) and _is_file(layout.data)):
        return find_layout(layout.data, depth + 1)
    return layout


def _is_file(samples: Bytes) -> bool:
    """Whether the samples of a file are those of another file, header and all."""
    return _parser(samples.at(0, 40)) is not None or starts_with_frames(_without_tag(samples))


def _parser(head: bytes) -> Callable[[Bytes], Layout | Nested] | None:
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return parse_wav
    if head[:4] == b"FORM":
        return {b"AIFF": parse_aiff, b"AIFC": parse_aiff, b"8SVX": parse_voice, b"16SV": parse_voice}.get(head[8:12])
    if head[:16] == _WAVE64:
        return parse_wave64
    if head[:19] == b"Creative Voice File":
        return parse_voc
    by_name: dict[bytes, Callable[[Bytes], Layout | Nested]] = {
        **{b"caff": parse_caf, b".snd": parse_au, b"dns.": parse_au, b"fLaC": parse_flac, b"OggS": parse_ogg}
    }
    return by_name.get(head[:4])


def _without_tag(source: Bytes) -> Bytes:
    """The sound behind an ID3 tag, which tag editors put before any format."""
    while (head := source.at(0, 10))[:3] == b"ID3" and len(head) == 10 and max(head[6:10]) < 0x80:
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        source = Range(source, 10 + size + (10 if head[5] & 0x10 else 0), source.size)
    return source
