"""Compute one feature of every clip: data/features/<name>.npy, float16 [clips, bins, frames], rows as the catalogue."""

import sys

import numpy as np
import torch
from common import CLIPS, FEATURES, stage
from tqdm import tqdm

from drumspace.artifacts import Clips, atomic_path
from drumspace.audio.params import AudioParams, MelParams, MfccParams, SpecParams
from drumspace.audio.spectral import mel_spectrogram, mfcc, spectrogram, to_wave

BATCH = 256


def main() -> None:
    """Run the stage for the feature named on the command line."""
    name = sys.argv[1]
    with stage("features", name) as work:
        rate = work.section("audio", AudioParams).sample_rate
        model = {"spec": SpecParams, "mel": MelParams, "mfcc": MfccParams}[name]
        params = work.section(f"features.{name}", model)
        transform = {
            "spec": lambda wave: spectrogram(wave, params),
            "mel": lambda wave: mel_spectrogram(wave, rate, params),
            "mfcc": lambda wave: mfcc(wave, rate, params),
        }[name]
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        clips = Clips(CLIPS)
        shape = transform(torch.zeros(1, clips.num_samples)).shape[1:]
        with atomic_path(FEATURES / f"{name}.npy") as temporary:
            # A memory map keeps memory flat; float16 holds dB to a tenth or better.
            out = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float16, shape=(len(clips), *shape))
            for begin in tqdm(range(0, len(clips), BATCH), desc=f"features {name}", unit="batch"):
                rows = np.arange(begin, min(begin + BATCH, len(clips)))
                with torch.inference_mode():
                    out[rows] = transform(to_wave(clips[rows]).to(device)).half().cpu().numpy()
            out.flush()
            del out


if __name__ == "__main__":
    main()
