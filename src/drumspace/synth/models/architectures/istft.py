"""A convolutional network over frames that predicts an STFT, and its inverse: a wave without transposed convolutions.

Each bin of the decoder's STFT is a magnitude times a mixture of two: a phase that follows from magnitudes (tones, the
attack), and real noise (the grain of snares, hats and cymbals). Magnitudes have lines drawn at random, as far out as
metal has them. Magnitudes alone would not do: a loss on them prefers a pulse train at the hop to noise, which it can't
foresee.
"""

import math
from typing import NamedTuple, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from drumspace.audio.spectral.settings import MelParams
from drumspace.audio.spectral.transforms import mel_spectrogram
from drumspace.io.settings import Params
from drumspace.synth.dsp.coarse_spectrum import STEADY, CoarseSpectrum
from drumspace.synth.dsp.noise_ratio import NoiseRatioEstimator, tone_offset
from drumspace.synth.dsp.overlap_add import overlap_add, overlapped
from drumspace.synth.dsp.spectral_peaks import PeakinessEstimator, pattern
from drumspace.synth.models.vae.interface import DecoderOutput, Pair, Segment, part_of

STAGES = 4
"""Halvings of the number of frames in the encoder, and doublings in the decoder."""
GROUPS = 8
"""Of group normalisation."""
QUIET = -4.0
"""Logarithm of the magnitudes that an untrained decoder gives without a sketch: sounds grow out of near silence."""
LOUD = 4.0
"""About how far log magnitudes lie apart: what they are divided by on their way into a network."""
TONAL = -1.5
"""Logit of the share of noise that an untrained decoder gives."""
LINED = 2.0
"""How far lines stand out at most, standard deviation (nepers): an exponential comes after."""
EVEN = -2.5
"""Logit of their share of that in an untrained decoder."""
WANDER = 1.0
"""How far from where magnitudes have it a tone lies that they don't tell clearly (standard deviation, bins)."""
ATTACK = 32
"""Steps of the gain over the first window."""
STRONGEST = 4.0
"""The highest gain."""
RISING = -4.0
"""Where an untrained decoder's gain begins, beside 0 for a gain of 1: from near silence, as real clips do."""


class Settings(Params):
    """Sizes."""

    n_fft: int = Field(ge=64, le=8192)
    """Of the decoder's STFT (samples)."""
    hop_length: int = Field(ge=16)
    """Of it: at most half of n_fft, so that every sample lies under a window."""
    width: int = Field(ge=GROUPS, multiple_of=GROUPS)
    """Channels of the decoder."""
    features: int = Field(ge=1)
    """Channels that the decoder begins with, beside the sketch."""
    bands: int = Field(ge=2)
    """Mel bands in which the share of noise is told, and of the sketch."""
    time_steps: int = Field(ge=0, le=2**STAGES)
    """Moments of each coarse frame that the sketch has; 0: none, and latents that begin at random."""
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


