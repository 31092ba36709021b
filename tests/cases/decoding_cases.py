"""Odd sound files as people have them, made from formulas, and what decoding gives for each."""

import io
import struct
from typing import NamedTuple

import numpy as np
import soundfile

RATE = 44100
DAMAGED = "truncated or damaged"


class Case(NamedTuple):
    """A file and its right outcome."""

    data: bytes
    seconds: float | None = None
    """Length from the onset to the end; None for a file that is rejected."""
    reason: str = ""
    """Part of the reason of a file that is rejected."""
    slack: float = 0.002
    """Tolerance of `seconds`."""
    peak: float | None = None
    """Peak in full scale."""


def kick(seconds: float = 0.35, level: float = 0.8, rate: int = RATE) -> np.ndarray:
    """A decaying sine with a falling pitch: float64 [T]."""
    t = np.arange(round(seconds * rate)) / rate
    return level * np.exp(-9 * t) * np.sin(2 * np.pi * (50 * t + 25 * (1 - np.exp(-30 * t)) / 3))


def noise(seconds: float = 0.9, level: float = 0.6, rate: int = RATE) -> np.ndarray:
    """Decaying noise, full from its first sample on: float64 [T]."""
    t = np.arange(round(seconds * rate)) / rate
    wave = np.random.default_rng(1).uniform(-1, 1, len(t)) * np.exp(-2.5 * t)
    wave[0] = 1
    return level * wave


def pcm16(wave: np.ndarray) -> bytes:
    """16-bit samples, little-endian."""
    return np.rint(wave * 32767).astype("<i2").tobytes()


def encode(wave: np.ndarray, container: str, subtype: str | None = None, rate: int = RATE, **options: object) -> bytes:
    """Encode a wave with libsndfile."""
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, rate, subtype, format=container, **options)
    return buffer.getvalue()


def chunk(name: bytes, data: bytes, length: int | None = None, pad: bool = True) -> bytes:
    """A RIFF chunk; `length` is what it states, if that is wrong."""
    stated = len(data) if length is None else length
    return name + struct.pack("<I", stated) + data + bytes(len(data) % 2 if pad else 0)


def form(tag: int = 1, channels: int = 1, bits: int = 16, rate: int = RATE) -> bytes:
    """A `fmt ` chunk."""
    block = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits))


def riff(*chunks: bytes, length: int | None = None) -> bytes:
    """A WAV; `length` is what it states, if that is wrong."""
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if length is None else length) + body


