"""Hits of a sound: one for a one-shot, several for a loop, a roll or a multi-hit.

Two envelopes (dB) are searched for attacks: that of the sound, and that of its first difference, in which high
frequencies weigh more. The beating of two partials of a tom or a cymbal swells too, but slowly, and not in both. The
strokes of a flam, a clap or a shaker come within MIN_SPAN, or are weak, or are few.
"""

from dataclasses import dataclass

import numpy as np

HOP_SECONDS = 0.005
"""Resolution of the envelopes."""
SMOOTHED = 4
"""Frames over which an envelope is averaged: one period of 50 Hz, so that a kick's wave is no series of attacks."""
FLOOR_DB = -50.0
"""Lowest level, relative to the loudest frame."""
SWING_DB = 3.0
"""Fall after which an attack is over, and rise with which the next one begins."""
LEVEL_DB = -12.0
"""Lowest level of a hit, relative to the loudest frame."""
STEEP_DB, STEEP_SECONDS = 6.0, 0.03
"""An attack reaches its last 6 dB within this time; a slower one is a swell."""
MIN_SPAN = 0.2
"""Least time from the first to the last hit (s): flams, drags, claps and both strokes of a shaker are shorter."""


LOOP, ROLL, MULTI_HIT = KINDS = ("loop", "roll", "multi_hit")
"""Kinds of sounds with several hits: hits at a tempo, fast strokes, and a few others."""


@dataclass(frozen=True)
class Rule:
    """Condition for several hits: at least `hits` attacks, of which all but the first rise by `rise_db` or more."""

    hits: int
    rise_db: float
    gap: float
    """Least distance of two attacks (s)."""
    difference_only: bool
    """Whether the attacks must be in the envelope of the first difference."""


RULES = (
    Rule(hits=4, rise_db=4, gap=0.04, difference_only=True),
    Rule(hits=3, rise_db=6, gap=0.06, difference_only=True),
    Rule(hits=2, rise_db=12, gap=MIN_SPAN, difference_only=False),
)
"""The more attacks there are, the weaker they may be."""


@dataclass(frozen=True)
class Hits:
    """Hits of a sound."""

    seconds: tuple[float, ...]
    """Times of the hits; one for a one-shot."""
    kind: str | None
    """One of KINDS; None for a one-shot."""
    tempo_bpm: float | None
    """Tempo of a loop (beats per minute)."""


@dataclass(frozen=True)
class _Attack:
    frame: int
    """Frame of the highest level."""
    rise_db: float
    level_db: float
    steep: bool


