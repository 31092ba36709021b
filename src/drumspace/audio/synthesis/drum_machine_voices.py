"""Eight voices of the drum machine, modelled on the TR-808 and TR-909.

Each takes a Rack and returns float32 [B, N] at any level; ranges are in Hz, seconds and ratios. The `seconds` of a
decay are the time to -60 dB, about three times the perceived length.
"""

from collections.abc import Callable, Mapping

import numpy as np

from drumspace.audio.synthesis.drum_machine_rack import Array, Rack


def kick(rack: Rack) -> Array:
    """Distorted swept sine with a click: long and low (808), or short with a wide sweep (909)."""
    boom = rack.chance(0.4)
    ratio = np.where(boom, rack.log(1.3, 3), rack.log(2.5, 7))
    glide = np.where(boom, rack.log(0.006, 0.02), rack.log(0.012, 0.04))
    seconds = np.where(boom, rack.log(0.6, 2), rack.log(0.2, 0.7))
    drive = rack.log(0.3, 4)
    body = rack.swept_sine(rack.log(38, 68), ratio, glide)
    body *= rack.decay(seconds)
    body = np.tanh(body * drive) / np.tanh(drive)
    colour = rack.high_pass(rack.log(300, 2000), 1) * rack.low_pass(rack.log(2000, 10000))
    click = rack.signal(rack.coloured(rack.noise(), colour))
    click *= rack.decay(rack.log(0.004, 0.03)) * rack.linear(0, 0.3)
    return rack.block_dc(body + click)


def snare(rack: Rack) -> Array:
    """Two modes of the shell, the upper one shorter, and high-passed noise for the snare wires."""
    hertz, seconds = rack.log(130, 270), rack.log(0.12, 0.6)
    ratio, glide = rack.linear(1, 1.8), rack.log(0.008, 0.03)
    shell = rack.swept_sine(hertz, ratio, glide) * rack.decay(seconds)
    upper = rack.swept_sine(hertz * rack.linear(1.45, 2.2), ratio, glide)
    shell += upper * rack.decay(seconds * rack.linear(0.4, 0.9)) * rack.linear(0.2, 0.8)
    colour = rack.high_pass(rack.log(500, 2500)) * rack.low_pass(rack.log(5000, 16000))
    wires = rack.signal(rack.coloured(rack.noise(), colour))
    wires *= rack.decay(rack.log(0.2, 1)) * rack.attack(rack.log(0.0003, 0.003))
    return rack.block_dc(shell + wires * rack.log(0.1, 0.5))


def hat(rack: Rack) -> Array:
    """Six square oscillators and noise in a high band: 40 % open, 60 % closed hi-hats."""
    is_open = rack.chance(0.4)
    seconds = np.where(is_open, rack.log(0.7, 2.2), rack.log(0.06, 0.3))
    band = rack.band_pass(rack.log(4800, 11000), rack.log(0.6, 2.5)) * rack.high_pass(rack.log(3000, 7500), 4)
    mix = rack.linear(0, 0.8)
    sizzle = rack.coloured(rack.metal(rack.log(0.8, 2)), band) * (1 - mix)
    sizzle += rack.coloured(rack.noise(), band) * mix
    tip = 1 + rack.linear(0, 2) * rack.decay(rack.log(0.01, 0.05))
    return rack.signal(sizzle) * tip * rack.decay(seconds) * rack.attack(rack.log(0.0003, 0.002))


def crash(rack: Rack) -> Array:
    """Wide-band noise and square oscillators, mostly noise: a burst, then a decay with the high band ending first."""
    tune, mix = rack.log(1, 2.6), rack.linear(0.55, 1)
    metal, noise = rack.metal(tune, 0.15), rack.noise()
    roof = rack.low_pass(rack.log(7000, 16000))
    low = roof * rack.band_pass(rack.log(1500, 4800), rack.log(0.5, 1.2))
    low *= rack.high_pass(rack.log(300, 1200))
    top = roof * rack.band_pass(rack.log(5000, 9000), rack.log(0.5, 1.2))
    top *= rack.high_pass(rack.log(2500, 5000))
    seconds = rack.log(1.3, 5)
    total = np.zeros((len(rack.rngs), rack.num_samples), dtype=np.float32)
    for band, length, level in ((low, seconds, 1), (top, seconds * rack.linear(0.4, 1), rack.log(0.2, 1))):
        wash = rack.coloured(metal, band) * (1 - mix) + rack.coloured(noise, band) * mix
        total += rack.signal(wash) * rack.decay(length) * level
    burst = 1 + rack.linear(0.3, 2) * rack.decay(rack.log(0.08, 0.4))
    return total * burst * rack.attack(rack.log(0.001, 0.012))


