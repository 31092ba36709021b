"""Compute one feature of every clip → data/features/<name>.npy, float16 [clips, bins, frames], in catalogue order."""

import _lib.bootstrap  # noqa: F401

import sys
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from _lib.paths import CLIPS, FEATURES
from _lib.runtime import Stage, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.settings import MelParams, MfccParams, SpecParams
from drumspace.audio.spectral.transforms import mel_spectrogram, mfcc, spectrogram, to_wave
from drumspace.dataset.access.clips import Clips
from drumspace.io.atomic import atomic_path

BATCH = 256


def main() -> None:
    """Run the stage for the feature named on the command line."""
    name = sys.argv[1]
    with stage("features", name) as work:
        transform = transform_of(work, name)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        clips = Clips(CLIPS)
        shape = transform(torch.zeros(1, clips.num_samples)).shape[1:]
        with atomic_path(FEATURES / f"{name}.npy") as temporary:
            # The memory map keeps memory use constant; float16 resolves levels in dB to a tenth or better.
            out = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float16, shape=(len(clips), *shape))
            for start in tqdm(range(0, len(clips), BATCH), desc=f"features {name}", unit="batch"):
                rows = np.arange(start, min(start + BATCH, len(clips)))
                with torch.inference_mode():
                    out[rows] = transform(to_wave(clips[rows]).to(device)).half().cpu().numpy()
            out.flush()
            del out


def transform_of(work: Stage, name: str) -> Callable[[Tensor], Tensor]:
    """Transform of the named feature with its settings: float [B, T] → [B, bins, frames]."""
    rate = work.section("audio", AudioParams).sample_rate
    if name == "spec":
        spec = work.section("features.spec", SpecParams)
        return lambda wave: spectrogram(wave, spec)
    if name == "mel":
        mel = work.section("features.mel", MelParams)
        return lambda wave: mel_spectrogram(wave, rate, mel)
    coefficients = work.section("features.mfcc", MfccParams)
    return lambda wave: mfcc(wave, rate, coefficients)


if __name__ == "__main__":
    main()
