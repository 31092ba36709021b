"""What the labeller does with sounds that are no drum: noise, tones, near silence, and speech.

    python -m benchmarks.classify.non_drums [MODELS] [--model NAME …] [--count 300] [--out [FILE]]

MODELS is a folder of trained models. Noise, tones and silence are synthesised with other seeds than those that models
learn to reject; nobody learns from speech: the prompts of a telephone exchange, Debian package
asterisk-core-sounds-en-wav, one second of each. For each kind: the share on which a labeller abstains, at its own
thresholds and at the confidence of 0.5, and the mean probability of `other`.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks._lib.git import head
from drumspace.audio.decode.settings import STANDARD
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.inference.label_files import LIMITS
from drumspace.classify.inference.labeller import load_labeller
from drumspace.classify.training.non_drums import KINDS, non_drum
from drumspace.dataset.ingest.make_clip import Task
from drumspace.dataset.ingest.make_clips import make_clips
from drumspace.io.json_files import write_json

OUT = Path(__file__).parents[2] / "reports" / "benchmarks" / "non_drums.json"
SEED = 1
"""The models' own sounds have the seed 0."""
PACKAGE = "asterisk-core-sounds-en-wav"


def speech(count: int, audio: AudioParams) -> np.ndarray:
    """The first second of spoken prompts, cut and levelled as `drumspace label` does: int16 [at most count, T]."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", "-qq", PACKAGE], cwd=folder, check=True)
        (package,) = Path(folder).glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", package.name, "unpacked"], cwd=folder, check=True)
        files = sorted(path for path in Path(folder, "unpacked").rglob("*.wav") if "silence" not in path.parts)
        tasks = [Task(str(path), None) for path in files[:: max(1, len(files) // (2 * count))]]
        outcomes = make_clips(tasks, audio, LIMITS, STANDARD, jobs=None, dask_address=None)
        clips = [outcome[0].pcm for outcome in outcomes if not isinstance(outcome, str)]
    return np.stack([np.pad(pcm, (0, audio.num_samples - len(pcm))) for pcm in clips[:count]])


def main() -> None:
    """Measure, print, and write JSON with --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="?", default=Path("models"))
    parser.add_argument("--model", nargs="+", default=[None], help="default: the labeller that the comparison chose")
    parser.add_argument("--count", type=int, default=300, help="sounds of each kind")
    parser.add_argument("--out", type=Path, nargs="?", const=OUT, help=f"JSON; by default {OUT.name} in reports/")
    arguments = parser.parse_args()
    labellers = [load_labeller(arguments.models, name) for name in arguments.model]
    audio = labellers[0].audio
    sounds = {
        kind: np.stack(
            [non_drum(kind, [SEED, number], audio.sample_rate, audio.num_samples) for number in range(arguments.count)]
        )
        for kind in KINDS
    } | {"speech": speech(arguments.count, audio)}
    rows = {}
    for labeller in labellers:
        for kind, pcm in sounds.items():
            predictions = labeller.predictions(pcm)
            rows[f"{labeller.name} {kind}"] = row = {
                "n": len(pcm),
                "abstained": float(np.mean([not labeller.is_sure(each) for each in predictions])),
                "below_one_half": float(np.mean([each.confidence < 0.5 for each in predictions])),
                "other_mean": float(np.mean([each.other for each in predictions])),
            }
            print(f"{labeller.name:20} {kind:8}", "  ".join(f"{key} {value:.3f}" for key, value in row.items()))
    if arguments.out:
        write_json(arguments.out, {"commit": head(), "rows": rows})


if __name__ == "__main__":
    main()
