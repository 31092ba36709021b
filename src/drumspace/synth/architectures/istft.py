"""A convolutional network over frames that predicts an STFT, and its inverse: a wave without transposed convolutions.

Each bin of the decoder's STFT is a magnitude times a mixture of a predicted phase (tones, the attack) and of real noise
(the grain of snares, hats and cymbals). Magnitudes alone would not do: a loss on them prefers a pulse train at the hop
to noise, which it can't foresee.
"""

from typing import Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from drumspace.audio.params import MelParams
from drumspace.audio.spectral import mel_spectrogram
from drumspace.params import Params
from drumspace.synth.decoded import Decoded, Pair

STAGES = 4
"""Halvings of the number of frames in the encoder, and doublings in the decoder."""
GROUPS = 8
"""Of group normalisation."""
QUIET = -4.0
"""Logarithm of the magnitudes that an untrained decoder gives: sounds grow out of near silence."""


class Settings(Params):
    """Sizes."""

    n_fft: int = Field(ge=64, le=8192)
    """Of the decoder's STFT (samples)."""
    hop_length: int = Field(ge=16)
    """Of it: at most half of n_fft, so that every sample lies under a window."""
    width: int = Field(ge=GROUPS, multiple_of=GROUPS)
    """Channels of the decoder."""
    features: int = Field(ge=1)
    """Channels that the decoder begins with."""
    bands: int = Field(ge=2)
    """Mel bands in which the share of noise is told."""
    mel: MelParams
    """What the encoder sees."""
    channels: tuple[int, ...]
    """Of the encoder's layers, each a multiple of 8."""

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.hop_length > self.n_fft // 2:
            raise ValueError("hop_length must not exceed half of n_fft")
        if self.mel.hop_length != self.hop_length:
            raise ValueError("mel.hop_length must be hop_length: the encoder's frames are the decoder's")
        if len(self.channels) != STAGES or any(channel < GROUPS or channel % GROUPS for channel in self.channels):
            raise ValueError(f"channels must be {STAGES} multiples of {GROUPS}")
        return self


