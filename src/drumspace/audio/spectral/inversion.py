"""Phase reconstruction by Griffin and Lim's iteration: a wave from its magnitude spectrogram, without training."""

import librosa
import numpy as np
import torch
from torch import Tensor

from drumspace.audio.spectral.stft import stft_power


def magnitude(wave: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """Magnitude |STFT|: Hann window, centred frames, zero padding, as in drumspace.audio.spectral.stft.stft_power.

    wave: float [..., T]. Returns [..., n_fft // 2 + 1, 1 + T // hop_length]. Not for losses: the gradient of
    the square root is infinite at silence.
    """
    return stft_power(wave, n_fft, hop_length).sqrt()


def griffin_lim(
    magnitude: Tensor, n_fft: int, hop_length: int, num_samples: int, iterations: int, momentum: float, seed: int
) -> Tensor:
    """Estimate a wave from its magnitude spectrogram, starting from random phases.

    magnitude: float32 or float64 [B, n_fft // 2 + 1, 1 + num_samples // hop_length], as `magnitude` returns it.
    Returns [B, num_samples] of the same dtype and on the same device. `momentum` in [0, 1]: 0 is Griffin and Lim's own
    iteration (1984), larger values the fast variant of Perraudin, Balazs and Søndergaard (2013). The random
    phases depend on `seed` alone and are the same for every clip, so a clip does not depend on its batch. Raises
    ValueError for another shape or momentum.
    """
    shape = (n_fft // 2 + 1, 1 + num_samples // hop_length)
    if magnitude.dim() != 3 or magnitude.shape[1:] != shape:
        raise ValueError(f"{num_samples} samples have a spectrogram [B, {shape[0]}, {shape[1]}]: {magnitude.shape}")
    if not 0 <= momentum <= 1:
        raise ValueError(f"momentum {momentum} is not in [0, 1]")
    # torchaudio's version stays on the device but pads by reflection in each iteration. Drums are loudest at their
    # start, where the spectrogram was made with zeros: the error becomes about 3 times as large.
    wave = magnitude.new_empty(len(magnitude), num_samples)
    for row, clip in zip(wave, magnitude.detach().cpu().numpy(), strict=True):
        estimate = librosa.griffinlim(
            clip,
            n_iter=iterations,
            hop_length=hop_length,
            n_fft=n_fft,
            length=num_samples,
            pad_mode="constant",
            momentum=momentum,
            random_state=np.random.default_rng(seed),
        )
        row.copy_(torch.from_numpy(estimate))
    return wave
