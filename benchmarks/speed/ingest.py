"""Speed of ingest, in files per second from disk to shards, compared with a librosa.load loop.

    python -m benchmarks.speed.ingest FOLDER [--files N] [--out reports/benchmarks/ingest.json]

Both read the same files, which are read once before so that neither waits for the disk. Ingest also hashes and
writes. The start of its decoder processes is counted; `ratio_to_unguarded` compares it with joblib's processes, which
have no limits of time and memory. `kinds` has the time per file of one process, for each kind of file: where
librosa.load only calls libsndfile (short mono files at the same rate), the second core is all there is to gain.
"""

import argparse
import json
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import joblib
import librosa
import soundfile
from joblib.externals.loky import get_reusable_executor

from drumspace.audio.decode.clip import read_clip
from drumspace.audio.decode.decode import UnusableSound
from drumspace.audio.format.settings import AudioParams
from drumspace.audio.format.suffixes import SOUNDS
from drumspace.dataset.ingest.make_clip import Limits, Task, make_clip
from drumspace.dataset.ingest.make_clips import make_clips
from drumspace.dataset.ingest.settings import IngestParams
from drumspace.io.json_files import write_json
from drumspace.io.settings import load
from drumspace.io.shards import ShardWriter, clip_id


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
    chosen = choose(arguments.folder, arguments.files, params.max_seconds)
    files = [file for file, _ in chosen]
    for file in files:
        file.read_bytes()
    librosa.load(files[0], sr=audio.sample_rate, mono=True)
    plain_seconds = seconds(lambda: load_all(files, audio.sample_rate))
    default = seconds(lambda: load_all(files, 22050))
    unguarded = seconds(lambda: all_unguarded(files, audio, params))
    guarded = seconds(lambda: to_shards(files, audio, params))
    rate = {
        "librosa": len(files) / plain_seconds,
        "librosa_at_its_default_rate": len(files) / default,
        "drumspace": len(files) / guarded,
    }
    result = {
        "files": len(files),
        "processes": max(2, joblib.cpu_count()),
        "files_per_second": rate,
        "ratio": plain_seconds / guarded,
        "ratio_to_default_rate": default / guarded,
        "ratio_to_unguarded": unguarded / guarded,
        "kinds": by_kind(chosen, audio, params),
    }
    print(json.dumps(result, indent=2))
    if arguments.out:
        write_json(arguments.out, result)


def choose(folder: Path, count: int | None, max_seconds: float) -> list[tuple[Path, str]]:
    """Files that libsndfile opens and that are short enough for ingest, each with its kind."""
    files = []
    for file in sorted(file for file in folder.rglob("*") if file.suffix.lower() in SOUNDS and file.is_file()):
        try:
            info = soundfile.info(str(file))
        except soundfile.LibsndfileError:
            continue
        if info.duration <= max_seconds:
            files.append((file, f"{info.format} {info.subtype} {info.samplerate} Hz {info.channels} ch"))
    if count and count < len(files):
        files = [files[number * len(files) // count] for number in range(count)]
    return files


def by_kind(files: list[tuple[Path, str]], audio: AudioParams, params: IngestParams) -> dict[str, dict[str, float]]:
    """Milliseconds per file in this process, for the most frequent kinds of files."""
    results = {}
    for kind, count in Counter(kind for _, kind in files).most_common(10):
        files_of_kind = [file for file, its_kind in files if its_kind == kind][:100]
        plain_seconds = seconds(lambda files_of_kind=files_of_kind: load_all(files_of_kind, audio.sample_rate))  # type: ignore[misc]
        our_ms = seconds(lambda files_of_kind=files_of_kind: read_all(files_of_kind, audio, params))  # type: ignore[misc]
        results[kind] = {
            "files": count,
            "librosa_ms": 1000 * plain_seconds / len(files_of_kind),
            "drumspace_ms": 1000 * our_ms / len(files_of_kind),
        }
    return results


def read_all(files: list[Path], audio: AudioParams, params: IngestParams) -> None:
    """Decode every file as a worker of ingest does."""
    for file in files:
        with suppress(UnusableSound):
            read_clip(file, audio, params.level_dbfs, params.max_seconds)


def load_all(files: list[Path], sample_rate: int) -> None:
    """Decode every file with librosa.load."""
    for file in files:
        librosa.load(file, sr=sample_rate, mono=True)


def to_shards(files: list[Path], audio: AudioParams, params: IngestParams) -> int:
    """Decode, cut, normalise, hash and write, as ingest does. Returns the number of clips."""
    limits = Limits(params.min_seconds, params.max_seconds, params.level_dbfs)
    tasks = [Task(str(file.absolute()), None) for file in files]
    with tempfile.TemporaryDirectory() as folder:
        with ShardWriter(Path(folder), audio.num_samples, params.clips_per_shard) as writer:
            for outcome in make_clips(tasks, audio, limits, params.decode, None, params.dask_address):
                if not isinstance(outcome, str):
                    clip_id(outcome[0].pcm)
                    writer.append(outcome[0].pcm)
        return writer.count


def all_unguarded(files: list[Path], audio: AudioParams, params: IngestParams) -> None:
    """Make the same clips in joblib's own processes, which a file can stop, and count their start."""
    limits = Limits(params.min_seconds, params.max_seconds, params.level_dbfs)
    tasks = [Task(str(file.absolute()), None) for file in files]
    batches = [tasks[first : first + 32] for first in range(0, len(tasks), 32)]
    get_reusable_executor().shutdown()
    for _ in joblib.Parallel(n_jobs=max(2, joblib.cpu_count()), return_as="generator", batch_size=1)(
        joblib.delayed(unguarded_batch)(batch, audio, limits) for batch in batches
    ):
        pass


def unguarded_batch(batch: list[Task], audio: AudioParams, limits: Limits) -> list[Any]:
    """Outcomes of some tasks in this process."""
    return [make_clip(task, audio, limits) for task in batch]


def seconds(work: Callable[[], Any]) -> float:
    """Wall-clock time of `work`."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