def uncounted_mp3(wave: np.ndarray, mode: str = "VARIABLE") -> bytes:
    """An MP3 without its first frame, which counts the others."""
    data = encode(wave, "MP3", bitrate_mode=mode, compression_level=0.2)
    kilobits = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)[data[2] >> 4]
    return data[144_000 * kilobits // RATE + (data[2] >> 1 & 1) :]


def flac_of_length(wave: np.ndarray, length: int) -> bytes:
    """A FLAC whose header states another number of samples; 0: unknown."""
    data = bytearray(encode(wave, "FLAC"))
    data[21:26] = ((data[21] & 0xF0) << 32 | length).to_bytes(5, "big")
    return bytes(data)


def flipped(data: bytes) -> bytes:
    """The same with 40 bytes changed in the middle."""
    at = len(data) * 4 // 10
    return data[:at] + bytes(byte ^ 0x5A for byte in data[at : at + 40]) + data[at + 40 :]


def cases() -> dict[str, Case]:
    """All cases by name."""
    return _lengths() | _chunks() | _offsets() | _damaged() | _nested()


def _lengths() -> dict[str, Case]:
    samples = pcm16(noise(0.5))
    tags = chunk(b"LIST", b"INFOICMT" + struct.pack("<I", 4) + b"tape") + chunk(b"id3 ", bytes(range(200)))
    whole = encode(noise(), "MP3")
    unknown = 0xFFFFFFFF
    rf64 = encode(noise(0.5), "RF64")
    return {
        "MP3 without count, kick": Case(uncounted_mp3(kick(0.4)), 0.42, slack=0.03),
        "MP3 without count, long": Case(uncounted_mp3(noise(2.0)), 2.0, slack=0.04),
        "MP3 without count behind silence": Case(uncounted_mp3(np.append(np.zeros(2205), kick(0.4))), 0.42, slack=0.03),
        "MP3 of constant rate without count": Case(uncounted_mp3(kick(0.4), "CONSTANT"), 0.42, slack=0.03),
        "MP3 that counts too few": Case(whole.replace(whole[45:48], b"\0\0\1", 1), 0.9, slack=0.06),
        "FLAC of unknown length": Case(flac_of_length(noise(1.6), 0), 1.6),
        "FLAC that states too little": Case(flac_of_length(noise(1.6), 20000), 1.6),
        "FLAC of unknown length, a minute": Case(flac_of_length(noise(60), 0), None, "60 s long"),
        "FLAC of unknown length, cut": Case(flac_of_length(noise(2), 0)[:40_000], None, DAMAGED),
        "WAV of length 0": Case(riff(form(), chunk(b"data", samples, 0), length=0), 0.5),
        "WAV of length 0, tags behind": Case(riff(form(), chunk(b"data", samples, 0), tags, length=0), 0.5, peak=0.6),
        "WAV of unknown length, tags behind": Case(riff(form(), chunk(b"data", samples, unknown), tags), 0.5, peak=0.6),
        "WAV that states too little": Case(riff(form(), chunk(b"data", samples, 4000)), 0.5),
        "WAV without samples, tags behind": Case(riff(form(), chunk(b"data", b""), tags), None, "holds no samples"),
        "RF64 of unknown length": Case(rf64[:20] + b"\xff" * 24 + rf64[44:], 0.5),
        "WAV of 44 bytes too many": Case(riff(form(), chunk(b"data", samples, len(samples) + 44)), 0.5),
    }


def _chunks() -> dict[str, Case]:
    samples = chunk(b"data", pcm16(kick()))
    text = b"INFOICMT" + struct.pack("<I", 9) + b"from tape"
    wrong = b"INFOever" + struct.pack("<I", 0xFFFFFFF8) + b"A%%%" * 6
    aiff = encode(kick(), "AIFF")
    odd = b"NAME" + struct.pack(">I", 5) + b"Kick1"
    return {
        "LIST of 21 bytes without pad": Case(riff(form(), chunk(b"LIST", text, pad=False), samples), 0.35),
        "LIST of 21 bytes with pad": Case(riff(form(), chunk(b"LIST", text), samples), 0.35),
        "bext of 603 bytes without pad": Case(riff(chunk(b"bext", bytes(603), pad=False), form(), samples), 0.35),
        "AIFF, NAME of 5 bytes without pad": Case(aiff[:12] + odd + aiff[12:], 0.35),
        "LIST with a wrong length inside": Case(riff(form(), chunk(b"LIST", wrong), samples), 0.35),
        "LIST behind, a wrong length inside": Case(riff(form(), samples, chunk(b"LIST", wrong)), 0.35),
        "LIST with a wrong length itself": Case(riff(form(), chunk(b"LIST", wrong, 0xFFFFFFF8), samples), 0.35),
        "393,164 zeros before the samples": Case(riff(form(), chunk(b"LIST", bytes(393_164)), samples), 0.35),
        "no fmt chunk": Case(riff(samples), None, "does not say how its samples are stored"),
        "ADPCM with a length of its own": Case(_adpcm(), 0.05),
    }


def _adpcm() -> bytes:
    """An IMA ADPCM of 0.05 s in blocks of 1,017 samples, whose `fact` chunk counts the sound alone."""
    data = bytearray(encode(kick(0.05, rate=22050), "WAV", "IMA_ADPCM", 22050))
    at = data.index(b"fact") + 8
    data[at : at + 4] = struct.pack("<I", round(0.05 * 22050))
    return bytes(data)


def _offsets() -> dict[str, Case]:
    def eight_bit(head: float, offset: int, level: float = 0.6) -> bytes:
        wave = np.append(np.zeros(round(head * RATE)), kick(0.35, level))
        data = np.clip(np.rint(wave * 127) + 128 + offset, 0, 255).astype("u1").tobytes()
        return riff(form(bits=8), chunk(b"data", data))

    def offset(head: float, level: float) -> bytes:
        wave = np.append(np.zeros(round(head * RATE)), kick(0.35, 0.5)) + level
        return riff(form(), chunk(b"data", pcm16(wave)))

    step = np.append(np.full(RATE * 2, 0.3), np.full(RATE, 0.3))
    return {
        "8 bits, silent head": Case(eight_bit(0.3, 0), 0.351, peak=0.6),
        "8 bits, head one step low": Case(eight_bit(0.3, -1), 0.351, peak=0.6),
        "8 bits, long head one step low": Case(eight_bit(1.4, -1), 0.351, peak=0.6),
        "8 bits, long head one step high, quiet": Case(eight_bit(1.4, 1, 0.3), 0.351, peak=0.3),
        "head of 0.2 s at an offset of 0.1": Case(offset(0.2, 0.1), 0.351, peak=0.5),
        "head of 3 s at an offset of -0.2": Case(offset(3, -0.2), 0.351, peak=0.5),
        "offset without a head": Case(offset(0, 0.25), 0.35, peak=0.5),
        "constant": Case(riff(form(), chunk(b"data", pcm16(step))), None, "silent"),
    }


def _damaged() -> dict[str, Case]:
    rows = {}
    for container, subtype, rate in (
        *(("WAV", None, RATE), ("WAVEX", None, RATE), ("RF64", None, RATE), ("W64", None, RATE), ("AIFF", None, RATE)),
        *(("AU", None, RATE), ("CAF", None, RATE), ("CAF", "ALAC_16", RATE), ("VOC", None, RATE), ("FLAC", None, RATE)),
        *(("OGG", "VORBIS", RATE), ("OGG", "OPUS", 48000), ("MP3", None, RATE), ("SVX", None, RATE)),
        *(("WAV", "IMA_ADPCM", RATE), ("AU", "ULAW", RATE), ("W64", "ALAW", RATE), ("VOC", "ULAW", RATE)),
        *(("MPC2K", None, RATE), ("AVR", None, RATE), ("NIST", None, RATE), ("SDS", "PCM_16", RATE)),
    ):
        name = f"{container} {subtype or ''}".strip()
        data = encode(noise(rate=rate), container, subtype, rate)
        rows[f"{name}, whole"] = Case(data, 0.9, slack=0.03)
        rows[f"{name}, half"] = Case(data[: len(data) * 2 // 5], None, DAMAGED)
        if container in ("FLAC", "OGG"):
            rows[f"{name}, flipped bytes"] = Case(flipped(data), None, DAMAGED)
        if container in ("FLAC", "OGG", "MP3"):
            rows[f"{name}, a hole"] = Case(data[: len(data) // 2] + data[len(data) // 2 + 3000 :], None, DAMAGED)
    ogg = encode(noise(), "OGG", "VORBIS")
    last = ogg.rindex(b"OggS")
    rows["OGG without its last page"] = Case(ogg[:last], None, "ends before its last page")
    rows["two OGG streams in a row"] = Case(ogg + encode(kick(), "OGG", "VORBIS"), None, "several Ogg streams")
    rows["OGG with a tag behind"] = Case(ogg + b"TAG" + bytes(125), 0.9)
    return rows


def _nested() -> dict[str, Case]:
    quiet = kick(level=0.03)
    inner = riff(form(), chunk(b"data", pcm16(quiet)))
    twice = pcm16(quiet) + inner
    as_sound = np.frombuffer(inner, "<i2").astype(np.int16)
    return {
        "WAV in a WAV": Case(riff(form(), chunk(b"data", inner)), 0.35, peak=0.03),
        "FLAC in a WAV": Case(riff(form(), chunk(b"data", encode(quiet, "FLAC"))), 0.35, peak=0.03),
        "MP3 in a WAV": Case(riff(form(0x55), chunk(b"data", encode(kick(0.4), "MP3"))), 0.4, slack=0.03),
        "MP3 in a WAV that says PCM": Case(
            riff(form(), chunk(b"data", encode(kick(0.4), "MP3"))), 0.4, slack=0.03, peak=0.8
        ),
        "a header in the middle": Case(riff(form(), chunk(b"data", twice)), None, "header of another sound file"),
        "a header saved as FLAC": Case(encode(as_sound, "FLAC"), None, "header of another sound file"),
        "a tag before a WAV": Case(b"ID3\3\0\0\0\0\x08\0" + bytes(1024) + inner, 0.35, peak=0.03),
    }
