"""Recall and precision of near-duplicate detection, and its time.

    python -m benchmarks.data.duplicates CORPUS [--scale 44000]

CORPUS is a folder with labels.csv (path, label, kit). Prints the groups of the corpus and how often labels disagree
within a group (a hint at the precision), the units that would result if kits that share a sound were merged, and the
share of clips that are grouped with a modified copy of themselves (recall). Clips are read and compared with the
settings of params.yaml. With --scale, the corpus is filled up to that many clips with transposed copies, to measure
the time.
"""

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import soundfile
import soxr
from tqdm import tqdm

from drumspace.audio.decode.clip import cut_clip, read_clip
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.duplicates.near_duplicates import components, group_near_duplicates
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.io.settings import load

LEVEL_DBFS = -1.0
MAX_GROUPS = 12


def padded(pcm: np.ndarray, num_samples: int) -> np.ndarray:
    """Clip padded with zeros to num_samples."""
    return np.pad(pcm, (0, num_samples - len(pcm)))


def codec(wave: np.ndarray, rate: int, **settings: object) -> np.ndarray:
    """Encode and decode `wave`, with silence around it, by libsndfile."""
    silence = np.zeros(rate // 20, dtype=np.float32)
    buffer = io.BytesIO()
    soundfile.write(buffer, np.concatenate([silence, wave, silence]), rate, **settings)
    buffer.seek(0)
    return soundfile.read(buffer, dtype="float32")[0]


def resampled_twice(wave: np.ndarray, rate: int, other: int) -> np.ndarray:
    """Resample `wave` to another rate and back."""
    return soxr.resample(soxr.resample(wave, rate, other), other, rate)


def dithered(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Quantise to 8 bits with triangular dither."""
    noise = rng.random(len(wave), dtype=np.float32) - rng.random(len(wave), dtype=np.float32)
    return (np.round(wave * 126 + noise) / 127).astype(np.float32)


def trimmed(wave: np.ndarray, share: float) -> np.ndarray:
    """Cut the last `share` of `wave`, with a fade-out of 10 ms."""
    short = wave[: max(64, round(len(wave) * (1 - share)))].copy()
    fade = min(441, len(short) // 4)
    short[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return short


def variants(rate: int, rng: np.random.Generator) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Modifications that recordings undergo between collections: name → function of a waveform."""
    late = np.zeros(rate * 2 // 1000, dtype=np.float32)
    return {
        "20 dB softer, 16 bit": lambda wave: np.round(wave * 3276) / np.float32(32767),
        "2 ms later": lambda wave: np.concatenate([late, wave]),
        "2 ms of the attack lost": lambda wave: wave[len(late) :] if len(wave) > 20 * len(late) else wave,
        "8 bit with dither": lambda wave: dithered(wave, rng),
        "resampled to 22.05 kHz and back": lambda wave: resampled_twice(wave, rate, 22050),
        "resampled to 48 kHz and back": lambda wave: resampled_twice(wave, rate, 48000),
        "10 % of the tail cut": lambda wave: trimmed(wave, 0.1),
        "30 % of the tail cut": lambda wave: trimmed(wave, 0.3),
        "MP3": lambda wave: codec(wave, rate, format="MP3"),
        "MP3, strong compression": lambda wave: codec(wave, rate, format="MP3", compression_level=0.8),
        "OGG": lambda wave: codec(wave, rate, format="OGG", subtype="VORBIS"),
        "OGG, strong compression": lambda wave: codec(
            wave, rate, format="OGG", subtype="VORBIS", compression_level=0.9
        ),
    }


def recall(clips: np.ndarray, audio: AudioParams, params: DuplicateParams, count: int) -> None:
    """Print how many of `count` clips are grouped with each variant of themselves."""
    rng = np.random.default_rng(0)
    rows = np.sort(rng.choice(len(clips), min(count, len(clips)), replace=False))
    changes = variants(audio.sample_rate, rng)
    changed = {name: np.zeros((len(rows), audio.num_samples), dtype=np.int16) for name in changes}
    silence = np.zeros(audio.sample_rate // 20, dtype=np.float32)
    for index, row in enumerate(tqdm(rows, "variants")):
        sound = np.trim_zeros(clips[row], "b").astype(np.float32) / 32768
        for name, change in changes.items():
            wave = np.concatenate([silence, change(sound), silence]).astype(np.float32)
            raw = name == "2 ms later"  # as it is, not brought back to its onset
            pcm = (
                np.round(change(sound)[: audio.num_samples] * 32767).astype(np.int16)
                if raw
                else cut_clip(wave, audio.sample_rate, audio, LEVEL_DBFS).pcm
            )
            changed[name][index] = padded(pcm, audio.num_samples)
    print(f"\nRecall, {len(rows)} clips:")
    for name, changed_clips in changed.items():
        both = np.concatenate([clips[rows], changed_clips])
        group = group_near_duplicates(both.__getitem__, len(both), audio.sample_rate, params, progress=False)
        print(f"  {name:34} {np.mean(group[: len(rows)] == group[len(rows) :]):7.1%}")


def timed(clips: np.ndarray, audio: AudioParams, params: DuplicateParams) -> np.ndarray:
    """Group of each clip; prints the time."""
    wall, processor = time.perf_counter(), time.process_time()
    group = group_near_duplicates(clips.__getitem__, len(clips), audio.sample_rate, params)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"\n{len(clips)} clips compared in {wall:.1f} s ({processor:.1f} s of processor time)")
    return group


def corpus_groups(group: np.ndarray, table: pd.DataFrame) -> None:
    """Print the groups of the corpus."""
    table = table.assign(group=group)
    groups = [members for _, members in table.groupby("group") if len(members) > 1]
    groups.sort(key=len, reverse=True)
    labelled = [members.dropna(subset="label") for members in groups]
    several_labels = [members for members in labelled if len(members) > 1]
    mixed = [members for members in several_labels if len(set(members["label"])) > 1]
    over_kits = sum(len(set(members["kit"])) > 1 for members in groups)
    grouped = sum(map(len, groups))
    print(f"{len(groups)} groups, {over_kits} over several kits, of {grouped} clips of {len(table)}")
    print(f"{len(mixed)} of {len(several_labels)} groups with several labelled clips have more than one label:")
    for members in mixed:
        one_each = members.drop_duplicates("label")
        names = zip(one_each["path"], one_each["label"], strict=True)
        print("  " + " | ".join(f"{path} [{label}]" for path, label in names))
    print("The largest groups:")
    for members in groups[:MAX_GROUPS]:
        kits = members["kit"].value_counts()
        first = ", ".join(f"{kit} {clips}" for kit, clips in kits.items())[:90]
        labels = members["label"].value_counts().to_dict()
        print(f"  {len(members):3} clips, {labels}, {len(kits)} kits: {first}")
    kit = pd.factorize(table["kit"])[0]
    kits, units = kit.max() + 1, np.stack([kit, kit.max() + 1 + group], axis=1)
    unit = components(units, kits + group.max() + 1)[kit]
    heavy = pd.Series(unit).value_counts()
    most = ", ".join(f"{clips} clips of {len(set(kit[unit == u]))}" for u, clips in heavy[:4].items())
    print(f"Were kits that share a sound welded, {kits} kits were {len(heavy)} units; the largest: {most}")


def at_scale(clips: np.ndarray, audio: AudioParams, params: DuplicateParams, count: int, folder: Path) -> None:
    """Print the time for `count` clips: the corpus and copies transposed by up to two semitones."""
    rng = np.random.default_rng(1)
    many = np.lib.format.open_memmap(folder / "many.npy", "w+", np.int16, (count, audio.num_samples))
    for row in tqdm(range(count), f"{count} clips"):
        clip = clips[row % len(clips)]
        if row >= len(clips):
            ratio = 2 ** (rng.uniform(-2, 2) / 12)
            positions = np.arange(0, audio.num_samples - 1, ratio)[: audio.num_samples]
            clip = padded(np.interp(positions, np.arange(audio.num_samples), clip).astype(np.int16), audio.num_samples)
        many[row] = clip
    group = timed(many, audio, params)
    print(f"{group.max() + 1} groups")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    parser.add_argument("--variants", type=int, default=300, help="clips for recall")
    parser.add_argument("--scale", type=int, default=0, help="clips for the time it takes")
    arguments = parser.parse_args()
    audio = load(arguments.params, "audio", AudioParams)
    params = load(arguments.params, "ingest.duplicates", DuplicateParams)
    table = pd.read_csv(arguments.corpus / "labels.csv")
    with tempfile.TemporaryDirectory() as folder:
        clips = np.lib.format.open_memmap(Path(folder) / "clips.npy", "w+", np.int16, (len(table), audio.num_samples))
        read = joblib.Parallel(n_jobs=-1, return_as="generator")(
            joblib.delayed(read_clip)(arguments.corpus / path, audio, LEVEL_DBFS, 60.0) for path in table["path"]
        )
        for row, (clip, _) in enumerate(tqdm(read, "clips", total=len(table))):
            clips[row] = padded(clip.pcm, audio.num_samples)
        corpus_groups(timed(clips, audio, params), table)
        recall(clips, audio, params, arguments.variants)
        if arguments.scale:
            at_scale(clips, audio, params, arguments.scale, Path(folder))


if __name__ == "__main__":
    main()
