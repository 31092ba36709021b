"""From a magnitude spectrogram back to a wave, by iteration: no training, no model, but slow."""

import librosa
import numpy as np
import torch
from torch import Tensor

from drumspace.audio.spectral.transforms import power


def magnitude(wave: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """|STFT| in the frames of drumspace.audio.spectral.transforms.power: Hann, centred, zeros beyond the ends.

    wave: float [..., T]. Returns [..., n_fft // 2 + 1, 1 + T // hop_length]. Not for losses: at silence the root's
    gradient is infinite.
    """
    return power(wave, n_fft, hop_length).sqrt()


def griffin_lim(
    magnitude: Tensor, n_fft: int, hop_length: int, num_samples: int, iterations: int, momentum: float, seed: int
) -> Tensor:
    """A wave whose magnitude spectrogram comes near the given one; its phases begin at random.

    magnitude: float32 or float64 [B, n_fft // 2 + 1, 1 + num_samples // hop_length], as `magnitude` makes it. Returns
    [B, num_samples], of its dtype and on its device. `momentum` in [0, 1]: 0 is Griffin and Lim's own iteration
    (1984), more the fast one of Perraudin, Balazs and Søndergaard (2013), whose 0.99 is usual. Random numbers follow
    from `seed` alone, and are the same for each clip: a clip does not depend on its batch, nor on any generator.
    Raises ValueError for another shape or momentum.
    """
    shape = (n_fft // 2 + 1, 1 + num_samples // hop_length)
    if magnitude.dim() != 3 or magnitude.shape[1:] != shape:
        raise ValueError(f"{num_samples} samples have a spectrogram [B, {shape[0]}, {shape[1]}]: {magnitude.shape}")
    if not 0 <= momentum <= 1:
        raise ValueError(f"momentum {momentum} is not in [0, 1]")
    # Not torchaudio's, which would stay on the device: in each iteration it mirrors the wave at its ends. For drums,
    # loudest where they begin, it ends about 3 times as far from a spectrogram that has zeros there.
    wave = magnitude.new_empty(len(magnitude), num_samples)
    for row, clip in zip(wave, magnitude.detach().cpu().numpy(), strict=True):
        found = librosa.griffinlim(
            clip,
            n_iter=iterations,
            hop_length=hop_length,
            n_fft=n_fft,
            length=num_samples,
            pad_mode="constant",
            momentum=momentum,
            random_state=np.random.default_rng(seed),
        )
        row.copy_(torch.from_numpy(found))
    return wave
