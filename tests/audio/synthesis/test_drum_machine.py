"""The drum machine: one seed gives the same bytes, and each class has its typical spectrum and envelope."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d, uniform_filter1d
from scipy.signal import find_peaks, hilbert
from scipy.stats import kurtosis

from drumspace.audio.synthesis.drum_machine import batches, synthesize
from drumspace.audio.synthesis.drum_machine_rack import METAL_HZ, Rack
from drumspace.audio.synthesis.drum_machine_voices import VOICES
from drumspace.errors import UserError
from drumspace.taxonomy import CLASSES

RATE = 44100
COUNT = 24


@pytest.fixture(scope="module")
def clips() -> dict[str, np.ndarray]:
    """COUNT clips of each class, one second at 44.1 kHz."""
    return {label: synthesize(label, COUNT, seed=5) for label in CLASSES}


def centroid(x: np.ndarray) -> np.ndarray:
    """Power-weighted mean frequency of each row, Hz."""
    power = np.abs(np.fft.rfft(x, axis=-1)) ** 2
    return (power * np.fft.rfftfreq(x.shape[-1], 1 / RATE)).sum(-1) / power.sum(-1)


def seconds_to(x: np.ndarray, share: float) -> np.ndarray:
    """Time at which each row has reached `share` of its energy, seconds."""
    energy = np.cumsum(x.astype(np.float64) ** 2, axis=-1)
    return (energy < share * energy[:, -1:]).sum(-1) / RATE


def top_frequency(x: np.ndarray) -> np.ndarray:
    """Frequency of the strongest partial of each row, Hz, by a transform padded to one second or more."""
    size = max(x.shape[-1], RATE)
    return np.abs(np.fft.rfft(x * np.hanning(x.shape[-1]), n=size)).argmax(-1) * RATE / size


def test_every_class_has_a_voice_in_the_common_order() -> None:
    assert tuple(VOICES) == CLASSES


@pytest.mark.parametrize("label", CLASSES)
def test_clips_are_audible_and_within_range(label: str, clips: dict[str, np.ndarray]) -> None:
    x = clips[label]
    assert x.shape == (COUNT, RATE) and x.dtype == np.float32
    assert np.isfinite(x).all()
    peak = np.abs(x).max(-1)
    assert peak.max() <= 1 and peak.min() >= 0.39
    assert np.sqrt((x**2).mean(-1)).min() > 0.002  # -54 dB over the whole second; a closed hat lasts 30 ms
    assert np.abs(x.mean(-1)).max() < 0.003
    # Long decays have faded out at the end of the clip.
    assert np.abs(x[:, -1]).max() == 0


@pytest.mark.parametrize("label", CLASSES)
def test_a_clip_depends_on_its_number_alone(label: str) -> None:
    whole = synthesize(label, 11, seed=3, num_samples=4410)
    assert synthesize(label, 11, seed=3, num_samples=4410).tobytes() == whole.tobytes()
    assert synthesize(label, 5, seed=3, num_samples=4410).tobytes() == whole[:5].tobytes()
    for size in (1, 3, 4, 32):
        parts = list(batches(label, 11, seed=3, num_samples=4410, batch_size=size))
        assert max(len(part) for part in parts) <= size
        assert np.concatenate(parts).tobytes() == whole.tobytes()
    later = next(batches(label, 4, seed=3, num_samples=4410, start=7))
    assert later.tobytes() == whole[7:].tobytes()


def test_noise_differs_between_seeds_and_classes() -> None:
    first = synthesize("snare", 1, seed=0)
    assert abs(np.corrcoef(first, synthesize("snare", 1, seed=1))[0, 1]) < 0.9
    assert abs(np.corrcoef(first, synthesize("clap", 1, seed=0))[0, 1]) < 0.5


@pytest.mark.parametrize("label", CLASSES)
def test_clips_of_a_class_are_distinct(label: str, clips: dict[str, np.ndarray]) -> None:
    same_clips = np.abs(np.corrcoef(clips[label]))
    np.fill_diagonal(same_clips, 0)
    assert same_clips.max() < 0.999


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize(("rate", "samples"), [(16000, 16000), (16000, 4001), (4000, 40), (8000, 997), (96000, 961)])
def test_clips_have_the_requested_rate_and_length(label: str, rate: int, samples: int) -> None:
    x = synthesize(label, 5, seed=2, sample_rate=rate, num_samples=samples)
    assert x.shape == (5, samples) and x.dtype == np.float32
    assert np.isfinite(x).all()
    peak = np.abs(x).max(-1)
    assert peak.max() <= 1 and peak.min() >= 0.39
    batched = np.concatenate(list(batches(label, 5, 2, rate, samples, batch_size=2)))
    assert batched.tobytes() == x.tobytes()


def test_cymbals_have_a_higher_centroid_than_drums(clips: dict[str, np.ndarray]) -> None:
    means = {label: centroid(x) for label, x in clips.items()}
    assert means["kick"].max() < 500
    assert means["hat"].min() > 10 * means["kick"].max()
    assert means["shaker"].min() > 3000
    assert np.median(means["kick"]) < np.median(means["tom"]) < np.median(means["snare"])
    assert np.median(means["snare"]) < np.median(means["clap"]) < np.median(means["crash"])


def test_a_swept_sine_starts_and_ends_at_the_requested_frequencies() -> None:
    rack = Rack([np.random.default_rng(0)], RATE, RATE // 2)
    hertz, ratio, glide = (np.full((1, 1), value, dtype=np.float32) for value in (50, 4, 0.03))
    phase = np.unwrap(np.angle(hilbert(rack.swept_sine(hertz, ratio, glide)[0])))
    measured = np.diff(phase)[441:-2000] * RATE / (2 * np.pi)
    expected = 50 * (1 + 3 * np.exp(-rack.time[441 : 441 + len(measured)] / 0.03))
    # The Hilbert transform ripples where a low pitch moves within one cycle; compare cycle by cycle.
    assert np.abs(uniform_filter1d(measured / expected, 882)[882:-882] - 1).max() < 0.05


def test_the_kick_falls_to_its_fundamental(clips: dict[str, np.ndarray]) -> None:
    early = centroid(clips["kick"][:, : RATE // 40])
    late = top_frequency(clips["kick"][:, RATE // 10 : RATE // 2])
    assert np.all((late > 30) & (late < 80))
    assert np.all(early > late)
    assert np.median(early / late) > 2


def test_noise_is_white_and_normal_and_filters_have_their_corners() -> None:
    rack = Rack([np.random.default_rng(i) for i in range(2)], RATE, RATE)
    noise = rack.signal(rack.coloured(rack.noise()))
    assert noise.std(axis=-1) == pytest.approx(1, abs=0.02)
    assert kurtosis(noise, axis=-1) == pytest.approx(0, abs=0.1)
    assert abs(np.corrcoef(noise)[0, 1]) < 0.02
    corner = np.full((1, 1), 2000, dtype=np.float32)
    for order in (1, 2, 4):
        for response, octave_out in (
            (rack.high_pass(corner, order), 1000),
            (rack.low_pass(corner, order), 4000),
        ):
            at = np.interp([2000, octave_out], rack.frequency, response[0])
            assert at[0] == pytest.approx(0.5**0.5, rel=1e-3)
            assert at[1] == pytest.approx((1 + 4**order) ** -0.5, rel=1e-3)
    band = rack.band_pass(corner, np.full((1, 1), 4, dtype=np.float32))[0]
    assert rack.frequency[band.argmax()] == pytest.approx(2000, abs=1)
    above = rack.frequency[band > 0.5**0.5]
    assert above.max() - above.min() == pytest.approx(2000 / 4, abs=3)


def test_the_oscillator_bank_has_six_square_waves_at_its_frequencies() -> None:
    rack = Rack([np.random.default_rng(0)], RATE, RATE)
    spectrum = np.abs(rack.metal(np.ones((1, 1), dtype=np.float32), spread=0)[0])
    for hertz in METAL_HZ:
        near = np.abs(rack.frequency - hertz) < 3
        # A square's fundamental has an amplitude of 4 / pi; the leakage of a partial between bins takes some.
        assert spectrum[near].max() * 2 / rack.n_fft == pytest.approx(4 / np.pi, rel=0.4)
        assert spectrum[near].max() > 20 * np.median(spectrum)


def test_toms_cover_a_wide_range_of_pitch(clips: dict[str, np.ndarray]) -> None:
    pitch = top_frequency(clips["tom"])
    assert pitch.min() < 130 and pitch.max() > 220
    assert pitch.max() < 600


def test_hats_are_open_or_closed_and_crashes_outlast_the_closed(clips: dict[str, np.ndarray]) -> None:
    hat, crash = seconds_to(clips["hat"], 0.99), seconds_to(clips["crash"], 0.99)
    closed, is_open = hat < 0.12, hat > 0.2
    assert closed.sum() >= COUNT // 4 and is_open.sum() >= COUNT // 6
    assert crash.min() > 2 * hat[closed].max()


def test_a_clap_has_several_onsets_in_its_first_40_ms_and_a_snare_has_one() -> None:
    def onsets(label: str) -> list[int]:
        x = synthesize(label, 60, seed=9)[:, : RATE * 40 // 1000].astype(np.float64)
        power = gaussian_filter1d(x**2, 0.002 * RATE, axis=-1, mode="constant")
        power /= power.max(-1, keepdims=True)
        return [len(find_peaks(row, prominence=0.05, distance=0.005 * RATE)[0]) for row in power]

    clap = np.array(onsets("clap"))
    # A clap has three or four onsets; noise may merge two of them or split one.
    assert np.median(clap) in (3, 4)
    assert (clap >= 2).mean() > 0.95 and (clap >= 3).mean() > 0.75
    assert np.median(onsets("snare")) == 1


def test_the_shaker_swells_and_some_strokes_are_double(clips: dict[str, np.ndarray]) -> None:
    def rise(x: np.ndarray) -> np.ndarray:
        return seconds_to(x, 0.05)

    assert rise(clips["shaker"]).min() > 0.004
    assert np.median(rise(clips["shaker"])) > 5 * np.median(rise(clips["hat"]))
    blocks = (clips["shaker"][:, : 40 * 441].reshape(COUNT, 40, 441) ** 2).mean(-1)
    doubles = 0
    for row in blocks:
        top = row.argmax()
        # A second stroke is a fourfold rise in power, separated from the main one by a valley.
        after = any(row[k:].max() > 4 * row[top:k].min() > 0.004 * row[top] for k in range(top + 2, 40))
        before = any(row[:k].max() > 4 * row[k : top + 1].min() for k in range(2, top))
        doubles += after or before
    assert COUNT // 8 <= doubles <= COUNT * 3 // 4


def test_the_ride_is_more_tonal_than_the_crash(clips: dict[str, np.ndarray]) -> None:
    def flatness(x: np.ndarray) -> np.ndarray:
        power = np.abs(np.fft.rfft(x, axis=-1))[:, 300:12000] ** 2
        return np.exp(np.log(power + 1e-12).mean(-1)) / power.mean(-1)

    assert np.median(flatness(clips["crash"])) > 3 * np.median(flatness(clips["ride"]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cowbell", 1, 0), "kick, snare"),
        (("kick", 0, 0), "1 or more"),
        (("kick", 1, -1), "0 or more"),
        (("kick", 1, 0, 3999), "4000 to 192000"),
        (("kick", 1, 0, 10**6), "4000 to 192000"),
        (("kick", 1, 0, 44100, 440), "441 "),
        (("kick", 1, 0, 44100, 61 * 44100), "2646000"),
    ],
)
def test_invalid_arguments_raise_errors(arguments: tuple, message: str) -> None:
    with pytest.raises(UserError, match=message):
        synthesize(*arguments)
    with pytest.raises(UserError, match=message):
        batches(*arguments)
