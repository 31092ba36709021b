"""Sounds to hear side by side, each with small pictures."""

from dataclasses import dataclass

import numpy as np

from drumspace.audio.spectral.transforms import mel_spectrogram, to_wave
from drumspace.report import pictures
from drumspace.report.inputs import Inputs


@dataclass(frozen=True)
class Clip:
    """A sound to hear."""

    title: str
    audio: str
    picture: str
    alt: str
    wave: str = ""
    """Its outline, where it is drawn."""


def clip_of(title: str, pcm: np.ndarray, label: str | None, inputs: Inputs, outline: bool = False) -> Clip:
    """A sound, int16 [T], with its mel spectrogram, and with its waveform if that is asked for."""
    mel = mel_spectrogram(to_wave(pcm), inputs.audio.sample_rate, inputs.features.mel).numpy()
    # Every other value: pictures are small here.
    picture = pictures.heat(mel[::2, ::2], inputs.features.mel.floor_db + mel.max(), mel.max(), "magma")
    alt = f"Mel spectrogram: {title}, {label or 'no class'}"
    wave = pictures.wave_path(pcm) if outline else ""
    return Clip(title, pictures.flac(pcm, inputs.audio.sample_rate), picture, alt, wave)
