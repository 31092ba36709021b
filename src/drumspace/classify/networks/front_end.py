"""From a wave to what a network looks at: a log-mel picture, or the wave at another sample rate."""

import torch
from torch import Tensor, nn
from torchaudio.transforms import Resample

from drumspace.audio.spectral.settings import MelParams
from drumspace.audio.spectral.transforms import mel_spectrogram
from drumspace.classify.training.augment import SpecMask
from drumspace.classify.training.settings import AugmentParams


class LogMel(nn.Module):
    """The log-mel spectrogram as a picture with one channel, with SpecAugment's stripes in training."""

    def __init__(self, mel: MelParams, sample_rate: int, augment: AugmentParams) -> None:
        """`sample_rate` of the waves to come (Hz)."""
        super().__init__()
        self.mel, self.sample_rate = mel, sample_rate
        self.mask = SpecMask(augment, value=-1.0)

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, 1, n_mels, frames]: dB below the clip's own peak, the floor at -1 and the peak at 1.

        How loud a sound was recorded says nothing of what it is.
        """
        with full_precision(wave):
            mel = mel_spectrogram(wave.float(), self.sample_rate, self.mel)
            below = mel - mel.amax(dim=(1, 2), keepdim=True)
            return self.mask((1 - 2 * below / self.mel.floor_db).unsqueeze(1))


class AtRate(nn.Module):
    """The wave as a network trained elsewhere expects it: its sample rate, a least length, a peak of 1."""

    def __init__(self, sample_rate: int, target_rate: int, min_seconds: float, peak_one: bool) -> None:
        """From `sample_rate` to `target_rate` (Hz); shorter waves are padded with silence."""
        super().__init__()
        self.resample = Resample(sample_rate, target_rate)
        self.min_samples, self.peak_one = round(min_seconds * target_rate), peak_one

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, T'], T' at least min_seconds."""
        with full_precision(wave):
            wave = self.resample(wave.float())
            if self.peak_one:
                wave = wave / wave.abs().amax(dim=1, keepdim=True).clamp(min=1e-5)
            return nn.functional.pad(wave, (0, max(0, self.min_samples - wave.shape[1])))


def full_precision(tensor: Tensor) -> torch.autocast:
    """A context without bf16: eight bits of a power spectrum would be coarser than the ear."""
    return torch.autocast(tensor.device.type, enabled=False)
