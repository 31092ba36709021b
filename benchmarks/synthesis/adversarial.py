"""What discriminators bring to the VAE, and how the thesis's ways fail: one thing changed at a time.

    python -m benchmarks.synthesis.adversarial [--work .] [--only NAME …] [--out reports/benchmarks/adversarial.json]

WORK is a folder in which the pipeline has run: its params, clips, labels, judges and VAEs are used. Each variant has
the steps of params.yaml's `vaegan`, unless more are what it is about, and priors of its own, and is heard by all
judges; each is a run of MLflow's experiment `adversarial`. One that stops is told with its reason and step; its best
step is measured, or what it had where it stopped. What --out holds of the same settings, data and code is not run
again.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from benchmarks._lib.git import head
from benchmarks._lib.trained_generators import Bench, sounds_of
from benchmarks._lib.vae_entry import vae_entry
from benchmarks.synthesis.discriminator_costs import cost_of
from drumspace.io.json_files import read_json, write_json
from drumspace.io.settings import read_yaml
from drumspace.synth.models.vae import registry as architectures
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import load_priors
from drumspace.synth.sampling.latent_sources import source_of
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vaegan.collapse_monitor import collapse_step
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.synth.training.vaegan.train_vaegan import strategy_of, train_vaegan
from drumspace.synth.training.vaegan.warm_start import start_of
from drumspace.tracking.run import Run, stage_run
from drumspace.training.adversarial.loop import Stopped
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.loop import NotFinite

WAVEGAN: dict[str, Any] = {"wavegan": {"width": 16, "layers": 5, "phase_shuffle": 2}}
RESOLUTIONS = [[1024, 256], [2048, 512], [512, 128]]
MEL: dict[str, Any] = {"width": 32, "resolutions": RESOLUTIONS[:1], "view": "log_mel", "mel_bands": 80}
STFT: dict[str, Any] = {"multi_resolution_stft": MEL}
PERIOD: dict[str, Any] = {"multi_period": {"width": 2, "periods": [2, 3, 5, 7, 11]}}
SCALE: dict[str, Any] = {"multi_scale": {"width": 4, "scales": 3}}
SETS: dict[str, dict[str, Any]] = {
    "wavegan": WAVEGAN,
    "multi_scale": SCALE,
    "multi_period": PERIOD,
    "multi_resolution_stft at three resolutions": {"multi_resolution_stft": {**MEL, "resolutions": RESOLUTIONS}},
    "multi_resolution_stft, complex": {"multi_resolution_stft": {**MEL, "width": 8, "view": "complex"}},
    "multi_period and multi_scale": {**PERIOD, **SCALE},
    "multi_resolution_stft and multi_scale": {**STFT, **SCALE},
    "all four": {**WAVEGAN, **SCALE, **PERIOD, **STFT},
}
START, USUAL = "the VAE that they start from", "as in params.yaml"
TRICKS: dict[str, dict[str, Any]] = {
    USUAL: {},
    "sounds made anew shown, not drawn ones": {"latents": "posterior"},
    "no class head": {"class_head": False},
    "no feature matching": {"weights": {"adversarial": 1, "feature_matching": 0, "spectral": 1}},
    "feature matching alone": {"weights": {"adversarial": 0, "feature_matching": 2, "spectral": 1}},
    "neither: the VAE's decoder learns on": {"weights": {"adversarial": 0, "feature_matching": 0, "spectral": 1}},
    "no spectral distance": {"weights": {"adversarial": 1, "feature_matching": 2, "spectral": 0}},
    "hinge": {"objective": "hinge"},
    "log loss": {"objective": "log"},
    "gradient penalty": {"gradient_penalty": 10},
    "discriminators in every second step": {"discriminator_every": 2},
    "discriminators that learn four times as long before": {"steps": 525, "warm_up": 4 / 7},
    "ten times the decoder's rate": {"generator_rate": 1e-3},
    "adversarial loss and features four times as heavy": {
        "weights": {"adversarial": 4, "feature_matching": 8, "spectral": 1}
    },
}
THESIS: dict[str, Any] = {
    "latents": "normal", "warm_start": False, "class_head": False, "optimizer": "rmsprop", "generator_rate": 4e-4,
    "discriminator_rate": 4e-4, "schedule": "constant", "gradient_clip": None, "warm_up": 0, "ema_decay": 0,
    "discriminators": WAVEGAN,
}  # fmt: skip
"""Optimiser, rates and discriminator of the thesis's chapter 9.2, on its own model and loss: `sing` and log(1 + S²). It
begins with random weights, as the thesis's did."""
TERMS = {
    "sing_log": 10,
    "log_magnitude": 0,
    "spectral_convergence": 0,
    "mel": 0,
    "noise_ratio": 0,
    "onset": 1,
    "num_renderings": 1,
}


