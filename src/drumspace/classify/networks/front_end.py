"""Inputs of trunks, computed from the wave: a log-mel image, or the wave at another sample rate."""

import torch
from torch import Tensor, nn
from torchaudio.transforms import Resample

from drumspace.audio.spectral.settings import MelParams
from drumspace.audio.spectral.transforms import mel_spectrogram
from drumspace.classify.training.augment import SpecMask
from drumspace.classify.training.settings import AugmentParams


class LogMel(nn.Module):
    """Log-mel spectrogram as an image with one channel, with SpecAugment in training."""

    def __init__(self, mel: MelParams, sample_rate: int, augment: AugmentParams) -> None:
        """Compute spectrograms of waves at `sample_rate` (Hz)."""
        super().__init__()
        self.mel, self.sample_rate = mel, sample_rate
        self.mask = SpecMask(augment, value=-1.0)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, 1, n_mels, frames]: dB below the clip's peak, scaled so that the floor is -1 and the peak 1.

        The level is removed because it depends on the recording, not on the class.
        """
        with full_precision(wave):
            mel = mel_spectrogram(wave.float(), self.sample_rate, self.mel)
            below = mel - mel.amax(dim=(1, 2), keepdim=True)
            return self.mask((1 - 2 * below / self.mel.floor_db).unsqueeze(1))


class AtRate(nn.Module):
    """Wave at the sample rate, minimum length and, optionally, peak of 1 that a pretrained network expects."""

    def __init__(self, sample_rate: int, target_rate: int, min_seconds: float, peak_one: bool) -> None:
        """Resample from `sample_rate` to `target_rate` (Hz); waves under `min_seconds` are padded with zeros."""
        super().__init__()
        self.resample = Resample(sample_rate, target_rate)
        self.min_samples, self.peak_one = round(min_seconds * target_rate), peak_one

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, T'], T' ≥ min_seconds · target_rate."""
        with full_precision(wave):
            wave = self.resample(wave.float())
            if self.peak_one:
                wave = wave / wave.abs().amax(dim=1, keepdim=True).clamp(min=1e-5)
            return nn.functional.pad(wave, (0, max(0, self.min_samples - wave.shape[1])))


def full_precision(tensor: Tensor) -> torch.autocast:
    """Context that disables mixed precision: bf16 has too few bits for a power spectrum."""
    return torch.autocast(tensor.device.type, enabled=False)
