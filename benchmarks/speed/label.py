"""Speed of `drumspace label`, in files per second, compared with a loop over single files and the same model.

    python -m benchmarks.speed.label FOLDER [--models models] [--files 500] [--out reports/benchmarks/label.json]

Both label the same files with the default labeller. The files are read once before, so that neither waits for the
disk. The time of `drumspace label` includes the start of its worker processes and the table that it writes.
"""

import argparse
import json
import tempfile
import time
import warnings
from pathlib import Path

import librosa
import numpy as np
from tqdm import tqdm

from drumspace.audio.format.suffixes import SOUNDS
from drumspace.classify.inference.label_files import label_files
from drumspace.classify.inference.labeller import Labeller, load_labeller
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.io.json_files import write_json


def plain(files: list[Path], labeller: Labeller) -> None:
    """Classify file by file: librosa.load, 16 bits, the model."""
    rate, length = labeller.audio.sample_rate, labeller.audio.num_samples
    for file in tqdm(files, desc="plain loop", unit="file"):
        wave, _ = librosa.load(file, sr=rate, mono=True, duration=labeller.audio.seconds)
        labeller.probabilities(np.round(librosa.util.fix_length(wave, size=length) * 32767).astype(np.int16)[None])


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--files", type=int, default=500, help="at most so many, spread evenly over all")
    parser.add_argument("--out", type=Path, help="JSON to write")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    labeller = load_labeller(arguments.models)
    folder = arguments.folder
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS and path.is_file())
    files = [paths[index] for index in np.unique(np.linspace(0, len(paths) - 1, arguments.files).astype(int))]
    for file in files:
        file.read_bytes()
    # Warm up the model and librosa.
    plain(files[:2], labeller)
    start_time = time.perf_counter()
    plain(files, labeller)
    plain_seconds = time.perf_counter() - start_time
    with tempfile.TemporaryDirectory() as folder:
        start_time = time.perf_counter()
        label_files(files, Path(folder) / "labels.csv", labeller, NamingRules.load())
        our_seconds = time.perf_counter() - start_time
    result = {
        "files": len(files),
        "model": labeller.name,
        "members": len(labeller.members),
        "files_per_second": {"plain_loop": len(files) / plain_seconds, "drumspace": len(files) / our_seconds},
        "ratio": plain_seconds / our_seconds,
    }
    print(json.dumps(result, indent=2))
    if arguments.out:
        write_json(arguments.out, result)


if __name__ == "__main__":
    main()
