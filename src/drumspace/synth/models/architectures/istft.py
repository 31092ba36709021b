"""A convolutional network over frames that predicts an STFT and inverts it: no transposed convolutions.

Each bin of the decoder's STFT is a magnitude times a mixture of two components: a phase that follows from the
magnitudes (tones, the attack), and white noise (snares, hats, cymbals). Random spectral peaks are added to the
magnitudes, as high as those of metallic sounds. Magnitudes alone do not suffice: a loss on them prefers a pulse train
at the hop length to unpredictable noise.
"""

import math
from typing import NamedTuple, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from drumspace.audio.spectral.mel import mel_interpolation
from drumspace.audio.spectral.overlap_add import overlap_add, sum_frames
from drumspace.audio.spectral.settings import MelParams
from drumspace.audio.spectral.transforms import mel_spectrogram
from drumspace.io.settings import Params
from drumspace.synth.dsp.coarse_spectrum import STEADY, CoarseSpectrum
from drumspace.synth.dsp.noise_ratio import NoiseRatioEstimator, tone_offset
from drumspace.synth.dsp.spectral_peaks import PeakinessEstimator, random_peaks
from drumspace.synth.models.vae.interface import DecoderOutput, EncoderDecoder, Segment, extract_segments

STAGES = 4
"""Number of times that the encoder halves, and the decoder doubles, the number of frames."""
GROUPS = 8
"""Groups of group normalisation."""
QUIET = -4.0
"""Initial log magnitude without a coarse spectrum: training starts near silence."""
MAGNITUDE_SCALE = 4.0
"""Log magnitudes are divided by this, about their spread, before they enter a network."""
NOISE_LOGIT = -1.5
"""Initial logit of the noise ratio."""
MAX_PEAKS = 2.0
"""Largest standard deviation of spectral peaks, nepers; an exponential follows."""
PEAKS_LOGIT = -2.5
"""Initial logit of the spectral peaks, as a share of MAX_PEAKS."""
DETUNING = 1.0
"""Standard deviation of the random frequency of a bin without a clear peak, bins."""
ATTACK = 32
"""Intervals of the piecewise linear gain over the first window."""
MAX_GAIN = 4.0
"""Largest gain."""
ATTACK_LOGIT = -4.0
"""Initial logit of the first gain (0 is a gain of 1): clips start near silence."""


