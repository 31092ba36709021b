"""False alarms of the search for loops, rolls and multi-hits on one-shots, and how many of them it finds.

    python -m benchmarks.data.hits CORPUS [--clips 150] [--sequences 60] [--seed 0] [--out [FILE]]

CORPUS holds labels.csv (path, label, source, kit) and one-shots of at most 1 s. False alarms: labelled one-shots in
which several hits are found, by class; some of them have several. Found: sequences made of these one-shots, by kind.
`beat`: kick, snare and hat of one kit, one to four bars at 70 to 180 beats a minute; `repeat`: one sound 4 to 16 times
at a tempo; `fill`: toms of one kit in sixteenths; `roll`: 10 to 24 strokes a second; `two`: two sounds of one kit, 0.25
to 0.6 s apart.
"""

import argparse
import csv
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from drumspace.audio.analysis.hits import find_hits
from drumspace.io.json_files import write_json
from drumspace.taxonomy import CLASSES

RESULT = Path(__file__).parents[2] / "reports" / "benchmarks" / "corpus" / "hits.json"
RATE = 44100
NOISY = "dough-amiga"
"""Source with noisy labels: its sequences are named after drums."""


class Corpus:
    """Labelled one-shots by class and kit."""

    def __init__(self, folder: Path) -> None:
        """Read labels.csv of `folder`."""
        self.folder = folder
        with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["label"] and row["source"] != NOISY]
        self.by_class: dict[str, list[str]] = defaultdict(list)
        self.kits: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            self.by_class[row["label"]].append(row["path"])
            self.kits[row["kit"]][row["label"]].append(row["path"])

    def sound(self, path: str) -> np.ndarray:
        """Samples of a clip, float32 [T], with a peak of 1."""
        wave: np.ndarray = soundfile.read(self.folder / path, dtype="float32")[0]
        return wave / max(1e-6, float(np.abs(wave).max()))

    def any_of(self, label: str, rng: random.Random) -> np.ndarray:
        """A sound of a class."""
        return self.sound(rng.choice(self.by_class[label]))

    def kit_with(self, needed: dict[str, int], rng: random.Random) -> dict[str, list[str]]:
        """A kit that has so many sounds of these classes."""
        kits = [kit for kit in self.kits.values() if all(len(kit.get(name, ())) >= n for name, n in needed.items())]
        return rng.choice(kits)


def mix(hits: list[tuple[float, np.ndarray, float]], seconds: float) -> np.ndarray:
    """Sum of sounds, each at a start (s) and with a gain: float32 [seconds]."""
    sound = np.zeros(round(seconds * RATE), np.float32)
    for start, wave, gain in hits:
        first = round(start * RATE)
        part = wave[: max(0, len(sound) - first)]
        sound[first : first + len(part)] += np.float32(gain) * part
    return sound


def beat(corpus: Corpus, rng: random.Random) -> np.ndarray:
    """Kick on one and three, snare on two and four, a kick between at times, hats in eighths."""
    kit = corpus.kit_with({"kick": 1, "snare": 1, "hat": 1}, rng)
    kick, snare, hat = (corpus.sound(rng.choice(kit[name])) for name in ("kick", "snare", "hat"))
    beats, step = 4 * rng.choice([1, 2, 4]), 60 / rng.uniform(70, 180)
    hits = [(number * step, snare if number % 2 else kick, 0.8 if number % 2 else 1.0) for number in range(beats)]
    hits += [((number + 0.5) * step, kick, 0.8) for number in range(beats) if rng.random() < 0.3]
    hits += [(number * step / 2, hat, rng.uniform(0.2, 0.3)) for number in range(2 * beats)]
    return mix(hits, beats * step)


def repeat(corpus: Corpus, rng: random.Random) -> np.ndarray:
    """One sound in quarters, eighths or sixteenths."""
    wave, step = corpus.any_of(rng.choice(CLASSES), rng), 60 / rng.uniform(80, 160) / rng.choice([1, 2, 4])
    count = rng.choice([4, 8, 16])
    return mix([(number * step, wave, rng.uniform(0.6, 1)) for number in range(count)], (count + 1) * step)


