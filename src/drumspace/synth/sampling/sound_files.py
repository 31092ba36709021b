"""New sounds as files: what `drumspace generate`, `interpolate`, `reconstruct` and `vary` do."""

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from tqdm import tqdm

from drumspace.audio.decode.clip import read_clip
from drumspace.audio.decode.decode import UnusableSound
from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.sampling.interpolation import Path as Way
from drumspace.synth.sampling.interpolation import walk
from drumspace.synth.sampling.trained_vae import TrainedVae, load_vae
from drumspace.taxonomy import CLASSES

MANIFEST = "manifest.csv"
MAX_SECONDS = 30.0
"""A longer file is no one-shot."""
PREFERRED = ("vae",)
"""Of several models, which makes sounds unless another is named."""


def load_generator(models: Path, name: str | None, prior: str | None) -> TrainedVae:
    """A trained model of `models`, by name or the preferred one. Raises UserError."""
    folder = models / "vae"
    trained = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    here = [each for each in trained if (models / "priors" / each).is_dir()]
    if not here:
        raise UserError(f"{models} holds no generator: run `make repro` first, or name another folder with --models.")
    chosen = name or next((each for each in PREFERRED if each in here), here[0])
    if chosen not in here:
        raise UserError(f"There is no generator `{chosen}` in {models}; there are {', '.join(here)}.")
    return load_vae(folder / chosen, models / "priors" / chosen, prior)


class Sink:
    """A folder that sounds are written to: what would be overwritten, or can't be written, is found out first."""

    def __init__(self, out: Path, names: Sequence[str], sample_rate: int) -> None:
        """Raises UserError where `out` can't be written, or holds one of `names` or a manifest."""
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{out} can't be made: {error.strerror}. Name another folder with --out.") from None
        if not os.access(out, os.W_OK | os.X_OK):
            raise UserError(f"{out} can't be written: name another folder with --out.")
        taken = [name for name in (*names, MANIFEST) if (out / name).exists()]
        if taken:
            more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
            raise UserError(
                f"{out / taken[0]}{more} would be overwritten: name another folder with --out, or remove it."
            )
        self.out, self.names, self.sample_rate = out, names, sample_rate

    def write(self, waves: Iterable[np.ndarray], rows: Sequence[dict[str, Any]]) -> None:
        """A WAV (24 bits) for each of the names, and a manifest with a row for each beside them. Raises UserError."""
        every = (wave for batch in waves for wave in batch)
        sounds = tqdm(zip(self.names, every, strict=True), total=len(self.names), desc="sounds", unit="sound", delay=5)
        try:
            for name, wave in sounds:
                with atomic_path(self.out / name) as temporary:
                    soundfile.write(temporary, np.clip(wave, -1, 1), self.sample_rate, "PCM_24", format="WAV")
            with (
                atomic_path(self.out / MANIFEST) as temporary,
                temporary.open("w", newline="", encoding="utf-8") as file,
            ):
                table = csv.DictWriter(file, ["file", *rows[0]], lineterminator="\n")
                table.writeheader()
                table.writerows({"file": name, **row} for name, row in zip(self.names, rows, strict=True))
        except (OSError, soundfile.LibsndfileError) as error:
            raise UserError(
                f"writing to {self.out} failed ({error}): the sounds that are there are whole; those after are missing."
            ) from None


def generate(vae: TrainedVae, labels: Sequence[str], count: int, seed: int, out: Path) -> None:
    """`count` sounds of a class, of several mixed in equal shares, or of none. Raises UserError."""
    classes = [index_of(vae, label) for label in labels]
    label = "+".join(labels)
    sink = Sink(out, [f"{label or 'sound'}-{seed}-{number + 1:03d}.wav" for number in range(count)], rate_of(vae))
    about = {"model": vae.name, "prior": vae.prior, "seed": seed}
    rows = [{"label": label, **about, "number": number + 1} for number in range(count)]
    sink.write(mixed(vae, classes, count, seed), rows)


def mixed(vae: TrainedVae, classes: Sequence[int], count: int, seed: int) -> Iterator[np.ndarray]:
    """Sounds of one class, of none, or between classes: latents of each in turn, told as equal shares of all."""
    if len(classes) < 2:
        return vae.batches(CLASSES[classes[0]] if classes else None, count, seed)
    drawn = torch.stack([vae.draw(index, count, seed) for index in classes])
    turn = torch.arange(count) % len(classes)
    weights = class_weights(np.array(classes)).mean(dim=0).expand(count, -1)
    return vae.decode(drawn[turn, torch.arange(count)], weights, seed)


