"""Speed of the drum machine, in batches and clip by clip.

    python -m benchmarks.speed.drum_machine

Prints clips per second over all classes. Then batches and batches of one are timed alternately on fewer clips; each
has the best of its rounds.
"""

import argparse
import resource
import time

from tqdm import tqdm

from drumspace.audio.synthesis.drum_machine import BATCH_SIZE, batches
from drumspace.taxonomy import CLASSES

TURNS = 5


def seconds(label: str, count: int, sample_rate: int, num_samples: int, batch_size: int) -> float:
    """Wall-clock time to generate `count` clips (s)."""
    start = time.perf_counter()
    for _ in batches(label, count, 0, sample_rate, num_samples, batch_size=batch_size):
        pass
    return time.perf_counter() - start


def ratio(count: int, sample_rate: int, num_samples: int) -> float:
    """Time clip by clip divided by time in batches, over all classes."""
    total = {1: 0.0, BATCH_SIZE: 0.0}
    for label in CLASSES:
        turns: dict[int, list[float]] = {1: [], BATCH_SIZE: []}
        for _ in range(TURNS):
            for size, times in turns.items():
                times.append(seconds(label, count, sample_rate, num_samples, size))
        for size, times in turns.items():
            total[size] += min(times)
    return total[1] / total[BATCH_SIZE]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1250, help="clips a class of the long run")
    parser.add_argument("--few", type=int, default=24, help="clips a class of each turn of the comparison")
    args = parser.parse_args()

    total = 0.0
    busy = time.process_time()
    for label in tqdm(CLASSES, unit="class"):
        spent = seconds(label, args.count, 44100, 44100, BATCH_SIZE)
        total += spent
        tqdm.write(f"{label:8} {args.count / spent:8.0f} clips/s")
    busy = time.process_time() - busy
    clips = args.count * len(CLASSES)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{clips} clips of 1 s at 44.1 kHz: {total:.1f} s, {busy:.1f} s of one processor")
    print(f"{clips / total:.0f} clips/s in one process, peak memory {peak:.0f} MiB")
    for rate, samples in ((44100, 44100), (16000, 16000), (16000, 2000)):
        times = ratio(args.few, rate, samples)
        print(f"{samples} samples at {rate} Hz: {times:.2f} times as fast as one clip at a time")


if __name__ == "__main__":
    main()
