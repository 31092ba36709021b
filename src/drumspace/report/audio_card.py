"""Audio cards: sounds to play, each with a small spectrogram."""

from dataclasses import dataclass

import numpy as np

from drumspace.audio.spectral.transforms import mel_spectrogram, to_wave
from drumspace.report import pictures
from drumspace.report.inputs import Inputs


@dataclass(frozen=True)
class AudioCard:
    """Audio card: a title, a FLAC data URI, a picture and its description."""

    title: str
    audio: str
    picture: str
    alt: str
    wave: str = ""
    """SVG path of the waveform; empty where it is not drawn."""


def audio_card(title: str, pcm: np.ndarray, label: str | None, inputs: Inputs, outline: bool = False) -> AudioCard:
    """Audio card of pcm, int16 [T], with its mel spectrogram, and with its waveform if `outline`."""
    mel = mel_spectrogram(to_wave(pcm), inputs.audio.sample_rate, inputs.features.mel).numpy()
    # Cards are small: every second value is enough.
    picture = pictures.heat(mel[::2, ::2], inputs.features.mel.floor_db + mel.max(), mel.max(), "magma")
    alt = f"Mel spectrogram: {title}, {label or 'no class'}"
    wave = pictures.wave_path(pcm) if outline else ""
    return AudioCard(title, pictures.flac(pcm, inputs.audio.sample_rate), picture, alt, wave)