def ride(rack: Rack) -> Array:
    """Sharp attack of square oscillators in a high band, over inharmonic partials of the bell."""
    band = rack.band_pass(rack.log(4500, 9000), rack.log(0.8, 2.5)) * rack.high_pass(rack.log(1500, 4500))
    mix = rack.linear(0, 0.35)
    wash = rack.coloured(rack.metal(rack.log(1.2, 3), 0.1), band) * (1 - mix)
    wash += rack.coloured(rack.noise(), band) * mix
    ping = 0.2 + rack.linear(0.7, 2) * rack.decay(rack.log(0.04, 0.2))
    seconds = rack.log(1.5, 6)
    total = rack.signal(wash) * ping * rack.decay(seconds)
    hertz, level = rack.log(400, 1000), rack.log(0.2, 0.9)
    for ratio in (1, 1.48, 2.27, 3.33, 4.71):
        partial = rack.sine(hertz * (ratio * rack.linear(0.94, 1.06)), rack.uniform())
        total += partial * rack.decay(seconds * rack.linear(0.3, 1)) * (level * rack.linear(0.2, 1))
    return total * rack.attack(rack.log(0.0002, 0.001))


def clap(rack: Rack) -> Array:
    """Band-passed noise with an envelope of three or four bursts and a reverberant tail."""
    band = rack.band_pass(rack.log(800, 1700), rack.log(1, 3.5)) * rack.high_pass(rack.log(350, 800))
    air = rack.high_pass(rack.log(1500, 4000)) * rack.low_pass(rack.log(5000, 12000))
    noise = rack.noise()
    hands = rack.coloured(noise, band) + rack.coloured(noise, air) * rack.log(0.05, 0.4)
    gap, rise = rack.linear(0.0075, 0.0115), rack.log(0.0003, 0.001)
    four, length = rack.chance(0.5), rack.linear(0.012, 0.02)
    second = gap * rack.linear(0.85, 1.1)
    third = second + gap * rack.linear(0.85, 1.1)
    fourth = np.where(four, third + gap * rack.linear(0.85, 1.1), third)
    envelope = rack.stroke(fourth, rise, rack.log(0.15, 0.7)) * rack.log(0.3, 0.9)
    for start in (0.0, second, third, fourth):
        # Maximum instead of sum, because each burst recharges the envelope of the 808.
        np.maximum(envelope, rack.stroke(start, rise, length) * rack.linear(0.7, 1), out=envelope)
    return rack.signal(hands) * envelope


def shaker(rack: Rack) -> Array:
    """Sparse, high-passed noise with a slow attack; 40 % have a second stroke."""
    band = rack.band_pass(rack.log(5000, 10000), rack.log(0.5, 2)) * rack.high_pass(rack.log(1200, 5000))
    beads = rack.signal(rack.coloured(rack.noise()))
    # Multiplication with a power of its magnitude makes white noise sparse, like single beads.
    beads *= np.abs(beads) ** rack.linear(0, 4)
    beads = rack.signal(rack.coloured(rack.spectrum(beads), band * rack.low_pass(rack.log(9000, 18000))))
    rise, seconds = rack.log(0.012, 0.06), rack.log(0.06, 0.3)
    again = rack.chance(0.4)
    first = rack.stroke(0.0, rise, seconds)
    start = rise + rack.log(0.05, 0.16)
    back = rack.stroke(start, rise * rack.linear(0.4, 1), seconds * rack.linear(0.7, 1.5))
    first *= np.where(again, rack.linear(0.4, 1), 1)
    back *= np.where(again, rack.linear(0.4, 1), 0)
    return beads * (first + back)


def tom(rack: Rack) -> Array:
    """Slightly falling sine, from floor tom to high tom, with a second mode and a little noise."""
    hertz, seconds = rack.log(80, 320), rack.log(0.4, 2.2)
    ratio, glide = rack.linear(1.05, 1.6), rack.log(0.03, 0.15)
    body = rack.swept_sine(hertz, ratio, glide) * rack.decay(seconds)
    upper = rack.swept_sine(hertz * rack.linear(1.4, 1.7), ratio, glide)
    body += upper * rack.decay(seconds * rack.linear(0.3, 0.8)) * rack.linear(0.1, 0.6)
    drive = rack.log(0.3, 2)
    body = np.tanh(body * drive)
    body /= np.tanh(drive)
    colour = rack.high_pass(rack.log(100, 400), 1) * rack.low_pass(rack.log(1000, 6000))
    skin = rack.signal(rack.coloured(rack.noise(), colour))
    skin *= rack.decay(rack.log(0.05, 0.5)) * rack.linear(0.03, 0.3)
    return rack.block_dc(body + skin) * rack.attack(rack.log(0.0003, 0.003))


VOICES: Mapping[str, Callable[[Rack], Array]] = {
    "kick": kick,
    "snare": snare,
    "hat": hat,
    "crash": crash,
    "ride": ride,
    "clap": clap,
    "shaker": shaker,
    "tom": tom,
}
"""Voice of each class."""