def coarse_frames(num_samples: int, hop_length: int) -> int:
    """Frames of the features between encoder and decoder."""
    return -(-(1 + num_samples // hop_length) // 2**STAGES)


def band_weights(bins: int, bands: int, sample_rate: int) -> Tensor:
    """What a bin takes of `bands` values at equal steps of 2595 log10(1 + f / 700): [bins, bands], rows of sum 1."""
    mel = torch.log10(1 + torch.linspace(0, sample_rate / 2, bins, dtype=torch.float64) / 700)
    place = mel / mel[-1] * (bands - 1)
    return (1 - (place[:, None] - torch.arange(bands)).abs()).clamp(min=0).float()


class Residual(nn.Module):
    """x + f(x), f two convolutions over frames: [B, width, F] → the same."""

    def __init__(self, width: int, kernel: int = 5) -> None:
        """`width` a multiple of GROUPS."""
        super().__init__()
        self.layers = nn.Sequential(
            nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Conv1d(width, width, kernel, padding=kernel // 2),
            nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Conv1d(width, width, 1),
        )  # fmt: skip

    def forward(self, values: Tensor) -> Tensor:
        """See the class."""
        return values + self.layers(values)


class IstftEncoder(nn.Module):
    """Wave [B, T] → features [B, features, coarse_frames(T)], from its log-mel spectrogram."""

    def __init__(self, sample_rate: int, mel: MelParams, channels: tuple[int, ...]) -> None:
        """STAGES channels, each a multiple of GROUPS."""
        super().__init__()
        self.sample_rate, self.mel = sample_rate, mel
        layers: list[nn.Module] = []
        for before, after in zip((1, *channels), channels, strict=False):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.GroupNorm(GROUPS, after), nn.SiLU()]
        self.layers = nn.Sequential(*layers)
        self.features = channels[-1] * -(-mel.n_mels // 2**STAGES)

    def forward(self, wave: Tensor) -> Tensor:
        """See the class."""
        with torch.autocast(wave.device.type, enabled=False):
            # From -1 at the floor to 1 at the peak: every clip comes at the same level.
            mel = mel_spectrogram(wave.float(), self.sample_rate, self.mel)
            picture = 1 - 2 * (mel - mel.amax(dim=(1, 2), keepdim=True)) / self.mel.floor_db
        return self.layers(picture.unsqueeze(1)).flatten(1, 2)


class IstftDecoder(nn.Module):
    """Features [B, features, coarse_frames(T)] → wave [B, T]."""

    bank: Tensor
    window: Tensor

    def __init__(
        self, num_samples: int, n_fft: int, hop_length: int, features: int, width: int, bands: int, sample_rate: int
    ) -> None:
        """`width` channels; the share of noise is told in `bands` mel bands."""
        super().__init__()
        self.num_samples, self.n_fft, self.hop_length = num_samples, n_fft, hop_length
        self.frames, bins = 1 + num_samples // hop_length, n_fft // 2 + 1
        self.begin = nn.Conv1d(features, width, 1)
        self.stages = nn.ModuleList(nn.Sequential(Residual(width), Residual(width)) for _ in range(STAGES))
        self.finish = nn.Sequential(Residual(width), nn.GroupNorm(GROUPS, width), nn.SiLU())
        self.magnitude = nn.Conv1d(width, bins, 1)
        self.phase = nn.Conv1d(width, 2 * bins, 1)
        self.noise = nn.Conv1d(width, bands, 1)
        nn.init.constant_(self.magnitude.bias, QUIET)  # type: ignore[arg-type]
        self.register_buffer("bank", band_weights(bins, bands, sample_rate), persistent=False)
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, features: Tensor, generator: torch.Generator | None = None, twice: bool = False) -> Decoded:
        """See the class. `generator`, or torch's own, makes the noise, on the CPU; `twice`: with other noise too."""
        values = self.begin(features)
        for stage in self.stages:
            values = stage(functional.interpolate(values, scale_factor=2, mode="nearest"))
        values = self.finish(values[..., : self.frames])
        log_magnitude, direction = self.magnitude(values).float(), self.phase(values).float()
        share = torch.einsum("fb,nbt->nft", self.bank, torch.sigmoid(self.noise(values).float()))
        with torch.autocast(features.device.type, enabled=False):
            real, imaginary = direction.chunk(2, dim=1)
            # Where a direction has no length its gradient would have no bound; nor would that of a share's root at 0.
            length = (real.square() + imaginary.square() + 1e-4).sqrt()
            magnitude = log_magnitude.exp()
            tone = torch.complex(real / length, imaginary / length) * magnitude * (1 - share).clamp(min=1e-6).sqrt()
            grain = magnitude * share.clamp(min=1e-6).sqrt()
            waves = [self._wave(tone, grain, generator) for _ in range(2 if twice else 1)]
        return Decoded(waves[0], waves[1] if twice else None, log_magnitude, share)

    def _wave(self, tone: Tensor, grain: Tensor, generator: torch.Generator | None) -> Tensor:
        """The wave [B, T] of an STFT: tones and white noise, of power 1 in each bin, shaped by `grain`."""
        noise = torch.randn(len(tone), self.num_samples + self.n_fft, generator=generator).to(self.window)
        spectrum = torch.stft(
            noise / self.window.norm(), self.n_fft, self.hop_length, window=self.window, center=False,
            return_complex=True,
        )  # fmt: skip
        spectrum = tone + grain * spectrum
        return torch.istft(spectrum, self.n_fft, self.hop_length, window=self.window, length=self.num_samples)


def build(settings: Settings, sample_rate: int, num_samples: int) -> Pair:
    """The two, untrained."""
    encoder = IstftEncoder(sample_rate, settings.mel, settings.channels)
    decoder = IstftDecoder(
        num_samples, settings.n_fft, settings.hop_length, settings.features, settings.width, settings.bands, sample_rate
    )
    frames = coarse_frames(num_samples, settings.hop_length)
    return Pair(encoder, decoder, encoder.features, settings.features, frames, settings.hop_length)
