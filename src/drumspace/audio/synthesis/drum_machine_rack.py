"""The drum machine's circuits for a batch of clips: knobs, oscillators, noise, filters, envelopes.

Every clip has a random generator of its own, and every operation works on a row without looking at the
others: a clip's samples are the same, to the bit, in whatever batch it is made.
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
"""Random numbers that a clip draws at once for its settings; a voice must not turn more."""

METAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
"""The six square oscillators of the TR-808's hats and cymbals (Werner, Abel and Smith, ICMC 2014), Hz."""

LN_1000 = 6.9077553
"""exp(-LN_1000) is -60 dB."""


class Rack:
    """One batch of B clips of N samples being made.

    Settings are float32 [B, 1], signals float32 [B, N], filter responses float32 [B, F] and spectra
    complex64 [B, F], F bins of a transform that is a little longer than the clip.
    """

    def __init__(self, rngs: Sequence[np.random.Generator], sample_rate: int, num_samples: int) -> None:
        """`rngs` has one generator a clip; `sample_rate` in Hz."""
        self.rngs = rngs
        self.sample_rate = sample_rate
        self.num_samples = num_samples
        self.time: Array = np.arange(num_samples, dtype=np.float32) / np.float32(sample_rate)
        # Even, as irfft needs it; the margin keeps a filter's ringing around the clip's end off its start.
        self.n_fft = 2 * fft.next_fast_len((num_samples + 257) // 2, real=True)
        self.frequency: Array = np.fft.rfftfreq(self.n_fft, 1 / sample_rate).astype(np.float32)
        self._settings = np.stack([rng.random(MAX_SETTINGS, dtype=np.float32) for rng in rngs])
        self._num_used = 0

    # Settings

    def uniform(self, columns: int = 1) -> Array:
        """float32 [B, columns] in [0, 1), each clip's own."""
        if self._num_used + columns > MAX_SETTINGS:
            raise IndexError(f"a voice draws more than {MAX_SETTINGS} random settings: raise MAX_SETTINGS")
        self._num_used += columns
        return self._settings[:, self._num_used - columns : self._num_used]

    def linear(self, low: float, high: float) -> Array:
        """float32 [B, 1], uniform between `low` and `high`."""
        return np.float32(low) + np.float32(high - low) * self.uniform()

    def log(self, low: float, high: float) -> Array:
        """float32 [B, 1] between `low` and `high`, uniform in its logarithm: for Hz and seconds."""
        return np.float32(low) * np.power(np.float32(high / low), self.uniform())

    def chance(self, probability: float) -> Mask:
        """bool [B, 1], true with `probability`."""
        return self.uniform() < probability

    # Sources

    def swept_sine(self, hertz: Array, ratio: Array, glide: Array) -> Array:
        """[B, N]: a sine that begins at `hertz` × `ratio` and falls to `hertz`, time constant `glide` (s).

        The phase is the integral of hertz · (1 + (ratio − 1) · exp(−t / glide)).
        """
        phase = np.exp(self.time * (-1 / glide))
        np.subtract(1, phase, out=phase)
        phase *= (ratio - 1) * glide
        phase += self.time
        phase *= 2 * np.pi * hertz
        return np.sin(phase, out=phase)

    def sine(self, hertz: Array, start_phase: Array) -> Array:
        """[B, N]: a steady sine from phase `start_phase` (cycles), at most at 0.45 of the sample rate."""
        hertz = np.minimum(hertz, 0.45 * self.sample_rate)
        phase = self._phase(hertz, start_phase, self.num_samples).astype(np.float32)
        phase *= np.float32(2 * np.pi / 2**32)
        return np.sin(phase, out=phase)

    def metal(self, tune: Array, spread: float = 0.06) -> Spectrum:
        """[B, F]: six square oscillators, the TR-808's times `tune`, each detuned by up to ± `spread`.

        Each sample is the square wave's mean over the sample's own time (the difference of its integral, a
        triangle), which softens the aliases of a naive square.
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
        """[B, F]: spectrum of white noise.

        Uniform random bins are enough: each sample is a sum of thousands of them, hence normal.
        """
        bins = np.empty((len(self.rngs), 2 * len(self.frequency)), dtype=np.float32)
        for rng, row in zip(self.rngs, bins, strict=True):
            rng.random(out=row, dtype=np.float32)
        bins -= 0.5
        return bins.view(np.complex64)

    def _phase(self, hertz: Array, start_phase: Array, samples: int) -> npt.NDArray[np.int32]:
        """int32 [B, samples]: phases of steady oscillators, 2^32 to a cycle: overflow wraps them."""
        step = (hertz.astype(np.float64) * (2**32 / self.sample_rate)).astype(np.uint32)
        phase = np.arange(samples, dtype=np.uint32) * step
        phase += (start_phase.astype(np.float64) * 2**32).astype(np.uint32)
        return phase.view(np.int32)

    # Filters: magnitudes only, since the phase of noise and of free-running oscillators is not heard

    def high_pass(self, hertz: Array, order: int = 2) -> Array:
        """[B, F]: Butterworth magnitude of `order` 1, 2 or 4; at low sample rates the corner moves down."""
        power = self._ratio_power(np.minimum(hertz, 0.3 * self.sample_rate), order)
        power /= 1 + power
        return np.sqrt(power, out=power)

    def low_pass(self, hertz: Array, order: int = 2) -> Array:
        """[B, F]: Butterworth magnitude of `order` 1, 2 or 4."""
        power = self._ratio_power(hertz, order)
        power += 1
        return np.sqrt(np.reciprocal(power, out=power), out=power)

    def band_pass(self, hertz: Array, quality: Array) -> Array:
        """[B, F]: magnitude of a second-order resonance of `quality` Q at `hertz`, 1 at its top."""
        centre: Array = np.minimum(hertz, 0.4 * self.sample_rate)
        ratio = self.frequency / centre
        detuning = quality * (ratio * ratio - 1)
        return ratio / np.sqrt(ratio * ratio + detuning * detuning)

    def _ratio_power(self, hertz: Array, order: int) -> Array:
        """(f / hertz)^(2 order), by repeated squaring."""
        power = self.frequency / hertz
        for _ in range({1: 1, 2: 2, 4: 3}[order]):
            power *= power
        return power

    def coloured(self, spectrum: Spectrum, response: Array | float = 1.0) -> Spectrum:
        """[B, F]: `spectrum` times `response`, scaled so that its signal has an RMS of 1."""
        product = spectrum * response
        parts = product.view(np.float32)
        energy = (parts * parts).sum(axis=-1, keepdims=True)
        product *= self.n_fft / np.sqrt(2 * energy + 1e-12)
        return product

    def signal(self, spectrum: Spectrum) -> Array:
        """[B, N]: the signal of a spectrum."""
        return fft.irfft(spectrum, n=self.n_fft, axis=-1)[:, : self.num_samples]

    def spectrum(self, x: Array) -> Spectrum:
        """[B, F]: the spectrum of a signal, silent in the transform's margin."""
        return fft.rfft(x, n=self.n_fft, axis=-1)

    def block_dc(self, x: Array) -> Array:
        """[B, N]: `x` through the output capacitor, a high-pass of first order at 20 Hz."""
        b, a = signal.butter(1, 20, "highpass", fs=self.sample_rate)
        return signal.lfilter(b.astype(np.float32), a.astype(np.float32), x, axis=-1)

    # Envelopes

    def attack(self, seconds: Array) -> Array:
        """[B, N]: a straight rise from 0 to 1 in `seconds`."""
        return np.minimum((self.time + np.float32(0.5 / self.sample_rate)) / seconds, 1)

    def decay(self, seconds: Array) -> Array:
        """[B, N]: exponential fall from 1, by 60 dB in `seconds`."""
        envelope = self.time * (-LN_1000 / seconds)
        return np.exp(envelope, out=envelope)

    def stroke(self, start: Array | float, rise: Array, seconds: Array) -> Array:
        """[B, N]: 0 until `start` (s), then up as a square in `rise` (s), then down by 60 dB in `seconds`."""
        since = self.time - start
        envelope = np.exp(np.maximum(since - rise, 0) * (-LN_1000 / seconds))
        up = np.clip(since / rise, 0, 1)
        up *= up
        envelope *= up
        return envelope
