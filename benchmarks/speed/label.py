"""How fast `drumspace label` is: files a second, beside a plain loop that loads one file and asks the same model.

    python -m benchmarks.speed.label FOLDER [--models models] [--files 500] [--out reports/benchmarks/label.json]

Both label the same files with the labeller that `drumspace label` takes by default, once read before so that neither
waits for the disk. Ours includes the start of its worker processes and the table that it writes.
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

from drumspace.classify.inference.label_files import label_files, sound_files
from drumspace.classify.inference.labeller import Labeller, load_labeller
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.io.json_files import write_json


def plain(files: list[Path], labeller: Labeller) -> None:
    """One file after the other: librosa.load, 16 bits, the model."""
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
    found = [path for path, _ in sound_files([arguments.folder])]
    files = [found[place] for place in np.unique(np.linspace(0, len(found) - 1, arguments.files).astype(int))]
    for file in files:
        file.read_bytes()
    # Both have met the model, and librosa its own first file.
    plain(files[:2], labeller)
    begin = time.perf_counter()
    plain(files, labeller)
    theirs = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        label_files(files, Path(folder) / "labels.csv", labeller, NamingRules.load())
        ours = time.perf_counter() - begin
    result = {
        "files": len(files),
        "model": labeller.name,
        "members": len(labeller.members),
        "files_per_second": {"plain_loop": len(files) / theirs, "drumspace": len(files) / ours},
        "ratio": theirs / ours,
    }
    print(json.dumps(result, indent=2))
    if arguments.out:
        write_json(arguments.out, result)


if __name__ == "__main__":
    main()
