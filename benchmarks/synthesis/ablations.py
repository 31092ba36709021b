"""Ablations of the VAE: one change at a time, with the default settings and training time otherwise.

    python -m benchmarks.synthesis.ablations [--work .] [--only NAME …] [--out reports/benchmarks/ablations.json]

WORK is a folder in which the pipeline has run: its settings, clips, labels and judges are used. Each variant is
trained for the steps of the `vae` of params.yaml (`sing` for the same time, its steps calibrated). Priors are fitted,
and the first judge evaluates the samples. Variants that --out holds for the same clips, settings and code are not run
again.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._lib.git import head
from benchmarks._lib.trained_generators import Bench, sounds_of, steps_in
from benchmarks._lib.vae_entry import vae_entry
from drumspace.io.json_files import read_json, write_json
from drumspace.synth.models.vae import registry as architectures
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import train_vae

SAMPLES = {"log_magnitude": 0, "spectral_convergence": 0, "mel": 0, "num_renderings": 1}
THESIS = {**SAMPLES, "sing_log": 1}
DEFAULT, SING = "as in params.yaml", "architecture: sing, same time"
VARIANTS: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "loss: L1 of the waveform": {"terms": {**SAMPLES, "l1": 10}},
    "loss: L2 of the waveform": {"terms": {**SAMPLES, "l2": 100}},
    "loss: log(1 + S²), as in the thesis": {"terms": {**THESIS, "sing_log": 10}},
    "loss: log(1 + S²) and spectral convergence": {"terms": {**THESIS, "sing_log": 10, "spectral_convergence": 1}},
    "loss: log S only": {"terms": {"spectral_convergence": 0, "mel": 0}},
    "loss: log S and spectral convergence": {"terms": {"mel": 0}},
    "loss: one rendering": {"terms": {"num_renderings": 1}},
    "KL: weight × 0.1": {"kl": {"beta": 0.1}},
    "KL: weight × 10": {"kl": {"beta": 10}},
    "KL: no free bits": {"kl": {"kind": "beta"}},
    "KL: capacity of 50 nats": {"kl": {"kind": "capacity", "beta": 10, "capacity": 50}},
    "classes: labels from names only": {"condition": "labels"},
    "classes: none": {"condition": "none"},
    "latents without PCA initialisation": {"network": {"time_steps": 0}},
    "one latent per frame": {"latent_kind": "frames", "latent": 4},
    "whole sounds, same time": {"segment": None, "steps": 0.55},
}
"""Changes of each variant; `beta` and `steps` are factors."""


def with_changes(entry: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Settings `entry` with `changes`; nested sections are merged."""
    results = {**entry, **changes}
    for section in ("network", "terms", "kl"):
        results[section] = {**entry[section], **changes.get(section, {})}
    if "beta" in changes.get("kl", {}):
        results["kl"]["beta"] = entry["kl"]["beta"] * changes["kl"]["beta"]
    if "steps" in changes:
        results["steps"] = round(entry["steps"] * changes["steps"])
    return results


def measure(bench: Bench, name: str, settings: VaeSettings) -> dict[str, Any]:
    """Train a variant, fit its priors and evaluate it."""
    start_time = time.perf_counter()
    module, trained = train_vae(
        sounds_of(bench.work, settings), settings, bench.audio.sample_rate, bench.audio.num_samples, title=name
    )
    vae = bench.with_priors(name, module, settings)
    seconds = trained.seconds, time.perf_counter() - start_time
    return {**bench.figures(vae), "steps": settings.steps, "training_seconds": seconds[0], "seconds": seconds[1]}


def variants(work: Path) -> Iterator[tuple[str, VaeSettings]]:
    """Name and settings of each variant."""
    params = work / "params.yaml"
    entry = vae_entry(params, "vae")
    for name, changes in VARIANTS.items():
        yield name, VaeSettings.model_validate(with_changes(entry, changes))
    yield SING, VaeSettings.model_validate(vae_entry(params, "sing"))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--only", nargs="+", help="these alone")
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/ablations.json"))
    arguments = parser.parse_args()
    bench = Bench.open(arguments.work)
    results: dict[str, Any] = read_json(arguments.out) if arguments.out.exists() else {}
    selected = list(variants(arguments.work))
    if SING in (arguments.only or []) and DEFAULT not in [*results, *arguments.only]:
        parser.error(f"{SING!r} needs the training time of {DEFAULT!r}: ask for both")
    for _, settings in selected:
        # All code is imported before the first fingerprint of it.
        architectures.settings_type(settings.architecture)
    for name, settings in selected:
        if arguments.only and name not in arguments.only:
            continue
        classes = bench.class_labels(settings)[bench.generators].tolist()
        key = bench.key(settings=settings.model_dump(), classes=classes)
        if results.get(name, {}).get("fingerprint") == key:
            continue
        if name == SING and DEFAULT in results:
            sounds = sounds_of(arguments.work, settings)
            steps = steps_in(results[DEFAULT]["training_seconds"], sounds, settings, bench.audio)
            settings = settings.model_copy(update={"steps": steps})
        results[name] = {**measure(bench, name, settings), "fingerprint": key, "commit": head()}
        write_json(arguments.out, results)
        samples = results[name]["priors"][bench.priors.default]
        print(
            f"{name}: kernel distance {samples['kernel_distance']:.4f}, MR-STFT {results[name]['mrstft']:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
