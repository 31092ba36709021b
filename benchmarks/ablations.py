"""What each choice of the VAE brings: one thing changed at a time, else the default settings and budget.

    python benchmarks/ablations.py [--work .] [--only NAME …] [--out reports/benchmarks/ablations.json]

WORK is a folder in which the pipeline has run: its params, clips, labels and judges are used. Each variant learns as
long as the `vae` of params.yaml (`sing` as long in seconds: its own entry), is given its priors, and is heard by the
first judge. What --out holds of the same clips, settings and code is not run again.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from corpus import git

from drumspace.artifacts import CLASSES, read_json, write_json
from drumspace.audio.params import AudioParams
from drumspace.classify.hearing import hear
from drumspace.classify.trained import load_trained
from drumspace.dataset.duplicate_params import DuplicateParams
from drumspace.dataset.labelled import LabelledClips
from drumspace.dataset.roles import Roles, hold_out_kits
from drumspace.dataset.told_classes import told_classes
from drumspace.params import load, plain, read_yaml
from drumspace.synth.batches import Sounds
from drumspace.synth.copies import Copies
from drumspace.synth.evaluate_vae import latent_figures
from drumspace.synth.evaluation import Judging, periodicity
from drumspace.synth.fitted_priors import FittedPriors
from drumspace.synth.generator import draw
from drumspace.synth.prior_params import PriorParams
from drumspace.synth.reference import Reference, balanced_rows, counts_like
from drumspace.synth.synthesis_params import SynthesisParams
from drumspace.synth.train_vae import train_vae
from drumspace.synth.trained_vae import TrainedVae
from drumspace.synth.vae_params import VaeSettings
from drumspace.training.checkpoints import fingerprint

SAMPLES = {"log_magnitude": 0, "spectral_convergence": 0, "mel": 0, "draws": 1}
THESIS = {**SAMPLES, "sing_log": 1}
VARIANTS: dict[str, dict[str, Any]] = {
    "as in params.yaml": {},
    "loss: L1 of samples": {"terms": {**SAMPLES, "l1": 10}},
    "loss: L2 of samples": {"terms": {**SAMPLES, "l2": 100}},
    "loss: log(1 + S²), the thesis's": {"terms": {**THESIS, "sing_log": 10}},
    "loss: log(1 + S²) and convergence": {"terms": {**THESIS, "sing_log": 10, "spectral_convergence": 1}},
    "loss: log S alone": {"terms": {"spectral_convergence": 0, "mel": 0}},
    "loss: log S and convergence": {"terms": {"mel": 0}},
    "loss: one rendering": {"terms": {"draws": 1}},
    "divergence: a tenth": {"divergence": {"beta": 0.1}},
    "divergence: ten times": {"divergence": {"beta": 10}},
    "divergence: no free bits": {"divergence": {"kind": "beta"}},
    "divergence: capacity of 50 nats": {"divergence": {"kind": "capacity", "beta": 10, "capacity": 50}},
    "classes: by name alone": {"condition": "labels"},
    "classes: none": {"condition": "none"},
    "latents that begin at random": {"network": {"sketch": 0}},
    "latent a frame": {"latent_kind": "frames", "latent": 4},
    "whole sounds, as many seconds": {"segment": None, "steps": 0.55},
}
"""What each changes; `beta` is a factor, and so is `steps`."""
FIGURES = ("mrstft", "log_spectral_distance", "nats", "active_units", "latent_dim", "priors")


def changed(entry: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The settings `entry` with `changes`."""
    found = {**entry, **changes}
    for part in ("network", "terms", "divergence"):
        found[part] = {**entry[part], **changes.get(part, {})}
    if "beta" in changes.get("divergence", {}):
        found["divergence"]["beta"] = entry["divergence"]["beta"] * changes["divergence"]["beta"]
    if "steps" in changes:
        found["steps"] = round(entry["steps"] * changes["steps"])
    return found


