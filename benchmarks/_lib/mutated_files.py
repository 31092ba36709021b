"""Small sound files of every container, and mutations of their headers and chunks."""

import io
import struct
from collections.abc import Iterator

import numpy as np
import soundfile

from drumspace.audio.decode.containers.ogg import page_checksum

_FORMATS = (
    *(("WAV", "PCM_U8", "wav"), ("WAV", "PCM_16", "wav"), ("WAV", "PCM_24", "wav"), ("WAV", "FLOAT", "wav")),
    *(("WAV", "IMA_ADPCM", "wav"), ("WAV", "MS_ADPCM", "wav"), ("WAV", "GSM610", "wav"), ("WAV", "ULAW", "wav")),
    *(("WAV", "G721_32", "wav"), ("WAVEX", "PCM_16", "wav"), ("RF64", "PCM_16", "rf64"), ("W64", "PCM_16", "w64")),
    *(("AIFF", "PCM_16", "aif"), ("AIFF", "FLOAT", "aif"), ("AIFF", "IMA_ADPCM", "aif"), ("AU", "PCM_16", "au")),
    *(("AU", "ULAW", "au"), ("CAF", "PCM_16", "caf"), ("CAF", "ALAC_16", "caf"), ("VOC", "PCM_16", "wav")),
    *(("SVX", "PCM_S8", "wav"), ("NIST", "PCM_16", "wav"), ("IRCAM", "PCM_16", "wav"), ("PAF", "PCM_16", "wav")),
    *(("MAT5", "PCM_16", "wav"), ("FLAC", "PCM_16", "flac"), ("OGG", "VORBIS", "ogg"), ("OGG", "OPUS", "opus")),
    *(
        ("MP3", "MPEG_LAYER_III", "mp3"),
        ("WAV", "NMS_ADPCM_32", "wav"),
        ("AVR", "PCM_16", "wav"),
        ("XI", "DPCM_16", "wav"),
    ),
)
_VALUES = (
    *(0, 1, 2, 3, 7, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFF4),
    *(0xFFFFFFF8, 0xFFFFFFFE, 0xFFFFFFFF),
)
_HEADER = 512
"""Bytes at the start and at the end in which most mutations fall."""


def small_files(seed: int) -> list[tuple[str, bytes]]:
    """(suffix, content) of a short sound in every container that libsndfile writes, some with text chunks."""
    rng = np.random.default_rng(seed)
    files: list[tuple[str, bytes]] = []
    for container, subtype, suffix in _FORMATS:
        rate = 8000 if subtype in ("GSM610", "G721_32", "NMS_ADPCM_32") else 48000 if subtype == "OPUS" else 44100
        time = np.arange(round(0.06 * rate)) / rate
        wave = 0.6 * np.exp(-30 * time) * (np.sin(2 * np.pi * 90 * time) + 0.3 * rng.uniform(-1, 1, len(time)))
        buffer = io.BytesIO()
        with soundfile.SoundFile(buffer, "w", rate, 1, subtype, format=container) as file:
            if container in ("WAV", "AIFF", "FLAC", "OGG", "CAF") and len(files) % 2:
                file.title, file.comment = "a drum", "from nowhere"
            file.write(wave)
        files.append((suffix, _without_time(buffer.getvalue())))
    files.append(("sf2", _soundfont(rng)))
    return files


def _without_time(data: bytes) -> bytes:
    """The same file without the time of its making (PEAK chunk, MAT5 header) and the random number of an Ogg stream."""
    fixed = bytearray(data)
    peak = data.find(b"PEAK", 0, 200)
    if peak >= 0:
        fixed[peak + 12 : peak + 16] = bytes(4)
    if data.startswith(b"MATLAB"):
        fixed[20:116] = b" " * 96
    at = 0
    while fixed[at : at + 4] == b"OggS":
        end = at + 27 + fixed[at + 26] + sum(fixed[at + 27 : at + 27 + fixed[at + 26]])
        fixed[at + 14 : at + 18] = (1).to_bytes(4, "little")
        fixed[at + 22 : at + 26] = page_checksum(bytes(fixed[at:end])).to_bytes(4, "little")
        at = end
    return bytes(fixed)


