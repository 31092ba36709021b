"""Time and memory of maps of many clips: a corpus filled up with sounds of the drum machine.

    python -m benchmarks.propagation.maps WORK [--clips 44000] [--out reports/benchmarks/maps.json]

WORK is a folder in which the pipeline has run, such as that of `make bench`. Its log-mel spectrograms are used, and
those of drum machine clips with the same settings are added up to --clips. Principal components, UMAP and t-SNE each
run in a process of their own, so that each has its own peak memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.settings import MelParams
from drumspace.audio.spectral.transforms import mel_spectrogram, to_wave
from drumspace.audio.synthesis.drum_machine import synthesize
from drumspace.io.json_files import write_json
from drumspace.io.settings import load
from drumspace.maps.components import Components
from drumspace.maps.reduce import tsne_coordinates, umap_coordinates
from drumspace.maps.settings import EmbedParams
from drumspace.taxonomy import CLASSES

BATCH = 128
"""Clips per batch of the drum machine."""


def fill(work: Path, clips: int, out: Path) -> None:
    """Write `clips` log-mel spectrograms to `out`: those of WORK, then the drum machine's."""
    audio = load(work / "params.yaml", "audio", AudioParams)
    mel = load(work / "params.yaml", "features.mel", MelParams)
    real = np.load(work / "data" / "features" / "mel.npy", mmap_mode="r")
    values = np.lib.format.open_memmap(out, mode="w+", dtype=np.float16, shape=(clips, *real.shape[1:]))
    count = min(clips, len(real))
    values[:count] = real[:count]
    for number, start in enumerate(tqdm(range(count, clips, BATCH), desc="drum machine", unit="batch")):
        end = min(start + BATCH, clips)
        wave = np.stack(
            list(
                synthesize(
                    CLASSES[number % len(CLASSES)], end - start, seed=number, sample_rate=audio.sample_rate,
                    num_samples=audio.num_samples,
                )
            )
        )  # fmt: skip
        pcm = np.round(wave * 32767).astype(np.int16)
        values[start:end] = mel_spectrogram(to_wave(pcm), audio.sample_rate, mel).half().numpy()
    values.flush()


def step(name: str, work: Path, folder: Path) -> None:
    """Run one step on the arrays in `folder`, and print its seconds and peak memory (MiB)."""
    params = load(work / "params.yaml", "embed", EmbedParams)
    start = time.perf_counter()
    if name == "components":
        features = np.load(folder / "features.npy", mmap_mode="r")
        np.save(folder / "points.npy", Components.fit(features, params.components).project(features))
    else:
        points = np.load(folder / "points.npy")
        if name == "umap":
            umap_coordinates(points, 2, params.umap, params.seed)
        else:
            tsne_coordinates(points, 2, params.tsne, params.seed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - start, "peak_memory_mib": memory}))


def main() -> None:
    """Measure, print and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--clips", type=int, default=44_000)
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/maps.json"))
    parser.add_argument("--step", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        step(arguments.step[0], arguments.work, Path(arguments.step[1]))
        return
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(arguments.work, arguments.clips, folder / "features.npy")
        for part in ("components", "umap", "tsne"):
            command = [sys.executable, __file__, str(arguments.work), "--step", part, name]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            results[part] = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{part:11} {results[part]['seconds']:6.1f} s  {results[part]['peak_memory_mib'] / 1024:.1f} GiB",
                flush=True,
            )
    write_json(arguments.out, {"clips": arguments.clips, "steps": results})


if __name__ == "__main__":
    main()
