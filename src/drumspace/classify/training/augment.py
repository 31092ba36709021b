"""Augmentation of training clips. Random numbers come from torch's global generator."""

import torch
from torch import Tensor, nn

from drumspace.audio.spectral.speed import change_speed
from drumspace.classify.training.degrade import add_reverb, clip_peaks, limit_bandwidth
from drumspace.classify.training.settings import AugmentParams

EQ_LOWEST_HZ = 40.0
EQ_OCTAVES = 1.5
"""Distance of neighbouring frequencies of the equaliser (octaves)."""


def augment_waves(wave: Tensor, sample_rate: int, params: AugmentParams) -> Tensor:
    """Change speed, delay, spectrum, noise and level of each clip at random, and degrade some. float [B, T] → [B, T].

    sample_rate: Hz. The order is that of a recording: the sound, the room, an overdriven input, noise, the file's rate.
    """
    count, length = wave.shape
    device = wave.device
    if params.speed:
        wave = change_speed(wave, (1 + params.speed * (2 * torch.rand(count) - 1)).tolist())
    delay = (torch.rand(count, 1, device=device) * params.shift_ms * sample_rate / 1000).round().long()
    source = torch.arange(length, device=device) - delay
    moved = wave.gather(1, source.clamp(min=0)) * (source >= 0)
    moved = equalise(moved, sample_rate, params.eq_db)
    moved = add_reverb(moved, sample_rate, params.reverb)
    moved = clip_peaks(moved, params.clipping)
    if params.noise_db > -120:
        # The noise level is uniform in dB, up to 40 dB below noise_db.
        level = 10 ** ((params.noise_db - 40 * torch.rand(count, 1, device=device)) / 20)
        peak = moved.abs().amax(dim=1, keepdim=True)
        moved = moved + torch.randn_like(moved) * level * peak
    moved = limit_bandwidth(moved, sample_rate, params.low_pass)
    gain = 10 ** (params.gain_db * (2 * torch.rand(count, 1, device=device) - 1) / 20)
    return moved * gain


def equalise(wave: Tensor, sample_rate: int, gain_db: float) -> Tensor:
    """Filter each clip with a random zero-phase equaliser. float [B, T] at sample_rate (Hz) → [B, T].

    Gains are drawn from ± gain_db (dB) at frequencies EQ_OCTAVES apart, with linear interpolation in dB over log
    frequency.
    """
    if gain_db == 0:
        return wave
    length = wave.shape[1]
    frequency = torch.fft.rfftfreq(length, 1 / sample_rate, device=wave.device).clamp(min=EQ_LOWEST_HZ)
    position = (frequency / EQ_LOWEST_HZ).log2() / EQ_OCTAVES
    left = position.floor().long()
    fraction = position - left
    gains = gain_db * (2 * torch.rand(len(wave), int(left.max()) + 2, device=wave.device) - 1)
    curve = gains[:, left] * (1 - fraction) + gains[:, left + 1] * fraction
    return torch.fft.irfft(torch.fft.rfft(wave) * 10 ** (curve / 20), length)


class SpecMask(nn.Module):
    """Mask one range of bands and one of frames in each clip, in training only (SpecAugment, Park et al. 2019)."""

    def __init__(self, params: AugmentParams, value: float) -> None:
        """Use the widths of `params`; masked elements are set to `value`."""
        super().__init__()
        self.shares, self.value = (params.mask_bands, params.mask_frames), value

    def forward(self, spectrum: Tensor) -> Tensor:
        """[B, 1, bands, frames] → same shape; the identity in evaluation mode."""
        if not self.training:
            return spectrum
        for axis, share in zip((2, 3), self.shares, strict=True):
            size = spectrum.shape[axis]
            width = torch.rand(len(spectrum), 1, device=spectrum.device) * share * size
            start = torch.rand(len(spectrum), 1, device=spectrum.device) * (size - width)
            position = torch.arange(size, device=spectrum.device)
            masked = (position >= start) & (position < start + width)
            shape = [len(spectrum), 1, 1, 1]
            shape[axis] = size
            spectrum = spectrum.masked_fill(masked.reshape(shape), self.value)
        return spectrum


def mixup_weights(count: int, alpha: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """Draw mixup weights [B, 1] in [0.5, 1] of each clip, and the indices [B] of the clips it is mixed with."""
    if alpha == 0:
        return torch.ones(count, 1, device=device), torch.arange(count, device=device)
    weight = torch.distributions.Beta(alpha, alpha).sample((count, 1)).to(device)
    return torch.maximum(weight, 1 - weight), torch.randperm(count, device=device)
