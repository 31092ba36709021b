"""Section `sounds`: one training sound of each class with a waveform and four spectral pictures."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from drumspace.audio.spectral import rainbowgram
from drumspace.audio.spectral.transforms import mel_spectrogram, mfcc, spectrogram
from drumspace.report import pictures
from drumspace.report.inputs import Inputs
from drumspace.taxonomy import CLASSES

Ticks = list[tuple[float, str]]
"""(distance from the bottom in per cent, text)."""


@dataclass(frozen=True)
class Picture:
    """Picture of a spectral representation over time."""

    title: str
    src: str
    alt: str
    ticks: Ticks
    unit: str = "Hz"
    """Unit of the ticks."""


def typical_row(catalog: pd.DataFrame, label: str) -> int | None:
    """Catalogue row of the training clip of `label` whose length is nearest to the median; None without one.

    Recorded clips are preferred to synthetic ones; ties are broken by clip_id.
    """
    rows = catalog[(catalog["part"] == "train") & (catalog["label"] == label)]
    if "synthetic" in rows and not rows["synthetic"].all():
        rows = rows[~rows["synthetic"].astype(bool)]
    if rows.empty:
        return None
    distance = (rows["seconds"] - rows["seconds"].median()).abs()
    order = pd.DataFrame({"distance": distance, "clip_id": rows["clip_id"]}).sort_values(["distance", "clip_id"])
    return int(order.index[0])


def _hz(frequency: float) -> str:
    return f"{frequency / 1000:g} kHz" if frequency >= 1000 else f"{round(frequency)} Hz"


def _ticks(centres: np.ndarray, frequencies: tuple[float, ...]) -> Ticks:
    """Ticks at the `frequencies` (Hz) that lie within ascending bin centres (Hz)."""
    inside = [hertz for hertz in frequencies if centres[0] <= hertz <= centres[-1]]
    rows = np.interp(inside, centres, np.arange(len(centres)))
    return [
        (round(100 * (row + 0.5) / len(centres), 1), _hz(hertz).replace(" kHz", "k").replace(" Hz", ""))
        for row, hertz in zip(rows, inside, strict=True)
    ]


def _mel_centres(low: float, high: float, bands: int) -> np.ndarray:
    bottom, top = (2595 * np.log10(1 + hertz / 700) for hertz in (low, high))  # thesis, formula 2.3
    return 700 * (10 ** (np.linspace(bottom, top, bands + 2)[1:-1] / 2595) - 1)


def _spectrum(title: str, values: np.ndarray, centres: np.ndarray, label: str, ticks: tuple[float, ...]) -> Picture:
    loudest = _hz(float(f"{centres[values.mean(1).argmax()]:.2g}"))
    top = _hz(round(centres[-1], -2))
    return Picture(
        title=title,
        src=pictures.heat(values, values.min(), values.max(), "magma"),
        alt=f"{title} of the {label}: {len(values)} bins up to {top}, most energy near {loudest}.",
        ticks=_ticks(centres, ticks),
    )


def spectral_pictures(pcm: np.ndarray, label: str, inputs: Inputs) -> tuple[Picture, ...]:
    """Pictures of pcm, int16 [T]: spectrogram, mel spectrogram, MFCC and rainbowgram."""
    wave = torch.from_numpy(pcm.astype(np.float32) / np.float32(32768))
    rate, features, rainbow = inputs.audio.sample_rate, inputs.features, inputs.params.rainbowgram
    spec = spectrogram(wave, features.spec).numpy()
    mel = mel_spectrogram(wave, rate, features.mel).numpy()
    cepstrum = mfcc(wave, rate, features.mfcc).numpy()
    step = 5 if len(cepstrum) <= 25 else 10
    # Each coefficient is scaled by its own largest value, since the first is much larger than the others.
    cepstrum = cepstrum / np.maximum(np.abs(cepstrum).max(1, keepdims=True), 1e-9)
    centres = rainbowgram.frequencies(rate, rainbow)
    mel_centres = _mel_centres(features.mel.fmin, features.mel.fmax or rate / 2, len(mel))
    return (
        _spectrum("Spectrogram", spec, np.linspace(0, rate / 2, len(spec)), label, (5000, 10000, 15000)),
        _spectrum("Mel spectrogram", mel, mel_centres, label, (200, 1000, 5000)),
        Picture(
            title="MFCC",
            src=pictures.heat(cepstrum, -1, 1, "berlin"),
            alt=f"MFCC of the {label}: {len(cepstrum)} coefficients, each scaled by its own largest value.",
            ticks=[(round(100 * (n + 0.5) / len(cepstrum), 1), str(n)) for n in range(step, len(cepstrum), step)],
            unit="coefficient",
        ),
        Picture(
            title="CQT rainbowgram",
            src=pictures.rgb(rainbowgram.rainbowgram(wave.numpy(), rate, rainbow)),
            alt=f"CQT rainbowgram of the {label}: {len(centres)} bins from {_hz(centres[0])} to"
            f" {_hz(round(centres[-1], -2))}; bright is loud, colour is the derivative of the phase.",
            ticks=_ticks(centres, (100, 1000, 10000)),
        ),
    )


def sound_context(inputs: Inputs, label: str) -> dict[str, Any]:
    """Values for the sound of one class; `path` is None where no training clip has the label."""
    row = typical_row(inputs.catalog, label)
    if row is None:
        return {"label": label, "path": None}
    entry: dict[Any, Any] = inputs.catalog.loc[row].to_dict()
    pcm = inputs.clips[np.array([row])][0]
    licence = entry.get("licence")
    return {
        "label": label,
        "path": str(entry["path"]),
        "licence": str(licence) if pd.notna(licence) and licence else "licence not stated",
        "seconds": float(entry["seconds"]),
        "audio": pictures.flac(pcm, inputs.audio.sample_rate),
        "wave": pictures.wave_path(pcm),
        "wave_alt": f"Waveform of the {label}, {entry['seconds']:.2f} s long.",
        "pictures": spectral_pictures(pcm, label, inputs),
    }


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template: `sounds`, one of each class, and the length of a clip in seconds."""
    progress = tqdm(CLASSES, desc="report: sounds", unit="class", disable=None)
    return {"sounds": [sound_context(inputs, label) for label in progress], "seconds": inputs.audio.seconds}