@dataclass(frozen=True)
class Bench:
    """Clips, judge and settings of a finished run."""

    work: Path
    data: LabelledClips
    generators: np.ndarray
    real: np.ndarray
    kinds: np.ndarray
    judging: Judging
    audio: AudioParams
    priors: PriorParams

    @classmethod
    def open(cls, work: Path) -> "Bench":
        """Read the outputs under `work`."""
        params = load(work / "params.yaml", "synthesis", SynthesisParams)
        audio = load(work / "params.yaml", "audio", AudioParams)
        splits = work / "data" / "splits.parquet"
        data = LabelledClips(work / "data" / "clips", splits)
        roles = Roles.read(data, pd.read_parquet(splits))
        rows = balanced_rows(roles.reference, data.labels[roles.reference], params.reference_per_class, params.seed)
        real, kinds = data.clips.float32(rows), data.labels[rows]
        name = read_yaml(work / "params.yaml")["judge"]["run"][0]
        judge = partial(hear, load_trained(work / "models" / "judge" / name))
        # What was learned from is not compared with here: a few of those clips stand for it.
        reference = Reference.of(judge, lambda: [real], lambda: [real[:8]], kinds)
        duplicates = load(work / "params.yaml", "ingest.duplicates", DuplicateParams)
        copies = Copies(data.clips.__getitem__, roles.generators, audio, duplicates)
        judging = Judging({name: reference}, copies, audio.sample_rate, params)
        priors = load(work / "params.yaml", "priors", PriorParams)
        return cls(work, data, roles.generators, real, kinds, judging, audio, priors)

    def told(self, settings: VaeSettings) -> np.ndarray:
        """The class of every clip, as a VAE is told it."""
        labels = self.work / "data" / "labels" / "labels.parquet"
        return told_classes(self.data, labels, settings.condition, settings.distrusted)

    def measure(self, name: str, settings: VaeSettings) -> dict[str, Any]:
        """Train, fit priors, and hear."""
        classes = self.told(settings)
        kits = self.data.catalog["kit"].to_numpy()[self.generators]
        held = hold_out_kits(kits, self.data.labels[self.generators] + 1, 10, settings.seed)
        pcm = self.data.clips.__getitem__
        sounds = Sounds(pcm, self.generators[~held], self.generators[held], classes)
        begin = time.perf_counter()
        module, trained = train_vae(sounds, settings, self.audio.sample_rate, self.audio.num_samples, title=name)
        config = {
            "audio": self.audio.model_dump(),
            "level_dbfs": read_yaml(self.work / "params.yaml")["ingest"]["level_dbfs"],
        }
        vae = TrainedVae(name, module, config)
        posteriors = vae.encode(self.data.clips.float32(self.generators))
        priors = FittedPriors.fitted(self.priors, posteriors, torch.from_numpy(classes[self.generators]))
        vae = replace(vae, priors=priors, prior=self.priors.use)
        seconds = trained.seconds, time.perf_counter() - begin
        return {**self.figures(vae), "steps": settings.steps, "training_seconds": seconds[0], "seconds": seconds[1]}

    def figures(self, vae: TrainedVae) -> dict[str, Any]:
        """Of a trained VAE."""
        reference = next(iter(self.judging.references.values()))
        counts = counts_like(self.kinds, self.judging.params.sounds, len(CLASSES))
        drawn = draw(vae, counts, self.judging.params.seed, self.audio.num_samples)
        heard = reference.hear(drawn.waves)[1].argmax(axis=1)
        kinds = np.where(drawn.asked >= 0, drawn.asked, heard)
        found = latent_figures(vae, self.real, self.kinds, counts, self.judging)
        return {
            **{name: found[name] for name in FIGURES},
            "hop_periodicity": periodicity(drawn.waves, kinds, vae.module.hop)["hop_periodicity"],
        }


def variants(work: Path) -> Iterator[tuple[str, VaeSettings]]:
    """Name and settings of each."""
    models = plain(read_yaml(work / "params.yaml")["vae"]["models"])
    for name, changes in VARIANTS.items():
        yield name, VaeSettings.model_validate(changed(models["vae"], changes))
    yield "architecture: sing", VaeSettings.model_validate(models["sing"])


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--only", nargs="+", help="these alone")
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/ablations.json"))
    arguments = parser.parse_args()
    bench = Bench.open(arguments.work)
    found: dict[str, Any] = read_json(arguments.out) if arguments.out.exists() else {}
    for name, settings in variants(arguments.work):
        if arguments.only and name not in arguments.only:
            continue
        key = fingerprint(
            settings=settings.model_dump(),
            priors=bench.priors.model_dump(),
            synthesis=bench.judging.params.model_dump(),
            clips=bench.data.digest,
            classes=bench.told(settings)[bench.generators].tolist(),
        )
        if found.get(name, {}).get("fingerprint") == key:
            continue
        found[name] = {**bench.measure(name, settings), "fingerprint": key, "commit": git("rev-parse", "HEAD")}
        write_json(arguments.out, found)
        drawn = found[name]["priors"][bench.priors.use]
        print(
            f"{name}: kernel distance {drawn['kernel_distance']:.4f}, MR-STFT {found[name]['mrstft']:.2f}", flush=True
        )


if __name__ == "__main__":
    main()
