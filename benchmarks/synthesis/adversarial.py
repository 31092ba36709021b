"""Variants of the VAE-GAN, one change at a time, and the thesis's training strategies.

    python -m benchmarks.synthesis.adversarial [--work .] [--only NAME …] [--out reports/benchmarks/adversarial.json]

WORK is a folder in which the pipeline has run: its settings, clips, labels, judges and VAEs are used. Each variant is
trained for the steps of params.yaml's `vaegan`, unless the variant changes them. Priors are fitted to it, and all
judges evaluate its samples; each is a run of MLflow's experiment `adversarial`. For a training that stops, the reason
and the step are recorded, and its best step is evaluated, or its last weights if there is none. Variants that --out
holds for the same settings, data and code are not run again.
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
from benchmarks.synthesis.discriminator_costs import step_seconds
from drumspace.io.json_files import read_json, write_json
from drumspace.io.settings import read_yaml
from drumspace.synth.models.vae import registry as architectures
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import load_priors
from drumspace.synth.sampling.latent_sources import build_latent_source
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vaegan.collapse_monitor import collapse_step
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.synth.training.vaegan.train_vaegan import train_vaegan
from drumspace.synth.training.vaegan.warm_start import load_start
from drumspace.tracking.run import Run, stage_run
from drumspace.training.adversarial.loop import Stopped
from drumspace.training.core.checkpoints import Checkpoints
from drumspace.training.core.not_finite import NotFinite

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
START, DEFAULT = "VAE before adversarial training", "as in params.yaml"
TRICKS: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "reconstructions instead of samples": {"latents": "posterior"},
    "no class head": {"class_head": False},
    "no feature matching": {"weights": {"adversarial": 1, "feature_matching": 0, "spectral": 1}},
    "feature matching only": {"weights": {"adversarial": 0, "feature_matching": 2, "spectral": 1}},
    "neither: VAE training goes on": {"weights": {"adversarial": 0, "feature_matching": 0, "spectral": 1}},
    "no spectral distance": {"weights": {"adversarial": 1, "feature_matching": 2, "spectral": 0}},
    "hinge": {"objective": "hinge"},
    "log loss": {"objective": "log"},
    "gradient penalty": {"gradient_penalty": 10},
    "discriminator update every second step": {"discriminator_every": 2},
    "four times the discriminators' warm-up": {"steps": 525, "warm_up": 4 / 7},
    "ten times the decoder's rate": {"generator_rate": 1e-3},
    "four times the adversarial and feature weights": {
        "weights": {"adversarial": 4, "feature_matching": 8, "spectral": 1}
    },
}
THESIS: dict[str, Any] = {
    "latents": "normal", "warm_start": False, "class_head": False, "optimizer": "rmsprop", "generator_rate": 4e-4,
    "discriminator_rate": 4e-4, "schedule": "constant", "gradient_clip": None, "warm_up": 0, "ema_decay": 0,
    "discriminators": WAVEGAN,
}  # fmt: skip
"""Optimiser, rates and discriminator of the thesis's chapter 9.2, on its own model and loss (`sing`, log(1 + S²)), from
random weights as in the thesis."""
TERMS = {
    "sing_log": 10,
    "log_magnitude": 0,
    "spectral_convergence": 0,
    "mel": 0,
    "noise_ratio": 0,
    "onset": 1,
    "num_renderings": 1,
}


def thesis_variants() -> dict[str, dict[str, Any]]:
    """The thesis's first strategy, all variants of its second, and the second without an adversarial loss."""
    results = {
        f"larsen, {objective.replace('_', ' ')}": {
            **THESIS, "strategy": "larsen", "objective": objective,
            "weights": {"adversarial": 1, "feature_matching": 1, "spectral": 0},
        }
        for objective in ("log", "least_squares")
    }  # fmt: skip
    for second in (False, True):
        for spectral in (False, True):
            for two_rates in (False, True):
                name = "alternating" + ", two discriminators" * second + ", STFT loss" * spectral
                results[name + ", two time scales" * two_rates] = {
                    **THESIS, "strategy": "alternating", "discriminator_every": 2, "objective": "least_squares",
                    "discriminators": {**WAVEGAN, **STFT} if second else WAVEGAN,
                    "weights": {"adversarial": 1, "feature_matching": 0, "spectral": float(spectral)},
                    "discriminator_rate": 4e-4 * (4 if two_rates else 1),
                }  # fmt: skip
    no_weights = {"adversarial": 0, "feature_matching": 0, "spectral": 0}
    return {
        "alternating, without adversarial loss": {**results["alternating"], "weights": no_weights},
        **results,
    }


MEASURED = ("judges", "mrstft", "log_spectral_distance", "hop_periodicity", "kept", "training_seconds")
"""Figures that are logged to MLflow after a training."""


@dataclass(frozen=True)
class Variant:
    """One training: group, name, settings, and the VAE whose architecture it uses."""

    group: str
    name: str
    settings: VaeGanSettings
    vae: str


def variants(work: Path) -> list[Variant]:
    """All variants."""
    section = read_yaml(work / "params.yaml")["vaegan"]
    entry, start = section["models"][section["run"][0]], section["starts_from"]
    changes_by_group = {
        "sets": {name: {"discriminators": members} for name, members in SETS.items()},
        "two_stage": TRICKS,
    }
    results = [
        Variant(group, name, VaeGanSettings.model_validate({**entry, **changes}), start)
        for group, changes_by_name in changes_by_group.items()
        for name, changes in changes_by_name.items()
    ]
    sing = vae_entry(work / "params.yaml", "sing")
    vae_params = {"terms": {**entry["terms"], **TERMS}, "kl": sing["kl"]}
    return results + [
        Variant("thesis", name, VaeGanSettings.model_validate({**entry, **vae_params, **changes}), "sing")
        for name, changes in thesis_variants().items()
    ]


