"""Sound files from trained models: the work of `drumspace generate`, `interpolate`, `reconstruct` and `vary`."""

import csv
import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from tqdm import tqdm

from drumspace.audio.decode.outcome import read_clips
from drumspace.audio.format.suffixes import SOUND_FONTS, is_archive, suffix_of
from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.sampling.interpolation import Path as LatentPath
from drumspace.synth.sampling.interpolation import interpolate_latents
from drumspace.synth.sampling.trained_vae import TrainedVae, load_vae
from drumspace.taxonomy import CLASSES

MANIFEST = "manifest.csv"
MAX_SECONDS = 30.0
"""Longest input file."""
PREFERRED = ("vae",)
"""Models that are used where no model is named, in this order."""


def load_generator(models: Path, name: str | None, prior: str | None) -> TrainedVae:
    """Load a trained VAE from `models`, by name or the preferred one. Raises UserError."""
    folder = models / "vae"
    trained = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    available = [each for each in trained if (models / "priors" / each).is_dir()]
    if not available:
        raise UserError(f"{models} holds no generator: run `make repro` first, or name another folder with --models.")
    chosen = name or next((each for each in PREFERRED if each in available), available[0])
    if chosen not in available:
        raise UserError(f"There is no generator `{chosen}` in {models}; there are {', '.join(available)}.")
    return load_vae(folder / chosen, models / "priors" / chosen, prior)


class SoundWriter:
    """Writer of sound files and a manifest into one folder. The constructor raises all errors that can be foreseen."""

    def __init__(self, out: Path, names: Sequence[str], sample_rate: int) -> None:
        """Create the folder `out`. Raises UserError where it can't be written or holds one of `names` or a manifest."""
        self.is_new_folder = not out.exists()
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{out} can't be made: {error.strerror}. Name another folder with --out.") from None
        if not os.access(out, os.W_OK | os.X_OK):
            raise UserError(f"{out} can't be written: name another folder with --out.")
        existing = [name for name in (*names, MANIFEST) if (out / name).exists()]
        if existing:
            more = f" and {len(existing) - 1} more" if len(existing) > 1 else ""
            raise UserError(
                f"{out / existing[0]}{more} would be overwritten: name another folder with --out, or remove it."
            )
        self.out, self.names, self.sample_rate = out, names, sample_rate

    def write(self, waves: Iterable[np.ndarray], rows: Sequence[dict[str, Any]]) -> None:
        """Write a 24-bit WAV file for each name, and a manifest with a row for each. Raises UserError."""
        single = (wave for batch in waves for wave in batch)
        sounds = tqdm(zip(self.names, single, strict=True), total=len(self.names), desc="sounds", unit="sound", delay=5)
        try:
            for name, wave in sounds:
                with atomic_path(self.out / name) as temporary, temporary.open("w+b") as file:
                    # Through a file object: soundfile takes no name that is no UTF-8.
                    soundfile.write(file, np.clip(wave, -1, 1), self.sample_rate, "PCM_24", format="WAV")
            with (
                atomic_path(self.out / MANIFEST) as temporary,
                temporary.open("w", newline="", encoding="utf-8", errors="surrogateescape") as manifest,
            ):
                table = csv.DictWriter(manifest, ["file", *rows[0]], lineterminator="\n")
                table.writeheader()
                table.writerows({"file": name, **row} for name, row in zip(self.names, rows, strict=True))
        except (OSError, soundfile.LibsndfileError) as error:
            if self.is_new_folder:
                with suppress(OSError):  # it holds files, which are complete
                    self.out.rmdir()
            raise UserError(
                f"writing to {self.out} failed ({error}): the files that exist are complete, the rest is missing."
            ) from None


def generate(vae: TrainedVae, labels: Sequence[str], count: int, seed: int, out: Path) -> None:
    """Write `count` new sounds of one class, of several mixed in equal shares, or of no class. Raises UserError."""
    classes = [class_index(vae, label) for label in labels]
    label = "+".join(labels)
    names = [f"{label or 'sound'}-{seed}-{number + 1:03d}.wav" for number in range(count)]
    writer = SoundWriter(out, names, vae.audio.sample_rate)
    common = {"model": vae.name, "prior": vae.prior, "seed": seed}
    rows = [{"label": label, **common, "number": number + 1} for number in range(count)]
    writer.write(mix_classes(vae, classes, count, seed), rows)


def mix_classes(vae: TrainedVae, classes: Sequence[int], count: int, seed: int) -> Iterator[np.ndarray]:
    """Generate sounds of one class, of no class, or between classes.

    Between classes the latents come from each class in turn, and the decoder gets equal weights of all classes.
    """
    if len(classes) < 2:
        return vae.batches(CLASSES[classes[0]] if classes else None, count, seed)
    latents = torch.stack([vae.draw_latents(index, count, seed) for index in classes])
    row = torch.arange(count) % len(classes)
    weights = class_weights(np.array(classes)).mean(dim=0).expand(count, -1)
    return vae.decode(latents[row, torch.arange(count)], weights, seed)