def _soundfont(rng: np.random.Generator) -> bytes:
    """A SoundFont of two drums."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)

    pcm = [(rng.uniform(-9000, 9000, 2000) * np.exp(-np.arange(2000) / 300)).astype("<i2") for _ in range(2)]
    samples = b"".join(wave.tobytes() + bytes(92) for wave in pcm)
    headers = b"".join(
        struct.pack("<20sIIIIIBbHH", name, start, start + 2000, start, start, 44100, 60, 0, 0, 1)
        for name, start in ((b"Kick", 0), (b"Snare", 2046))
    )
    tables = {
        b"phdr": struct.pack("<20sHHHIII20sHHHIII", b"Kit", 0, 128, 0, 0, 0, 0, b"", 0, 0, 1, 0, 0, 0),
        b"pbag": struct.pack("<4H", 0, 0, 1, 0),
        b"pmod": bytes(10),
        b"pgen": struct.pack("<4H", 41, 0, 0, 0),
        b"inst": struct.pack("<20sH20sH", b"Kit", 0, b"", 2),
        b"ibag": struct.pack("<6H", 0, 0, 2, 0, 4, 0),
        b"imod": bytes(10),
        b"igen": struct.pack("<HBB", 43, 36, 36) + struct.pack("<HH", 53, 0) + struct.pack("<HBB", 43, 38, 38)
        + struct.pack("<4H", 53, 1, 0, 0),
        b"shdr": headers + bytes(46),
    }  # fmt: skip
    lists = [b"INFO" + chunk(b"ifil", struct.pack("<HH", 2, 1)), b"sdta" + chunk(b"smpl", samples)]
    lists.append(b"pdta" + b"".join(chunk(name, data) for name, data in tables.items()))
    return chunk(b"RIFF", b"sfbk" + b"".join(chunk(b"LIST", part) for part in lists))


def mutations(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` files (suffix, content) with one to four mutations each; the same for the same seed."""
    files = small_files(seed)
    rng = np.random.default_rng(seed)
    for number in range(count):
        suffix, content = files[number % len(files)]
        data = bytearray(content)
        for _ in range(int(rng.integers(1, 5))):
            _mutate(data, rng, files)
        yield suffix, bytes(data)


def _mutate(data: bytearray, rng: np.random.Generator, files: list[tuple[str, bytes]]) -> None:
    """Change `data` in place: a field, bytes, a piece cut out, repeated, or taken from another file."""
    size = max(len(data), 1)
    near = [int(rng.integers(0, min(_HEADER, size))), size - 1 - int(rng.integers(0, min(_HEADER, size)))]
    at = [*near, near[0], near[0], int(rng.integers(0, size))][int(rng.integers(0, 5))]
    kind = int(rng.integers(0, 8))
    if kind <= 2:  # a field of a header
        width, order = (2, 4, 8)[int(rng.integers(0, 3))], ("little", "big")[int(rng.integers(0, 2))]
        value = int(rng.choice(_VALUES)) if rng.random() < 0.8 else int(rng.integers(0, 1 << 32))
        data[at : at + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, order)  # type: ignore[arg-type]
    elif kind == 3:
        data[at : at + 1] = bytes([int(rng.integers(0, 256))])
    elif kind == 4:
        del data[at : at + int(rng.integers(1, 300))]
    elif kind == 5:
        del data[at:]
    elif kind == 6:
        data[at:at] = data[near[0] : near[0] + int(rng.integers(1, 200))]
    else:
        other = files[int(rng.integers(0, len(files)))][1]
        data[at:at] = other[: int(rng.integers(1, 200))]