def find_hits(mono: np.ndarray, rate: int) -> Hits:
    """Hits of a whole sound: float [T] at `rate` Hz, without the cut to a clip's length."""
    one = Hits((0.0,), None, None)
    if len(mono) < MIN_SPAN * rate:
        return one
    # Every other sample is enough for the energy of some ms.
    even, odd = mono[: len(mono) // 2 * 2].reshape(-1, 2).T
    envelopes = [_envelope_db(even - mono.mean(), rate / 2), _envelope_db(odd - even, rate / 2)]
    attacks = [_attacks(envelope) for envelope in envelopes]
    for rule in RULES:
        searched = attacks[1:] if rule.difference_only else attacks
        hits = max((_select(candidates, rule) for candidates in searched), key=len)
        times = np.array([hit.frame for hit in hits]) * HOP_SECONDS
        if len(hits) >= rule.hits and times[-1] - times[0] >= MIN_SPAN:
            return Hits(tuple(times.tolist()), *_kind(times, envelopes[1]))
    return one


def _envelope_db(sound: np.ndarray, rate: float) -> np.ndarray:
    """Level of a sound relative to its loudest frame, at least FLOOR_DB: float [frames]."""
    hop = max(1, round(HOP_SECONDS * rate))
    blocks = sound[: len(sound) // hop * hop].reshape(-1, hop)
    energy = np.cumsum(np.einsum("ij,ij->i", blocks, blocks).astype(np.float64))
    power = np.maximum(energy[SMOOTHED:] - energy[:-SMOOTHED], 0)
    highest = power.max(initial=0)
    if not highest > 0:
        return np.full(len(power), FLOOR_DB)
    return 10 * np.log10(np.maximum(power / highest, 10 ** (FLOOR_DB / 10)))


def _attacks(envelope: np.ndarray) -> list[_Attack]:
    """Rises of an envelope, each ended by a fall of SWING_DB. The first one rises from the floor."""
    if not _rises_again(envelope):
        return []
    peaks: list[tuple[int, int, float]] = []  # frames of the lowest and the highest level, and the former
    rising, low, low_frame, high, high_frame = True, FLOOR_DB, 0, -np.inf, 0
    for frame, level in enumerate(envelope.tolist()):
        if rising:
            if level > high:
                high, high_frame = level, frame
            elif level < high - SWING_DB:
                peaks.append((low_frame, high_frame, low))
                rising, low, low_frame = False, level, frame
        elif level < low:
            low, low_frame = level, frame
        elif level > low + SWING_DB:
            rising, high, high_frame = True, level, frame
    if rising:
        peaks.append((low_frame, high_frame, low))
    return [_attack(envelope, *peak) for peak in peaks]


def _rises_again(envelope: np.ndarray) -> bool:
    """Whether the level rises again after its first rise to that of a hit: for most one-shots the search ends here."""
    loud = envelope[int((envelope >= LEVEL_DB).argmax()) :]
    hits = (loud >= LEVEL_DB) & (loud - np.minimum.accumulate(loud) >= min(rule.rise_db for rule in RULES))
    return bool(hits.any())


def _attack(envelope: np.ndarray, low_frame: int, high_frame: int, low: float) -> _Attack:
    high = float(envelope[high_frame])
    below = np.flatnonzero(envelope[low_frame:high_frame] <= high - min(STEEP_DB, high - low))
    frames = high_frame - low_frame - int(below[-1]) if len(below) else 0
    return _Attack(high_frame, high - low, high, frames * HOP_SECONDS <= STEEP_SECONDS)


def _select(attacks: list[_Attack], rule: Rule) -> list[_Attack]:
    """Attacks that are hits by a rule."""
    hits: list[_Attack] = []
    for number, attack in enumerate(attacks):
        if attack.level_db < LEVEL_DB or (number and not (attack.steep and attack.rise_db >= rule.rise_db)):
            continue
        if not hits or (attack.frame - hits[-1].frame) * HOP_SECONDS >= rule.gap:
            hits.append(attack)
    return hits


ROLL_GAP = 0.11
"""Longest distance of two strokes of a roll (s), but for a tenth of them."""
SLOWEST, FASTEST, USUAL_BPM = 50.0, 200.0, 120.0
"""Range of tempi (beats per minute), and the tempo that is chosen among multiples of one another."""
PERIODIC = 0.3
"""Least autocorrelation of a loop's attacks at the distance of a beat."""


def _kind(times: np.ndarray, envelope: np.ndarray) -> tuple[str, float | None]:
    """Kind of a sound with several hits at `times` (s), and the tempo of a loop."""
    if len(times) >= 4 and np.quantile(np.diff(times), 0.9) <= ROLL_GAP:
        return ROLL, None
    if len(times) < 4:
        return MULTI_HIT, None
    tempo = _tempo_bpm(envelope)
    return (MULTI_HIT, None) if tempo is None else (LOOP, tempo)


def _tempo_bpm(envelope: np.ndarray) -> float | None:
    """Tempo by the autocorrelation of the envelope's rises, weighted towards USUAL_BPM (Ellis 2007); None without."""
    rises = np.maximum(np.diff(envelope, prepend=envelope[0]), 0)
    rises -= rises.mean()
    shortest, longest = (round(60 / tempo / HOP_SECONDS) for tempo in (FASTEST, SLOWEST))
    longest = min(longest, len(rises) - shortest)
    if longest <= shortest:
        return None
    spectrum = np.fft.rfft(rises, 2 * len(rises))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: longest + 1]
    # A player's beats vary by some ms: each lag counts its neighbours too.
    correlation = np.convolve(correlation, [0.5, 1, 1, 1, 0.5], "same") / max(correlation[0], 1e-12)
    lags = np.arange(shortest, longest + 1)
    octaves = np.log2(60 / (lags * HOP_SECONDS) / USUAL_BPM)
    best = int(lags[np.argmax(correlation[lags] * np.exp(-0.5 * octaves**2))])
    if correlation[best] < PERIODIC:
        return None
    before, centre, after = correlation[best - 1], correlation[best], correlation[min(best + 1, longest)]
    bend = before - 2 * centre + after
    return float(60 / ((best + (0.5 * (before - after) / bend if bend < 0 else 0.0)) * HOP_SECONDS))