def thesis() -> dict[str, dict[str, Any]]:
    """Its first attempt, all variants of its second, and the second without a word of discriminators."""
    found = {
        f"larsen, {objective.replace('_', ' ')}": {
            **THESIS, "strategy": "larsen", "objective": objective,
            "weights": {"adversarial": 1, "feature_matching": 1, "spectral": 0},
        }
        for objective in ("log", "least_squares")
    }  # fmt: skip
    for aided in (False, True):
        for spectral in (False, True):
            for two_times in (False, True):
                name = "alternating" + ", two discriminators" * aided + ", STFT loss" * spectral
                found[name + ", two time scales" * two_times] = {
                    **THESIS, "strategy": "alternating", "discriminator_every": 2, "objective": "least_squares",
                    "discriminators": {**WAVEGAN, **STFT} if aided else WAVEGAN,
                    "weights": {"adversarial": 1, "feature_matching": 0, "spectral": float(spectral)},
                    "discriminator_rate": 4e-4 * (4 if two_times else 1),
                }  # fmt: skip
    unheard = {"adversarial": 0, "feature_matching": 0, "spectral": 0}
    return {"alternating, discriminators unheard: its VAE alone": {**found["alternating"], "weights": unheard}, **found}


MEASURED = ("judges", "mrstft", "log_spectral_distance", "hop_periodicity", "kept", "training_seconds")
"""What a run of MLflow is told once it is over."""


@dataclass(frozen=True)
class Variant:
    """One training: what it is called, its settings, and the VAE that it has the form of."""

    group: str
    name: str
    settings: VaeGanSettings
    of: str


def variants(work: Path) -> list[Variant]:
    """All of them."""
    section = read_yaml(work / "params.yaml")["vaegan"]
    entry, begun = section["models"][section["run"][0]], section["starts_from"]
    chosen = {"sets": {name: {"discriminators": own} for name, own in SETS.items()}, "two_stage": TRICKS}
    found = [
        Variant(group, name, VaeGanSettings.model_validate({**entry, **changes}), begun)
        for group, of in chosen.items()
        for name, changes in of.items()
    ]
    sing = vae_entry(work / "params.yaml", "sing")
    own = {"terms": {**entry["terms"], **TERMS}, "kl": sing["kl"]}
    return found + [
        Variant("thesis", name, VaeGanSettings.model_validate({**entry, **own, **changes}), "sing")
        for name, changes in thesis().items()
    ]


def vae_settings(work: Path, name: str) -> VaeSettings:
    """Of a VAE in params.yaml."""
    return VaeSettings.model_validate(vae_entry(work / "params.yaml", name))