def vae_settings(work: Path, name: str) -> VaeSettings:
    """Settings of a VAE in params.yaml."""
    return VaeSettings.model_validate(vae_entry(work / "params.yaml", name))


def measure(bench: Bench, variant: Variant, run: Run) -> dict[str, Any]:
    """Train a variant, fit its priors and evaluate it; returns its figures and the history of the training."""
    settings = variant.settings
    vae_params = vae_settings(bench.work, variant.vae)
    models = bench.work / "models"
    vae, _ = load_start(models / "vae" / variant.vae, vae_params, bench.audio, settings.warm_start, settings.seed)
    results: dict[str, Any] = {
        "stopped": None, "measured": "the best step", "discriminator_parameters": None,
        "discriminators_seconds": step_seconds(settings, bench.audio.sample_rate, bench.audio.num_samples),
    }  # fmt: skip
    source = build_latent_source(settings.latents, load_priors(models / "priors" / variant.vae))
    logs: list[tuple[int, dict[str, float]]] = []

    def report(step: int, values: dict[str, float]) -> None:
        logs.append((step, values))
        run.metrics(values, step)

    run.params(settings.model_dump())
    start_time = time.perf_counter()
    with TemporaryDirectory() as folder:
        checkpoints = Checkpoints(Path(folder), "one")
        try:
            vae, trained = train_vaegan(
                vae, vae_params, sounds_of(bench.work, vae_params), settings, bench.audio, source, checkpoints, report,
                variant.name,
            )  # fmt: skip
            results |= {"kept": trained.training.step, "discriminator_parameters": trained.discriminator_parameters}
        except (Stopped, NotFinite) as error:
            results["stopped"] = {"step": error.step, "why": str(error)}
        if results["stopped"]:
            results["measured"] = restore_best(vae, checkpoints)
    results["training_seconds"] = time.perf_counter() - start_time
    evaluations = [(step, values) for step, values in logs if "samples_coverage" in values]
    results["collapsed_at"] = collapse_step([(step, bool(values["collapsed"])) for step, values in evaluations])
    results["history"] = [{"step": step, **values} for step, values in evaluations]
    results["discriminator"] = [
        {"step": step, **{key: values[key] for key in values if key.startswith("discriminator")}}
        for step, values in logs
        if "discriminator_loss" in values
    ]
    if results["measured"] is None:
        return results
    fitted = bench.with_priors(variant.name, vae.cpu().eval(), vae_params)
    return {**results, **bench.figures(fitted), "judges": bench.by_judge(bench.samples(fitted))}


def config_of(bench: Bench, name: str) -> str:
    """Text of a trained VAE's config.json."""
    return (bench.work / "models" / "vae" / name / "config.json").read_text(encoding="utf-8")


def measure_start(bench: Bench, name: str) -> dict[str, Any]:
    """Figures of the VAE before adversarial training."""
    vae_params = vae_settings(bench.work, name)
    vae, _ = load_start(bench.work / "models" / "vae" / name, vae_params, bench.audio, True, vae_params.seed)
    fitted = bench.with_priors(name, vae.cpu().eval(), vae_params)
    return {**bench.figures(fitted), "judges": bench.by_judge(bench.samples(fitted))}


def restore_best(vae: Vae, checkpoints: Checkpoints) -> str | None:
    """Load the best step of a stopped training into `vae`, else keep its last weights; None if these are not finite."""
    saved = checkpoints.load()
    if saved and saved["best"]:
        vae.load_state_dict(saved["best"]["states"]["state"])
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
    results: dict[str, Any] = read_json(arguments.out) if arguments.out.exists() else {}
    selected = variants(arguments.work)
    for variant in selected:
        # Unknown architectures are reported before the first training.
        architectures.settings_type(vae_settings(arguments.work, variant.vae).architecture)
    results = {
        name: figures for name, figures in results.items() if name in {START, *(variant.name for variant in selected)}
    }
    key = bench.key(start=config_of(bench, selected[0].vae))
    if results.get(START, {}).get("fingerprint") != key:
        figures = measure_start(bench, selected[0].vae)
        results[START] = {"group": "start", **figures, "fingerprint": key, "commit": head()}
        write_json(arguments.out, results)
    for variant in selected:
        if arguments.only and not {variant.group, variant.name} & set(arguments.only):
            continue
        key = bench.key(settings=variant.settings.model_dump(), start=config_of(bench, variant.vae))
        if results.get(variant.name, {}).get("fingerprint") == key:
            continue
        with stage_run("adversarial", variant.name) as run:
            figures = measure(bench, variant, run)
            run.metrics({key: figures[key] for key in MEASURED if key in figures})
        results[variant.name] = {"group": variant.group, **figures, "fingerprint": key, "commit": head()}
        write_json(arguments.out, results)
        by = ", ".join(f"{judge} {entry['kernel_distance']:.4f}" for judge, entry in figures.get("judges", {}).items())
        print(f"{variant.name}: kernel distance {by}; stopped {figures['stopped']}", flush=True)


if __name__ == "__main__":
    main()