def interpolate(
    vae: TrainedVae, begin: Path, end: Path, steps: int, way: Way, label: str | None, seed: int, out: Path
) -> None:
    """Sounds on the way from one file to another, both ends made anew too. Raises UserError."""
    weights = told(vae, label, steps)
    waves = read_waves([begin, end], vae)
    sink = Sink(out, [f"{begin.stem}-to-{end.stem}-{number + 1:02d}.wav" for number in range(steps)], rate_of(vae))
    means = vae.encode(waves).mean
    about = {"from": str(begin), "to": str(end), "path": way, "model": vae.name, "seed": seed}
    rows = [{"step": number + 1, "share": f"{number / max(steps - 1, 1):.4f}", **about} for number in range(steps)]
    sink.write(vae.decode(walk(means[0], means[1], steps, way), weights, seed, alike=True), rows)


def reconstruct(vae: TrainedVae, files: Sequence[Path], label: str | None, seed: int, out: Path) -> None:
    """Each file through the model and back. Raises UserError."""
    weights = told(vae, label, len(files))
    waves = read_waves(files, vae)
    stems = [file.stem for file in files]
    names = [
        f"{stem}-{stems[:place].count(stem) + 1}.wav" if stems.count(stem) > 1 else f"{stem}.wav"
        for place, stem in enumerate(stems)
    ]
    sink = Sink(out, names, rate_of(vae))
    posteriors = vae.encode(waves)
    nats = posteriors.kl().sum(dim=1).tolist()
    rows = [
        {"of": str(file), "model": vae.name, "nats": f"{value:.1f}", "seed": seed}
        for file, value in zip(files, nats, strict=True)
    ]
    sink.write(vae.decode(posteriors.mean, weights, seed, alike=True), rows)


def vary(vae: TrainedVae, file: Path, count: int, amount: float, label: str | None, seed: int, out: Path) -> None:
    """Sounds near a file's: `amount` of the way, in standard deviations of all latents. Raises UserError."""
    weights = told(vae, label, count)
    waves = read_waves([file], vae)
    sink = Sink(out, [f"{file.stem}-{seed}-{number + 1:03d}.wav" for number in range(count)], rate_of(vae))
    latents = vae.near(vae.encode(waves).mean[0], count, amount, seed)
    about = {"of": str(file), "amount": amount, "model": vae.name, "seed": seed}
    rows = [{**about, "number": number + 1} for number in range(count)]
    sink.write(vae.decode(latents, weights, seed), rows)


def told(vae: TrainedVae, label: str | None, count: int) -> torch.Tensor | None:
    """The class that sounds are decoded as; none unless it is named. Raises UserError."""
    return None if label is None else class_weights(np.full(count, index_of(vae, label)))


def index_of(vae: TrainedVae, label: str) -> int:
    """Of a class that the model can be asked for. Raises UserError."""
    if label not in CLASSES:
        raise UserError(f"{vae.name} knows no `{label}`; it knows {', '.join(CLASSES)}.")
    if not vae.conditional:
        raise UserError(f"{vae.name} was trained without classes: leave --label out, or name another --model.")
    return CLASSES.index(label)


def rate_of(vae: TrainedVae) -> int:
    """Hz."""
    return vae.audio.sample_rate


def read_waves(files: Sequence[Path], vae: TrainedVae) -> np.ndarray:
    """Files of any rate and length as the model's sounds are: float32 [n, num_samples].

    Raises UserError, naming the file, before any sound is made.
    """
    found = np.zeros((len(files), vae.audio.num_samples), dtype=np.float32)
    for row, file in enumerate(files):
        if not file.is_file():
            raise UserError(f"{file} is no file: name a sound file.")
        try:
            clip, _ = read_clip(file, vae.audio, vae.config["level_dbfs"], MAX_SECONDS)
        except UnusableSound as error:
            raise UserError(f"{file} can't be used: {error}.") from None
        found[row, : len(clip.pcm)] = to_wave(clip.pcm).numpy()
    return found
