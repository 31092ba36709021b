"""How fast ingest is: files a second from disk to shards, beside a plain librosa.load loop on the same files.

    python benchmarks/ingest.py FOLDER [--files N] [--out reports/benchmarks/ingest.json]

Both read the same files, once read before so that neither waits for the disk. Ours is timed with its worker
processes started (`warm`) and with their start in the time (`cold`); the ratio that counts is the cold one.
"""

import argparse
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import librosa
import soundfile
from joblib.externals.loky import get_reusable_executor

from drumspace.artifacts import clip_id, write_json
from drumspace.audio.params import AudioParams
from drumspace.dataset.clips import Limits, Task, make_clips
from drumspace.dataset.ingest_params import IngestParams
from drumspace.dataset.scan import SOUNDS
from drumspace.dataset.shards import ShardWriter
from drumspace.params import load


def main() -> None:
    """Parse the command line, measure, print, and write JSON where asked."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, help="at most so many, spread evenly over all")
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    parser.add_argument("--out", type=Path, help="JSON to write")
    arguments = parser.parse_args()
    audio = load(arguments.params, "audio", AudioParams)
    params = load(arguments.params, "ingest", IngestParams)
    files, kinds = choose(arguments.folder, arguments.files, params.max_seconds)
    for file in files:
        file.read_bytes()
    librosa.load(files[0], sr=audio.sample_rate, mono=True)
    theirs = seconds(lambda: load_all(files, audio.sample_rate))
    default = seconds(lambda: load_all(files, 22050))
    get_reusable_executor().shutdown()
    cold = seconds(lambda: to_shards(files, audio, params))
    warm = seconds(lambda: to_shards(files, audio, params))
    rate = {
        "librosa": len(files) / theirs,
        "librosa_at_its_default_rate": len(files) / default,
        "drumspace": len(files) / cold,
        "drumspace_workers_started": len(files) / warm,
    }
    result = {
        "files": len(files),
        "processes": max(2, joblib.cpu_count()),
        "files_per_second": rate,
        "ratio": theirs / cold,
        "ratio_workers_started": theirs / warm,
        "ratio_to_default_rate": default / cold,
        "formats": kinds,
    }
    for name, value in result.items():
        print(f"{name}: {value}")
    if arguments.out:
        write_json(arguments.out, result)


def choose(folder: Path, count: int | None, max_seconds: float) -> tuple[list[Path], dict[str, int]]:
    """Files that libsndfile opens, none too long for ingest, and how many there are of each kind."""
    files, kinds = [], Counter[str]()
    for file in sorted(file for file in folder.rglob("*") if file.suffix.lower() in SOUNDS and file.is_file()):
        try:
            info = soundfile.info(str(file))
        except soundfile.LibsndfileError:
            continue
        if info.duration <= max_seconds:
            files.append((file, f"{info.format} {info.subtype} {info.samplerate} Hz {info.channels} ch"))
    if count and count < len(files):
        files = [files[number * len(files) // count] for number in range(count)]
    kinds.update(kind for _, kind in files)
    return [file for file, _ in files], dict(kinds.most_common())


def load_all(files: list[Path], sample_rate: int) -> None:
    """The loop that anyone would write first."""
    for file in files:
        librosa.load(file, sr=sample_rate, mono=True)


def to_shards(files: list[Path], audio: AudioParams, params: IngestParams) -> int:
    """Ingest's way: decode, cut, level, hash, write. Returns the number of clips."""
    limits = Limits(params.min_seconds, params.max_seconds, params.level_dbfs)
    tasks = [Task(str(file.absolute()), None) for file in files]
    with tempfile.TemporaryDirectory() as folder:
        with ShardWriter(Path(folder), audio.num_samples, params.clips_per_shard) as writer:
            for outcome in make_clips(tasks, audio, limits, None, params.dask_address):
                if not isinstance(outcome, str):
                    clip_id(outcome[0].pcm)
                    writer.append(outcome[0].pcm)
        return writer.count


def seconds(work: Callable[[], Any]) -> float:
    """Wall-clock time of `work`."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