def measure(bench: Bench, variant: Variant, run: Run) -> dict[str, Any]:
    """Train, fit priors, hear; how the training went."""
    settings = variant.settings
    own = vae_settings(bench.work, variant.of)
    models = bench.work / "models"
    vae, _ = start_of(models / "vae" / variant.of, own, bench.audio, settings.warm_start, settings.seed)
    found: dict[str, Any] = {
        "stopped": None, "measured": "the best step", "discriminator_parameters": None,
        "discriminators_seconds": cost_of(settings, bench.audio.sample_rate, bench.audio.num_samples),
    }  # fmt: skip
    source = source_of(settings.latents, load_priors(models / "priors" / variant.of))
    told: list[tuple[int, dict[str, float]]] = []

    def report(step: int, values: dict[str, float]) -> None:
        told.append((step, values))
        run.metrics(values, step)

    run.params(settings.model_dump())
    begin = time.perf_counter()
    with TemporaryDirectory() as folder:
        checkpoints = Checkpoints(Path(folder), "one")
        try:
            vae, trained = train_vaegan(
                vae, own, sounds_of(bench.work, own), settings, bench.audio, source, checkpoints, report, variant.name,
            )  # fmt: skip
            found |= {"kept": trained.played.step, "discriminator_parameters": trained.discriminator_parameters}
        except (Stopped, NotFinite) as error:
            found["stopped"] = {"step": error.step, "why": str(error)}
        if found["stopped"]:
            found["measured"] = left(vae, checkpoints)
    found["training_seconds"] = time.perf_counter() - begin
    looks = [(step, values) for step, values in told if "samples_coverage" in values]
    found["collapsed_at"] = collapse_step([(step, bool(values["collapsed"])) for step, values in looks])
    found["history"] = [{"step": step, **values} for step, values in looks]
    found["discriminator"] = [
        {"step": step, **{key: values[key] for key in values if key.startswith("discriminator")}}
        for step, values in told
        if "discriminator_loss" in values
    ]
    if found["measured"] is None:
        return found
    ready = bench.with_priors(variant.name, vae.cpu().eval(), own)
    return {**found, **bench.figures(ready), "judges": bench.by_judge(bench.drawn(ready))}


def config_of(bench: Bench, name: str) -> str:
    """What a trained VAE's config says."""
    return (bench.work / "models" / "vae" / name / "config.json").read_text(encoding="utf-8")


def started(bench: Bench, name: str) -> dict[str, Any]:
    """The VAE that they start from, measured as they are."""
    own = vae_settings(bench.work, name)
    vae, _ = start_of(bench.work / "models" / "vae" / name, own, bench.audio, True, own.seed)
    ready = bench.with_priors(name, vae.cpu().eval(), own)
    return {**bench.figures(ready), "judges": bench.by_judge(bench.drawn(ready))}


def left(vae: Vae, checkpoints: Checkpoints) -> str | None:
    """Give `vae` the weights of the best step of a training that stopped; which weights it has. None: no numbers."""
    saved = checkpoints.load()
    if saved and saved["best"]:
        vae.load_state_dict(saved["best"]["state"])
        return "the best step"
    finite = all(bool(torch.isfinite(weight).all()) for weight in vae.parameters())
    return "where it stopped" if finite else None


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--only", nargs="+", help="names or groups (two_stage, sets, thesis): these alone")
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/adversarial.json"))
    arguments = parser.parse_args()
    bench = Bench.open(arguments.work)
    found: dict[str, Any] = read_json(arguments.out) if arguments.out.exists() else {}
    asked = variants(arguments.work)
    for variant in asked:
        # All that any of them runs is loaded before the first digest of the code.
        strategy_of(variant.settings)
        architectures.settings_type(vae_settings(arguments.work, variant.of).architecture)
    found = {name: of for name, of in found.items() if name in {START, *(variant.name for variant in asked)}}
    key = bench.key(start=config_of(bench, asked[0].of))
    if found.get(START, {}).get("fingerprint") != key:
        of = started(bench, asked[0].of)
        found[START] = {"group": "start", **of, "fingerprint": key, "commit": head()}
        write_json(arguments.out, found)
    for variant in asked:
        if arguments.only and not {variant.group, variant.name} & set(arguments.only):
            continue
        key = bench.key(settings=variant.settings.model_dump(), start=config_of(bench, variant.of))
        if found.get(variant.name, {}).get("fingerprint") == key:
            continue
        with stage_run("adversarial", variant.name) as run:
            of = measure(bench, variant, run)
            run.metrics({key: of[key] for key in MEASURED if key in of})
        found[variant.name] = {"group": variant.group, **of, "fingerprint": key, "commit": head()}
        write_json(arguments.out, found)
        by = ", ".join(f"{judge} {entry['kernel_distance']:.4f}" for judge, entry in of.get("judges", {}).items())
        print(f"{variant.name}: kernel distance {by}; stopped {of['stopped']}", flush=True)


if __name__ == "__main__":
    main()
