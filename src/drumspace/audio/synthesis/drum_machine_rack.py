"""Building blocks of the drum machine for a batch of clips: random settings, oscillators, noise, filters, envelopes.

Every clip has its own random generator and every operation is independent per row, so a clip is bit-identical in every
batch.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft, signal

Array: TypeAlias = npt.NDArray[np.float32]
Spectrum: TypeAlias = npt.NDArray[np.complex64]
Mask: TypeAlias = npt.NDArray[np.bool_]

MAX_SETTINGS = 48
"""Random numbers that are drawn per clip in advance; a voice must not use more."""

METAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
"""The six square oscillators of the TR-808's hats and cymbals (Werner, Abel and Smith, ICMC 2014), Hz."""

LN_1000 = 6.9077553
"""ln(1000): exp(-LN_1000) is -60 dB."""


class Rack:
    """Synthesis of one batch of B clips of N samples.

    Settings are float32 [B, 1], signals float32 [B, N], filter responses float32 [B, F] and spectra
    complex64 [B, F], F bins of a transform that is a little longer than the clip.
    """

    def __init__(self, rngs: Sequence[np.random.Generator], sample_rate: int, num_samples: int) -> None:
        """Set up a batch with one random generator per clip; `sample_rate` is in Hz."""
        self.rngs = rngs
        self.sample_rate = sample_rate
        self.num_samples = num_samples
        self.time: Array = np.arange(num_samples, dtype=np.float32) / np.float32(sample_rate)
        # irfft needs an even size; the margin keeps filter ringing at the end of the clip from wrapping to its start.
        self.n_fft = 2 * fft.next_fast_len((num_samples + 257) // 2, real=True)
        self.frequency: Array = np.fft.rfftfreq(self.n_fft, 1 / sample_rate).astype(np.float32)
        self._settings = np.stack([rng.random(MAX_SETTINGS, dtype=np.float32) for rng in rngs])
        self._num_used = 0

    # Settings

    def uniform(self, columns: int = 1) -> Array:
        """Uniform random numbers in [0, 1), independent per clip: float32 [B, columns]."""
        if self._num_used + columns > MAX_SETTINGS:
            raise IndexError(f"a voice draws more than {MAX_SETTINGS} random settings: raise MAX_SETTINGS")
        self._num_used += columns
        return self._settings[:, self._num_used - columns : self._num_used]

    def linear(self, low: float, high: float) -> Array:
        """Uniform random numbers between `low` and `high`: float32 [B, 1]."""
        return np.float32(low) + np.float32(high - low) * self.uniform()

    def log(self, low: float, high: float) -> Array:
        """Log-uniform random numbers between `low` and `high`, for Hz and seconds: float32 [B, 1]."""
        return np.float32(low) * np.power(np.float32(high / low), self.uniform())

    def chance(self, probability: float) -> Mask:
        """Random decisions, true with `probability`: bool [B, 1]."""
        return self.uniform() < probability

    # Sources

    def swept_sine(self, hertz: Array, ratio: Array, glide: Array) -> Array:
        """Sine that falls from `hertz` × `ratio` to `hertz` with time constant `glide` (s): [B, N].

        The phase is the integral of hertz · (1 + (ratio − 1) · exp(−t / glide)).
        """
        phase = np.exp(self.time * (-1 / glide))
        np.subtract(1, phase, out=phase)
        phase *= (ratio - 1) * glide
        phase += self.time
        phase *= 2 * np.pi * hertz
        return np.sin(phase, out=phase)

    def sine(self, hertz: Array, start_phase: Array) -> Array:
        """Sine with initial phase `start_phase` (cycles), limited to 0.45 times the sample rate: [B, N]."""
        hertz = np.minimum(hertz, 0.45 * self.sample_rate)
        phase = self._phase(hertz, start_phase, self.num_samples).astype(np.float32)
        phase *= np.float32(2 * np.pi / 2**32)
        return np.sin(phase, out=phase)

    def metal(self, tune: Array, spread: float = 0.06) -> Spectrum:
        """Six square oscillators at METAL_HZ × `tune`, each detuned by up to ± `spread`: spectrum [B, F].

        Each sample is the mean of the square wave over one sample period (the difference of its integral, a triangle),
        which reduces the aliasing of a naive square wave.
        """
        detune = 1 + spread * (2 * self.uniform(len(METAL_HZ)) - 1)
        hertz = np.minimum(np.array(METAL_HZ, dtype=np.float32) * tune * detune, 0.45 * self.sample_rate)
        start_phase = self.uniform(len(METAL_HZ))
        total = np.zeros((len(self.rngs), self.n_fft), dtype=np.float32)
        for column in range(len(METAL_HZ)):
            one = slice(column, column + 1)
            triangle = self._phase(hertz[:, one], start_phase[:, one], self.n_fft + 1)
            triangle >>= 1
            np.abs(triangle, out=triangle)
            total += np.diff(triangle, axis=-1) * (2 * self.sample_rate / 2**32 / hertz[:, one])
        return fft.rfft(total, axis=-1)

    def noise(self) -> Spectrum:
        """White noise: spectrum [B, F].

        Uniform random bins suffice: each sample is a sum of thousands of them, hence nearly Gaussian.
        """
        bins = np.empty((len(self.rngs), 2 * len(self.frequency)), dtype=np.float32)
        for rng, row in zip(self.rngs, bins, strict=True):
            rng.random(out=row, dtype=np.float32)
        bins -= 0.5
        return bins.view(np.complex64)

    def _phase(self, hertz: Array, start_phase: Array, samples: int) -> npt.NDArray[np.int32]:
        """Phases of oscillators in units of 2^-32 cycles, wrapped by integer overflow: int32 [B, samples]."""
        step = (hertz.astype(np.float64) * (2**32 / self.sample_rate)).astype(np.uint32)
        phase = np.arange(samples, dtype=np.uint32) * step
        phase += (start_phase.astype(np.float64) * 2**32).astype(np.uint32)
        return phase.view(np.int32)

    # Filters: magnitudes only, since the phase of noise and of free-running oscillators is inaudible

    def high_pass(self, hertz: Array, order: int = 2) -> Array:
        """Butterworth high-pass magnitude of `order` 1, 2 or 4, corner at most 0.3 times the sample rate: [B, F]."""
        power = self._ratio_power(np.minimum(hertz, 0.3 * self.sample_rate), order)
        power /= 1 + power
        return np.sqrt(power, out=power)

    def low_pass(self, hertz: Array, order: int = 2) -> Array:
        """Butterworth low-pass magnitude of `order` 1, 2 or 4: [B, F]."""
        power = self._ratio_power(hertz, order)
        power += 1
        return np.sqrt(np.reciprocal(power, out=power), out=power)

    def band_pass(self, hertz: Array, quality: Array) -> Array:
        """Magnitude of a second-order band-pass of quality factor `quality` at `hertz`, with peak 1: [B, F]."""
        centre: Array = np.minimum(hertz, 0.4 * self.sample_rate)
        ratio = self.frequency / centre
        detuning = quality * (ratio * ratio - 1)
        return ratio / np.sqrt(ratio * ratio + detuning * detuning)

    def _ratio_power(self, hertz: Array, order: int) -> Array:
        """(f / hertz)^(2 order) by repeated squaring: [B, F]."""
        power = self.frequency / hertz
        for _ in range({1: 1, 2: 2, 4: 3}[order]):
            power *= power
        return power

    def coloured(self, spectrum: Spectrum, response: Array | float = 1.0) -> Spectrum:
        """Spectrum times `response`, scaled to an RMS of 1 in the time domain: [B, F]."""
        product = spectrum * response
        parts = product.view(np.float32)
        energy = (parts * parts).sum(axis=-1, keepdims=True)
        product *= self.n_fft / np.sqrt(2 * energy + 1e-12)
        return product

    def signal(self, spectrum: Spectrum) -> Array:
        """Signal of a spectrum: [B, N]."""
        return fft.irfft(spectrum, n=self.n_fft, axis=-1)[:, : self.num_samples]

    def spectrum(self, x: Array) -> Spectrum:
        """Spectrum of a signal, zero-padded to n_fft: [B, F]."""
        return fft.rfft(x, n=self.n_fft, axis=-1)

    def block_dc(self, x: Array) -> Array:
        """First-order high-pass at 20 Hz, like an output capacitor: [B, N]."""
        b, a = signal.butter(1, 20, "highpass", fs=self.sample_rate)
        return signal.lfilter(b.astype(np.float32), a.astype(np.float32), x, axis=-1)

    # Envelopes

    def attack(self, seconds: Array) -> Array:
        """Linear rise from 0 to 1 in `seconds`: [B, N]."""
        return np.minimum((self.time + np.float32(0.5 / self.sample_rate)) / seconds, 1)

    def decay(self, seconds: Array) -> Array:
        """Exponential decay from 1 by 60 dB in `seconds`: [B, N]."""
        envelope = self.time * (-LN_1000 / seconds)
        return np.exp(envelope, out=envelope)

    def stroke(self, start: Array | float, rise: Array, seconds: Array) -> Array:
        """0 until `start` (s), quadratic rise to 1 in `rise` (s), exponential decay by 60 dB in `seconds`: [B, N]."""
        since = self.time - start
        envelope = np.exp(np.maximum(since - rise, 0) * (-LN_1000 / seconds))
        up = np.clip(since / rise, 0, 1)
        up *= up
        envelope *= up
        return envelope
