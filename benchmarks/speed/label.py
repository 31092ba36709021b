"""Speed and memory of `drumspace label` by the number of files, and a loop over single files with the same model.

    python -m benchmarks.speed.label [--models models] [--model NAME …] [--files 500 5000 50000] [--sounds FOLDER]
        [--out reports/benchmarks/label.json]

The drum machine makes the sounds, 0.3 s each, in a temporary folder, or once in `--sounds`: 1.3 GB for 50,000. Each
figure is that of a process of its own. Its time includes the search for the files, the start of the decoder processes
and the table, but not the imports and the model's loading. `no_network` takes a constant for the network's output.
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import librosa
import numpy as np
import soundfile
import torch
from torch import Tensor, nn
from tqdm import tqdm

from drumspace.audio.synthesis.drum_machine import batches
from drumspace.classify.inference.label_files import label_files
from drumspace.classify.inference.labeller import Labeller, load_labeller
from drumspace.classify.training.calibration import Calibration
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.io.json_files import write_json
from drumspace.taxonomy import CLASSES

RATE, SECONDS, PER_KIT = 44100, 0.3, 100
NO_NETWORK = "no_network"
POLL_SECONDS = 0.1


class Constant(nn.Module):
    """A network that takes no time."""

    def forward(self, waves: Tensor) -> Tensor:
        """Zeros: logits [B, classes]."""
        return torch.zeros(len(waves), len(CLASSES))


def make_sounds(folder: Path, count: int) -> None:
    """Write `count` sounds of the drum machine into kits of PER_KIT, unless they are there from a former run."""
    per_class = -(-count // len(CLASSES))
    kits = {folder / f"kit{number // PER_KIT:04}" for number in range(count)}
    if all(kit.is_dir() for kit in kits):
        return
    with tqdm(total=count, desc="drum machine", unit="file") as progress:
        for index, label in enumerate(CLASSES):
            number = index * per_class
            for batch in batches(label, per_class, 0, RATE, round(SECONDS * RATE)):
                for wave in batch[: max(0, count - number)]:
                    file = folder / f"kit{number // PER_KIT:04}" / f"{number:06}.wav"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    soundfile.write(file, wave, RATE)
                    number += 1
                    progress.update()


def first_kits(sounds: Path, count: int, folder: Path) -> Path:
    """Make a folder in `folder` that links to the first kits of `sounds`, which hold `count` sounds."""
    chosen = folder / str(count)
    chosen.mkdir()
    for kit in sorted(sounds.iterdir())[: -(-count // PER_KIT)]:
        (chosen / kit.name).symlink_to(kit.absolute())
    return chosen


def load(models: Path, name: str) -> Labeller:
    """The labeller `name`, or the default one without its network."""
    if name != NO_NETWORK:
        return load_labeller(models, name)
    return replace(load_labeller(models), members=[(Constant(), Calibration(1.0, None))], details={})


def measure(folder: Path, models: Path, name: str) -> dict[str, float]:
    """Label the sounds in `folder`; the figures of this process."""
    labeller, rules = load(models, name), NamingRules.load()
    loaded = peak_mib("self")
    with tempfile.TemporaryDirectory() as out, memory_of_decoders() as decoders:
        start, busy = time.perf_counter(), processor_seconds()
        counts = label_files([folder], Path(out) / "labels.csv", labeller, rules)
        seconds, busy = time.perf_counter() - start, processor_seconds() - busy
    return {
        "files": sum(counts),
        "seconds": seconds,
        "files_per_second": sum(counts) / seconds,
        "processor_ms_per_file": 1000 * busy / sum(counts),
        "peak_memory_mib": peak_mib("self"),
        "loaded_memory_mib": loaded,
        "decoders_peak_memory_mib": max(decoders),
    }


def plain_loop(folder: Path, models: Path, name: str) -> float:
    """Files per second, one by one: librosa.load, 16 bits, the model."""
    labeller = load(models, name)
    rate, length = labeller.audio.sample_rate, labeller.audio.num_samples
    files = sorted(folder.glob("*/*.wav"))

    def classify(file: Path) -> None:
        wave, _ = librosa.load(file, sr=rate, mono=True, duration=labeller.audio.seconds)
        labeller.probabilities(np.round(librosa.util.fix_length(wave, size=length) * 32767).astype(np.int16)[None])

    classify(files[0])  # warms up the model and librosa
    start = time.perf_counter()
    for file in files:
        classify(file)
    return len(files) / (time.perf_counter() - start)


def processor_seconds() -> float:
    """Processor time of this process and of its children that have ended (s): a busy machine hardly changes it."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_mib(process: str) -> float:
    """Largest resident memory of a process (MiB), since it runs this program: getrusage's is that of its parent too."""
    status = Path("/proc", process, "status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def memory_of_decoders() -> Iterator[list[float]]:
    """Sums of the peak memory of all child processes (MiB), by time."""
    sums, ended = [0.0], threading.Event()

    def poll() -> None:
        while not ended.wait(POLL_SECONDS):
            children = [file.read_text() for file in Path("/proc/self/task").glob("*/children")]
            peaks = []
            for child in " ".join(children).split():
                try:
                    peaks.append(peak_mib(child))
                except (OSError, IndexError):  # it has ended
                    continue
            sums.append(sum(peaks))

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield sums
    finally:
        ended.set()
        thread.join()


def in_a_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a new process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder of trained models")
    parser.add_argument(
        "--model", nargs="+", help="classifiers, `committee`, `no_network`; default: the best, the last"
    )
    parser.add_argument("--files", nargs="+", type=int, default=[500, 5000, 50000], help="numbers of files")
    parser.add_argument("--sounds", type=Path, help="folder that keeps the sounds for further runs")
    parser.add_argument("--out", type=Path, help="JSON to write")
    arguments = parser.parse_args()
    models, sizes = arguments.models, sorted(arguments.files)
    names = arguments.model or [load_labeller(models).name, NO_NETWORK]
    result: dict[str, Any] = {"sound_seconds": SECONDS, "cores": joblib.cpu_count(), "models": {}}
    with tempfile.TemporaryDirectory() as temporary:
        sounds = arguments.sounds or Path(temporary, "sounds")
        make_sounds(sounds, sizes[-1])
        folders = [first_kits(sounds, size, Path(temporary)) for size in sizes]
        for name in names:
            rows = [in_a_process(measure, folder, models, name) for folder in folders]
            growth = rows[-1]["peak_memory_mib"] / rows[max(0, len(rows) - 2)]["peak_memory_mib"] - 1
            result["models"][name] = {"rows": rows, "memory_growth": growth}
            if name != NO_NETWORK:
                result["models"][name]["plain_loop_files_per_second"] = in_a_process(
                    plain_loop, folders[0], models, name
                )
    print(json.dumps(result, indent=2))
    if arguments.out:
        write_json(arguments.out, result)


if __name__ == "__main__":
    main()