def fill(corpus: Corpus, rng: random.Random) -> np.ndarray:
    """Toms of one kit, in sixteenths."""
    toms = corpus.kit_with({"tom": 2}, rng)["tom"]
    waves = [corpus.sound(path) for path in rng.choices(toms, k=4)]
    count, step = rng.choice([6, 8, 12]), 60 / rng.uniform(90, 150) / 4
    hits = [(number * step, waves[number * 4 // count], rng.uniform(0.7, 1)) for number in range(count)]
    return mix(hits, count * step + 0.3)


def roll(corpus: Corpus, rng: random.Random) -> np.ndarray:
    """Fast strokes of one drum, uneven in time and level, often louder towards the end."""
    wave = corpus.any_of(rng.choice(["snare", "snare", "tom", "hat"]), rng)
    rate, seconds, first = rng.uniform(10, 24), rng.uniform(0.5, 2), rng.uniform(0.3, 1)
    count = int(rate * seconds)
    gains = np.linspace(first, 1, count)
    hits = [(max(0.0, number + rng.uniform(-0.06, 0.06)) / rate, wave, gain * rng.uniform(0.75, 1))
            for number, gain in enumerate(gains)]  # fmt: skip
    return mix(hits, count / rate + 0.3)


def two(corpus: Corpus, rng: random.Random) -> np.ndarray:
    """Two sounds of one kit."""
    kit = corpus.kit_with({"kick": 1, "snare": 1, "hat": 1}, rng)
    first, second = (corpus.sound(rng.choice(kit[rng.choice(["kick", "snare", "hat"])])) for _ in range(2))
    gap = rng.uniform(0.25, 0.6)
    return mix([(0.0, first, 1.0), (gap, second, rng.uniform(0.5, 1))], gap + 0.4)


SEQUENCES: dict[str, Callable[[Corpus, random.Random], np.ndarray]] = {
    "beat": beat, "repeat": repeat, "fill": fill, "roll": roll, "two": two,
}  # fmt: skip


def measure(corpus: Corpus, clips: int, sequences: int, seed: int) -> dict[str, Any]:
    """Figures: false alarms by class, with their paths, and found sequences by kind."""
    rng = random.Random(seed)
    alarms: dict[str, Any] = {}
    seconds, count = 0.0, 0
    for label in CLASSES:
        paths = rng.sample(corpus.by_class[label], min(clips, len(corpus.by_class[label])))
        flagged = []
        for path in paths:
            wave = corpus.sound(path)
            start = time.perf_counter()
            kind = find_hits(wave, RATE).kind
            seconds += time.perf_counter() - start
            if kind:
                flagged.append(f"{path}: {kind}")
        count += len(paths)
        alarms[label] = {"rate": len(flagged) / max(1, len(paths)), "n": len(paths), "flagged": flagged}
    rates = {}
    for name, make in SEQUENCES.items():
        given = Counter(find_hits(make(corpus, rng), RATE).kind for _ in range(sequences))
        named = {str(kind): number for kind, number in sorted(given.items(), key=str)}
        rates[name] = {"found": 1 - given[None] / sequences, "n": sequences, "kinds": named}
    return {"false_alarms": alarms, "sequences": rates, "milliseconds_per_clip": 1000 * seconds / max(1, count)}


def main() -> None:
    """Measure, print the result, and write JSON with --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder with labels.csv")
    parser.add_argument("--clips", type=int, default=150, help="one-shots of each class, at most")
    parser.add_argument("--sequences", type=int, default=60, help="sequences of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, nargs="?", const=RESULT, help=f"JSON; by default {RESULT.name} in reports/")
    options = parser.parse_args()
    result = measure(Corpus(options.corpus), options.clips, options.sequences, options.seed)
    for label, row in result["false_alarms"].items():
        print(f"{label:8} false alarms {row['rate']:.4f} of {row['n']}", *row["flagged"], sep="\n    ")
    for name, row in result["sequences"].items():
        print(f"{name:8} found {row['found']:.3f} of {row['n']}: {row['kinds']}")
    print(f"{result['milliseconds_per_clip']:.2f} ms per one-shot")
    if options.out:
        del result["milliseconds_per_clip"]
        write_json(options.out, result)
        print(f"written: {options.out}")


if __name__ == "__main__":
    main()