def interpolate(
    vae: TrainedVae, start: Path, end: Path, steps: int, path: LatentPath, label: str | None, seed: int, out: Path
) -> None:
    """Write `steps` sounds from one file to another; the first and last are reconstructions. Raises UserError."""
    weights = decoder_weights(vae, label, steps)
    waves = read_waves([start, end], vae)
    names = [f"{start.stem}-to-{end.stem}-{number + 1:02d}.wav" for number in range(steps)]
    writer = SoundWriter(out, names, vae.audio.sample_rate)
    means = vae.encode(waves).mean
    common = {"from": str(start), "to": str(end), "path": path, "model": vae.name, "seed": seed}
    rows = [{"step": number + 1, "position": f"{number / max(steps - 1, 1):.4f}", **common} for number in range(steps)]
    latents = interpolate_latents(means[0], means[1], steps, path)
    writer.write(vae.decode(latents, weights, seed, same_noise=True), rows)


def reconstruct(vae: TrainedVae, files: Sequence[Path], label: str | None, seed: int, out: Path) -> None:
    """Write the reconstruction of each file: encoded to its posterior mean and decoded. Raises UserError."""
    weights = decoder_weights(vae, label, len(files))
    waves = read_waves(files, vae)
    writer = SoundWriter(out, unique_names([file.stem for file in files]), vae.audio.sample_rate)
    posteriors = vae.encode(waves)
    kl = posteriors.kl().sum(dim=1).tolist()
    rows = [
        {"input": str(file), "model": vae.name, "kl_nats": f"{value:.1f}", "seed": seed}
        for file, value in zip(files, kl, strict=True)
    ]
    writer.write(vae.decode(posteriors.mean, weights, seed, same_noise=True), rows)


def vary(vae: TrainedVae, file: Path, count: int, amount: float, label: str | None, seed: int, out: Path) -> None:
    """Write `count` variations of a file: random latent offsets of `amount` standard deviations. Raises UserError."""
    weights = decoder_weights(vae, label, count)
    waves = read_waves([file], vae)
    names = [f"{file.stem}-{seed}-{number + 1:03d}.wav" for number in range(count)]
    writer = SoundWriter(out, names, vae.audio.sample_rate)
    latents = vae.perturb(vae.encode(waves).mean[0], count, amount, seed)
    common = {"input": str(file), "amount": amount, "model": vae.name, "seed": seed}
    rows = [{**common, "number": number + 1} for number in range(count)]
    writer.write(vae.decode(latents, weights, seed), rows)


def unique_names(stems: Sequence[str]) -> list[str]:
    """A WAV file name for each stem, no two equal even where case does not count: equal stems are numbered.

    A stem that occurs once keeps its name; the numbers of the others pass over names that are taken.
    """
    counts = Counter(stem.casefold() for stem in stems)
    taken = {stem for stem, count in counts.items() if count == 1}
    names = []
    for stem in stems:
        name = stem
        if counts[stem.casefold()] > 1:
            free = (f"{stem}-{number}" for number in itertools.count(1))
            name = next(name for name in free if name.casefold() not in taken)
            taken.add(name.casefold())
        names.append(f"{name}.wav")
    return names


def decoder_weights(vae: TrainedVae, label: str | None, count: int) -> torch.Tensor | None:
    """Class weights [count, classes + 1] that condition the decoder on `label`; None without one. Raises UserError."""
    return None if label is None else class_weights(np.full(count, class_index(vae, label)))


def class_index(vae: TrainedVae, label: str) -> int:
    """Index of a class that the model can generate. Raises UserError for unknown labels and unconditional models."""
    if label not in CLASSES:
        raise UserError(f"{vae.name} has no class `{label}`: name one of {', '.join(CLASSES)}.")
    if not vae.conditional:
        raise UserError(f"{vae.name} was trained without classes: leave --label out, or name another --model.")
    return CLASSES.index(label)


def read_waves(files: Sequence[Path], vae: TrainedVae) -> np.ndarray:
    """Read files of any rate and length in the model's clip format: float32 [n, num_samples].

    Raises UserError, which names the file.
    """
    waves = np.zeros((len(files), vae.audio.num_samples), dtype=np.float32)
    for file in files:
        if not file.is_file():
            raise UserError(f"{file} is no file: name a sound file.")
        if suffix_of(file.name) in SOUND_FONTS or is_archive(file.name):
            raise UserError(f"{file} holds many sounds: name a sound file, such as one of those unpacked from it.")
    outcomes = read_clips(files, vae.audio, vae.config["level_dbfs"], MAX_SECONDS)
    for row, (file, outcome) in enumerate(zip(files, outcomes, strict=True)):
        if isinstance(outcome, str):
            raise UserError(f"{file} can't be used: {outcome}.")
        waves[row, : len(outcome[0].pcm)] = to_wave(outcome[0].pcm).numpy()
    return waves