def bin_phases(n_fft: int, hop_length: int) -> Tensor:
    """By what the middle of each bin has turned at each frame: [frames until it repeats, n_fft // 2 + 1] (radians).

    Phases count from the middle of a frame, as torch.stft's do from its beginning.
    """
    period = n_fft // math.gcd(n_fft, hop_length)
    bins = torch.arange(n_fft // 2 + 1)
    return 2 * torch.pi * ((torch.arange(period)[:, None] * hop_length + n_fft // 2) * bins % n_fft) / n_fft


def frames_of(values: Tensor, place: Tensor | None) -> Tensor:
    """Frames [B, n, C] of [B, F, C] at `place`, int [B, n], all of them where it is None; outside the nearest ones."""
    if place is None:
        return values
    index = place.clamp(0, values.shape[1] - 1).unsqueeze(2)
    return values.gather(1, index.expand(-1, -1, values.shape[2]))


class Told(NamedTuple):
    """What a network tells of sounds, for a decoder to render."""

    log_magnitude: Tensor
    """[B, frames of the whole sound, bins]."""
    share: Tensor
    """Of noise, [B, frames, bands]."""
    lines: Tensor
    """Standard deviation of the lines drawn, [B, bands] (nepers)."""
    attack: Tensor
    """Gains, [B, ATTACK + 1], at equal steps over the first window; straight lines between, 1 after."""


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
    """Features [B, channels of the sketch + features, coarse_frames(T)] → wave [B, T]."""

    bank: Tensor
    window: Tensor
    envelope: Tensor
    phases: Tensor

    def __init__(
        self,
        num_samples: int,
        n_fft: int,
        hop_length: int,
        features: int,
        width: int,
        bands: int,
        sample_rate: int,
        moments: int = 0,
    ) -> None:
        """`width` channels; the share of noise is told in `bands` mel bands, `moments` are those of the sketch."""
        super().__init__()
        self.num_samples, self.n_fft, self.hop_length = num_samples, n_fft, hop_length
        self.frames, bins = 1 + num_samples // hop_length, n_fft // 2 + 1
        self.beside = -(-n_fft // 2 // hop_length)
        """Frames before a segment, and after it, that reach into it."""
        coarse = coarse_frames(num_samples, hop_length)
        bank = band_weights(bins, bands, sample_rate).T.contiguous()
        self.sketch = CoarseSpectrum(n_fft, hop_length, bank, self.frames, coarse, moments) if moments else None
        self.begin = nn.Conv1d(bands * moments + features, width, 1)
        # Sounds begin at one place, and convolutions don't know where they are.
        self.places = nn.ParameterList(
            nn.Parameter(torch.zeros(width, coarse * 2 ** (stage + 1))) for stage in range(STAGES)
        )
        self.stages = nn.ModuleList(nn.Sequential(Residual(width), Residual(width)) for _ in range(STAGES))
        self.finish = nn.Sequential(Residual(width), nn.GroupNorm(GROUPS, width), nn.SiLU())
        self.magnitude = nn.Linear(width, bins)
        self.noise = nn.Linear(width, bands)
        self.lines = nn.Linear(width, bands)
        self.attack = nn.Linear(width, ATTACK + 1)
        nn.init.constant_(self.magnitude.bias, 0 if moments else QUIET)
        if moments:
            nn.init.zeros_(self.magnitude.weight)
        # Mostly as tones: from noise no way leads there.
        nn.init.constant_(self.noise.bias, TONAL)
        nn.init.constant_(self.lines.bias, EVEN)
        nn.init.zeros_(self.attack.weight)
        with torch.no_grad():
            self.attack.bias.zero_()[0] = RISING
        window = torch.hann_window(n_fft)
        # Of all frames, what their windows let through of each sample, squared: what the inverse divides by.
        windows = window.square().expand(1, self.frames, -1)
        envelope = overlapped(windows, hop_length, num_samples + n_fft)[0, n_fft // 2 :]
        self.meter, self.line_meter = (
            NoiseRatioEstimator(n_fft, hop_length, bank),
            PeakinessEstimator(n_fft, hop_length, bank),
        )
        self.register_buffer("bank", bank, persistent=False)
        self.register_buffer("phases", bin_phases(n_fft, hop_length), persistent=False)
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("envelope", envelope.clamp(min=1e-3), persistent=False)

    def forward(
        self,
        features: Tensor,
        generator: torch.Generator | None = None,
        twice: bool = False,
        segment: Segment | None = None,
    ) -> DecoderOutput:
        """See the class. `generator`, or torch's own, makes the noise, on the CPU; `twice`: with other noise too."""
        sketch = features[:, : 0 if self.sketch is None else self.sketch.channels] * STEADY
        values = self.begin(torch.cat([sketch / LOUD, features[:, sketch.shape[1] :]], dim=1))
        for stage, place in zip(self.stages, self.places, strict=True):
            values = stage(functional.interpolate(values, scale_factor=2, mode="nearest") + place)
        values = self.finish(values[..., : self.frames])
        # Half precision would lay a noise of its own over every tone.
        with torch.autocast(features.device.type, enabled=False):
            values = values.float().transpose(1, 2)
            log_magnitude = self.magnitude(values)
            if self.sketch is not None:
                log_magnitude = log_magnitude + self.sketch.drawn(sketch.float())
            # Lines and shares of noise are learned from what meters hear, not from what the waves cost.
            lines = LINED * torch.sigmoid(self.lines(values.mean(dim=1)))
            attack = STRONGEST * torch.sigmoid(self.attack(values[:, 0]) - math.log(STRONGEST - 1))
            place = None if segment is None else self._places(segment)
            values = frames_of(values, place)
            by_band = torch.sigmoid(self.noise(values))
            told = Told(log_magnitude, by_band.detach(), lines.detach(), attack)
            waves = [self._rendered(told, segment, place, generator) for _ in range(2 if twice else 1)]
        inside = by_band
        if segment is not None:
            inside = by_band[:, self.beside : self.beside + 1 + segment.samples // self.hop_length]
        return DecoderOutput(waves[0], waves[1] if twice else None, inside, lines, log_magnitude.detach())

    def _places(self, segment: Segment) -> Tensor:
        """The frames that reach into a segment, int [B, n]: some may lie outside of the sound."""
        count = -(-segment.samples // self.hop_length) + 2 * self.beside
        return segment.start[:, None] - self.beside + torch.arange(count, device=segment.start.device)

    def render(self, told: Told, generator: torch.Generator | None = None) -> Tensor:
        """Whole waves [B, T] of what is told, all its frames those of the sound. No network is asked."""
        return self._rendered(told, None, None, generator)

    def _rendered(
        self, told: Told, segment: Segment | None, place: Tensor | None, generator: torch.Generator | None
    ) -> Tensor:
        """Waves [B, T], or of a segment, whose frames are at `place`."""
        share = told.share @ self.bank
        lines = pattern(len(share), self.bank.shape[1], generator).to(share)
        uneven = told.log_magnitude + ((told.lines @ self.bank) * lines).unsqueeze(1)
        angle, magnitude = frames_of(self._turned(uneven.detach(), generator), place), frames_of(uneven, place).exp()
        if place is None:
            place = torch.arange(self.frames, device=share.device)
        else:
            magnitude = magnitude * ((place >= 0) & (place < self.frames)).unsqueeze(2)
        angle += self.phases[place % len(self.phases)]
        level = (1 - share).clamp_(min=0).sqrt_() * magnitude
        # Three times as fast as torch.polar, which takes no vectorised sine.
        tone = torch.complex(level * angle.cos(), level * angle.sin_())
        wave = self._wave(tone, share.clamp_(min=0).sqrt_() * magnitude, generator)
        gain = self._gain(told.attack)
        if segment is None:
            wave = wave[:, self.n_fft // 2 :][:, : self.num_samples] / self.envelope[: self.num_samples]
            begun = gain[:, : self.num_samples]
            return torch.cat([wave[:, : begun.shape[1]] * begun, wave[:, begun.shape[1] :]], dim=1)
        begin, start = self.beside * self.hop_length + self.n_fft // 2, segment.start * self.hop_length
        envelope = part_of(self.envelope.expand(len(wave), -1), start, segment.samples)
        return wave[:, begin : begin + segment.samples] * (1 + part_of(gain - 1, start, segment.samples)) / envelope

    def _gain(self, attack: Tensor) -> Tensor:
        """[B, ATTACK + 1] → of each sample of the first window, [B, n_fft]."""
        drawn = functional.interpolate(attack.unsqueeze(1), size=self.n_fft + 1, mode="linear", align_corners=True)
        return drawn[:, 0, : self.n_fft]

    def _turned(self, log_magnitude: Tensor, generator: torch.Generator | None) -> Tensor:
        """By what tones have turned beside the middles of their bins, [B, frames, bins] of all frames (radians)."""
        # Where a tone lies between bins is told by the magnitudes beside it. No network tells phases besides: where one
        # stands after a hundred frames can't be foreseen, and a tone that is mended in each frame is no tone.
        offset = tone_offset(log_magnitude)
        if not self.training:
            # Where magnitudes are even they would all lie halfway between two bins: a comb, which repeats with the
            # window. (A decoder that learns with tones that wander learns to have none.)
            beside = functional.pad(log_magnitude, (2, 2), value=-100.0)
            unclear = (beside[..., :-4] + beside[..., 4:]).mul_(0.5).sub_(log_magnitude).add_(1).clamp_(0, 1)
            anywhere = torch.randn(len(offset), 1, offset.shape[2], generator=generator).to(offset)
            offset += unclear.mul_(WANDER * anywhere)
        turned = offset.cumsum(dim=1).sub_(offset, alpha=0.5).mul_(2 * torch.pi * self.hop_length / self.n_fft)
        # What is struck moves from rest: as sines. Cosines would all have their peak in the first sample, a click.
        return turned.sub_(torch.pi / 2)

    def _wave(self, tone: Tensor, grain: Tensor, generator: torch.Generator | None) -> Tensor:
        """Of an STFT [B, n, bins] of tones, and white noise of power 1 a bin shaped by `grain`: [B, all that it spans].

        Not yet divided by what the windows let through.
        """
        length = (tone.shape[1] - 1) * self.hop_length + self.n_fft
        noise = torch.randn(len(tone), length, generator=generator).to(self.window) / self.window.norm()
        drawn = torch.fft.rfft(noise.unfold(1, self.n_fft, self.hop_length) * self.window)
        # Made complex by hand: torch multiplies a real number and a complex one ten times as slowly.
        spectrum = torch.addcmul(tone, drawn, torch.complex(grain, torch.zeros_like(grain)))
        return overlap_add(torch.fft.irfft(spectrum, n=self.n_fft) * self.window, self.hop_length)


def build(settings: Settings, sample_rate: int, num_samples: int) -> Pair:
    """The two, untrained."""
    encoder = IstftEncoder(sample_rate, settings.mel, settings.channels)
    decoder = IstftDecoder(
        num_samples=num_samples,
        sample_rate=sample_rate,
        moments=settings.time_steps,
        **settings.model_dump(include={"n_fft", "hop_length", "features", "width", "bands"}),
    )
    frames = coarse_frames(num_samples, settings.hop_length)
    decoded = settings.bands * settings.time_steps + settings.features
    return Pair(encoder, decoder, encoder.features, decoded, frames, settings.hop_length, decoder.sketch)