class Settings(Params):
    """Sizes of the network and of its STFT."""

    n_fft: int = Field(ge=64, le=8192)
    """FFT size of the decoder's STFT, samples."""
    hop_length: int = Field(ge=16)
    """Hop length of the decoder's STFT, samples: at most half of n_fft, so that windows overlap."""
    width: int = Field(ge=GROUPS, multiple_of=GROUPS)
    """Channels of the decoder."""
    features: int = Field(ge=1)
    """Input channels of the decoder, beside the coarse spectrum."""
    bands: int = Field(ge=2)
    """Mel bands of the noise ratio and of the coarse spectrum."""
    time_steps: int = Field(ge=0, le=2**STAGES)
    """Time steps per frame of the coarse spectrum; 0: no coarse spectrum, and latents with random initialisation."""
    mel: MelParams
    """Mel spectrogram that the encoder takes."""
    channels: tuple[int, ...]
    """Channels of the encoder's layers, each a multiple of 8."""

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
    """Number of frames of the features between encoder and decoder."""
    return -(-(1 + num_samples // hop_length) // 2**STAGES)


def bin_phases(n_fft: int, hop_length: int) -> Tensor:
    """Phase of each bin's centre frequency at each frame of a period, radians: [frames, n_fft // 2 + 1].

    Phases are relative to the middle of a frame; those of torch.stft to its start.
    """
    period = n_fft // math.gcd(n_fft, hop_length)
    bins = torch.arange(n_fft // 2 + 1)
    return 2 * torch.pi * ((torch.arange(period)[:, None] * hop_length + n_fft // 2) * bins % n_fft) / n_fft


def select_frames(values: Tensor, frame_index: Tensor | None) -> Tensor:
    """Frames [B, n, C] of [B, F, C] at `frame_index`, int [B, n], clamped to [0, F - 1]; None: all frames."""
    if frame_index is None:
        return values
    index = frame_index.clamp(0, values.shape[1] - 1).unsqueeze(2)
    return values.gather(1, index.expand(-1, -1, values.shape[2]))


class DecoderParams(NamedTuple):
    """Parameters from which the decoder renders waves."""

    log_magnitude: Tensor
    """[B, frames of the whole sound, bins]."""
    noise_ratio: Tensor
    """[B, frames, bands]."""
    spectral_peaks: Tensor
    """Standard deviation of the random peaks, nepers, [B, bands]."""
    attack: Tensor
    """Gains at equal steps over the first window, linear in between and 1 after it, [B, ATTACK + 1]."""


class Residual(nn.Module):
    """x + f(x), f two convolutions over frames: [B, width, F] → the same."""

    def __init__(self, width: int, kernel: int = 5) -> None:
        """width: a multiple of GROUPS."""
        super().__init__()
        self.layers = nn.Sequential(
            nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Conv1d(width, width, kernel, padding=kernel // 2),
            nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Conv1d(width, width, 1),
        )  # fmt: skip

    def forward(self, values: Tensor) -> Tensor:
        """[B, width, F] → [B, width, F]."""
        return values + self.layers(values)


class IstftEncoder(nn.Module):
    """Wave [B, T] → features [B, features, coarse_frames(T)], from its log-mel spectrogram."""

    def __init__(self, sample_rate: int, mel: MelParams, channels: tuple[int, ...]) -> None:
        """channels: of the STAGES layers, each a multiple of GROUPS."""
        super().__init__()
        self.sample_rate, self.mel = sample_rate, mel
        layers: list[nn.Module] = []
        for before, after in zip((1, *channels), channels, strict=False):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.GroupNorm(GROUPS, after), nn.SiLU()]
        self.layers = nn.Sequential(*layers)
        self.features = channels[-1] * -(-mel.n_mels // 2**STAGES)

    def forward(self, wave: Tensor) -> Tensor:
        """Waves [B, T] → features [B, features, frames]."""
        with torch.autocast(wave.device.type, enabled=False):
            # From -1 at the floor to 1 at the peak, so that all clips have the same level.
            mel = mel_spectrogram(wave.float(), self.sample_rate, self.mel)
            image = 1 - 2 * (mel - mel.amax(dim=(1, 2), keepdim=True)) / self.mel.floor_db
        return self.layers(image.unsqueeze(1)).flatten(1, 2)


class IstftDecoder(nn.Module):
    """Features [B, channels of the coarse spectrum + features, coarse_frames(T)] → wave [B, T]."""

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
        time_steps: int = 0,
    ) -> None:
        """width: channels; bands: mel bands of the noise ratio; time_steps: of the coarse spectrum, 0 for none."""
        super().__init__()
        self.num_samples, self.n_fft, self.hop_length = num_samples, n_fft, hop_length
        self.frames, bins = 1 + num_samples // hop_length, n_fft // 2 + 1
        self.context = -(-n_fft // 2 // hop_length)
        """Frames before and after a segment that overlap it."""
        coarse = coarse_frames(num_samples, hop_length)
        bank = torch.from_numpy(mel_interpolation(bins, bands, sample_rate).T.copy())
        self.coarse_spectrum = (
            CoarseSpectrum(n_fft, hop_length, bank, self.frames, coarse, time_steps) if time_steps else None
        )
        self.input_layer = nn.Conv1d(bands * time_steps + features, width, 1)
        # Convolutions do not know the position in time, on which the content of a one-shot depends.
        self.positions = nn.ParameterList(
            nn.Parameter(torch.zeros(width, coarse * 2 ** (stage + 1))) for stage in range(STAGES)
        )
        self.stages = nn.ModuleList(nn.Sequential(Residual(width), Residual(width)) for _ in range(STAGES))
        self.output_layer = nn.Sequential(Residual(width), nn.GroupNorm(GROUPS, width), nn.SiLU())
        self.magnitude = nn.Linear(width, bins)
        self.noise_ratio = nn.Linear(width, bands)
        self.spectral_peaks = nn.Linear(width, bands)
        self.attack = nn.Linear(width, ATTACK + 1)
        nn.init.constant_(self.magnitude.bias, 0 if time_steps else QUIET)
        if time_steps:
            nn.init.zeros_(self.magnitude.weight)
        # Start tonal: the loss has no gradient from noise to tones.
        nn.init.constant_(self.noise_ratio.bias, NOISE_LOGIT)
        nn.init.constant_(self.spectral_peaks.bias, PEAKS_LOGIT)
        nn.init.zeros_(self.attack.weight)
        with torch.no_grad():
            self.attack.bias.zero_()[0] = ATTACK_LOGIT
        window = torch.hann_window(n_fft)
        # Sum of the squared windows of all frames at each sample, by which the inverse STFT divides.
        windows = window.square().expand(1, self.frames, -1)
        envelope = sum_frames(windows, hop_length, num_samples + n_fft)[0, n_fft // 2 :]
        self.noise_ratio_estimator = NoiseRatioEstimator(n_fft, hop_length, bank)
        self.peakiness_estimator = PeakinessEstimator(n_fft, hop_length, bank)
        self.register_buffer("bank", bank, persistent=False)
        self.register_buffer("phases", bin_phases(n_fft, hop_length), persistent=False)
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("envelope", envelope.clamp(min=1e-3), persistent=False)

    def forward(
        self,
        features: Tensor,
        generator: torch.Generator | None = None,
        two_renderings: bool = False,
        segment: Segment | None = None,
    ) -> DecoderOutput:
        """Features → waves. generator: of the noise, on the CPU; None: torch's own. two_renderings: render twice."""
        channels = 0 if self.coarse_spectrum is None else self.coarse_spectrum.channels
        coarse = features[:, :channels] * STEADY
        values = self.input_layer(torch.cat([coarse / MAGNITUDE_SCALE, features[:, channels:]], dim=1))
        for stage, position in zip(self.stages, self.positions, strict=True):
            values = stage(functional.interpolate(values, scale_factor=2, mode="nearest") + position)
        values = self.output_layer(values[..., : self.frames])
        # In half precision rounding would add noise to every tone.
        with torch.autocast(features.device.type, enabled=False):
            values = values.float().transpose(1, 2)
            log_magnitude = self.magnitude(values)
            if self.coarse_spectrum is not None:
                log_magnitude = log_magnitude + self.coarse_spectrum.interpolate(coarse.float())
            # Noise ratio and peaks are detached: they are trained on measured ones, not on the loss of the waves.
            spectral_peaks = MAX_PEAKS * torch.sigmoid(self.spectral_peaks(values.mean(dim=1)))
            attack = MAX_GAIN * torch.sigmoid(self.attack(values[:, 0]) - math.log(MAX_GAIN - 1))
            frame_index = None if segment is None else self._frame_index(segment)
            values = select_frames(values, frame_index)
            noise_ratio = torch.sigmoid(self.noise_ratio(values))
            params = DecoderParams(log_magnitude, noise_ratio.detach(), spectral_peaks.detach(), attack)
            waves = [self._render(params, segment, frame_index, generator) for _ in range(2 if two_renderings else 1)]
        if segment is not None:
            noise_ratio = noise_ratio[:, self.context : self.context + 1 + segment.samples // self.hop_length]
        second = waves[1] if two_renderings else None
        return DecoderOutput(waves[0], second, noise_ratio, spectral_peaks, log_magnitude.detach())

    def _frame_index(self, segment: Segment) -> Tensor:
        """Frames that overlap a segment, int [B, n]; some may lie outside of the sound."""
        count = -(-segment.samples // self.hop_length) + 2 * self.context
        return segment.start[:, None] - self.context + torch.arange(count, device=segment.start.device)

    def render(self, params: DecoderParams, generator: torch.Generator | None = None) -> Tensor:
        """Render whole waves [B, T] from parameters of all frames, without the network."""
        return self._render(params, None, None, generator)

    def _render(
        self,
        params: DecoderParams,
        segment: Segment | None,
        frame_index: Tensor | None,
        generator: torch.Generator | None,
    ) -> Tensor:
        """Render waves [B, T], or a segment of each from the frames at `frame_index`."""
        noise_ratio = params.noise_ratio @ self.bank
        peaks = random_peaks(len(noise_ratio), self.bank.shape[1], generator).to(noise_ratio)
        log_magnitude = params.log_magnitude + ((params.spectral_peaks @ self.bank) * peaks).unsqueeze(1)
        angle = select_frames(self._phases(log_magnitude.detach(), generator), frame_index)
        magnitude = select_frames(log_magnitude, frame_index).exp()
        if frame_index is None:
            frame_index = torch.arange(self.frames, device=noise_ratio.device)
        else:
            magnitude = magnitude * ((frame_index >= 0) & (frame_index < self.frames)).unsqueeze(2)
        angle += self.phases[frame_index % len(self.phases)]
        tonal = (1 - noise_ratio).clamp_(min=0).sqrt_() * magnitude
        # Three times as fast as torch.polar, whose sine is not vectorised.
        tone = torch.complex(tonal * angle.cos(), tonal * angle.sin_())
        wave = self._synthesize(tone, noise_ratio.clamp_(min=0).sqrt_() * magnitude, generator)
        return self._apply_gain(wave, self._gain(params.attack), segment)

    def _apply_gain(self, wave: Tensor, gain: Tensor, segment: Segment | None) -> Tensor:
        """Cut the overlap-added frames to the wave or segment, divide by the windows and apply the attack gain."""
        if segment is None:
            wave = wave[:, self.n_fft // 2 :][:, : self.num_samples] / self.envelope[: self.num_samples]
            gain = gain[:, : self.num_samples]
            return torch.cat([wave[:, : gain.shape[1]] * gain, wave[:, gain.shape[1] :]], dim=1)
        offset, start = self.context * self.hop_length + self.n_fft // 2, segment.start * self.hop_length
        envelope = extract_segments(self.envelope.expand(len(wave), -1), start, segment.samples)
        gain = 1 + extract_segments(gain - 1, start, segment.samples)
        return wave[:, offset : offset + segment.samples] * gain / envelope

    def _gain(self, attack: Tensor) -> Tensor:
        """Gain of each sample of the first window: [B, ATTACK + 1] → [B, n_fft]."""
        gain = functional.interpolate(attack.unsqueeze(1), size=self.n_fft + 1, mode="linear", align_corners=True)
        return gain[:, 0, : self.n_fft]

    def _phases(self, log_magnitude: Tensor, generator: torch.Generator | None) -> Tensor:
        """Phases of tones relative to the centres of their bins, radians: [B, frames, bins], all frames."""
        # The frequency of a tone between bins follows from the neighbouring magnitudes. The network predicts no phases:
        # those after a hundred frames are unpredictable, and a tone corrected in each frame is no tone.
        offset = tone_offset(log_magnitude)
        if not self.training:
            # Where magnitudes are flat all tones would lie halfway between bins: a comb, which repeats with the window.
            # (In training this detuning would teach the decoder to generate no tones.)
            padded = functional.pad(log_magnitude, (2, 2), value=-100.0)
            flatness = (padded[..., :-4] + padded[..., 4:]).mul_(0.5).sub_(log_magnitude).add_(1).clamp_(0, 1)
            detuning = torch.randn(len(offset), 1, offset.shape[2], generator=generator).to(offset)
            offset += flatness.mul_(DETUNING * detuning)
        phase = offset.cumsum(dim=1).sub_(offset, alpha=0.5).mul_(2 * torch.pi * self.hop_length / self.n_fft)
        # A struck body moves from rest: sines. Cosines would all peak in the first sample, which clicks.
        return phase.sub_(torch.pi / 2)

    def _synthesize(self, tone: Tensor, noise_magnitude: Tensor, generator: torch.Generator | None) -> Tensor:
        """Overlap-add of an STFT of tones and of white noise filtered by `noise_magnitude`, both [B, n, bins].

        Returns [B, (n - 1) · hop_length + n_fft], not yet divided by the sum of squared windows.
        """
        length = (tone.shape[1] - 1) * self.hop_length + self.n_fft
        noise = torch.randn(len(tone), length, generator=generator).to(self.window) / self.window.norm()
        noise_stft = torch.fft.rfft(noise.unfold(1, self.n_fft, self.hop_length) * self.window)
        # Convert to complex explicitly: torch multiplies real by complex numbers ten times as slowly.
        magnitude = torch.complex(noise_magnitude, torch.zeros_like(noise_magnitude))
        spectrum = torch.addcmul(tone, noise_stft, magnitude)
        return overlap_add(torch.fft.irfft(spectrum, n=self.n_fft) * self.window, self.hop_length)


def build(settings: Settings, sample_rate: int, num_samples: int) -> EncoderDecoder:
    """Build an untrained encoder and decoder."""
    encoder = IstftEncoder(sample_rate, settings.mel, settings.channels)
    decoder = IstftDecoder(
        num_samples=num_samples,
        sample_rate=sample_rate,
        time_steps=settings.time_steps,
        **settings.model_dump(include={"n_fft", "hop_length", "features", "width", "bands"}),
    )
    frames = coarse_frames(num_samples, settings.hop_length)
    decoded = settings.bands * settings.time_steps + settings.features
    return EncoderDecoder(
        encoder, decoder, encoder.features, decoded, frames, settings.hop_length, decoder.coarse_spectrum
    )
