"""What each choice of the VAE brings: one thing changed at a time, else the default settings and budget.

    python -m benchmarks.synthesis.ablations [--work .] [--only NAME …] [--out reports/benchmarks/ablations.json]

WORK is a folder in which the pipeline has run: its params, clips, labels and judges are used. Each variant learns as
long as the `vae` of params.yaml (`sing` as long in seconds, its steps calibrated), is given its priors, and is heard by
the first judge. What --out holds of the same clips, settings and code is not run again.
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
USUAL, OTHER = "as in params.yaml", "architecture: sing, as many seconds"
VARIANTS: dict[str, dict[str, Any]] = {
    USUAL: {},
    "loss: L1 of samples": {"terms": {**SAMPLES, "l1": 10}},
    "loss: L2 of samples": {"terms": {**SAMPLES, "l2": 100}},
    "loss: log(1 + S²), the thesis's": {"terms": {**THESIS, "sing_log": 10}},
    "loss: log(1 + S²) and convergence": {"terms": {**THESIS, "sing_log": 10, "spectral_convergence": 1}},
    "loss: log S alone": {"terms": {"spectral_convergence": 0, "mel": 0}},
    "loss: log S and convergence": {"terms": {"mel": 0}},
    "loss: one rendering": {"terms": {"num_renderings": 1}},
    "KL: a tenth": {"kl": {"beta": 0.1}},
    "KL: ten times": {"kl": {"beta": 10}},
    "KL: no free bits": {"kl": {"kind": "beta"}},
    "KL: capacity of 50 nats": {"kl": {"kind": "capacity", "beta": 10, "capacity": 50}},
    "classes: by name alone": {"condition": "labels"},
    "classes: none": {"condition": "none"},
    "latents that begin at random": {"network": {"time_steps": 0}},
    "latent a frame": {"latent_kind": "frames", "latent": 4},
    "whole sounds, as many seconds": {"segment": None, "steps": 0.55},
}
"""What each changes; `beta` is a factor, and so is `steps`."""


def changed(entry: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The settings `entry` with `changes`."""
    found = {**entry, **changes}
    for part in ("network", "terms", "kl"):
        found[part] = {**entry[part], **changes.get(part, {})}
    if "beta" in changes.get("kl", {}):
        found["kl"]["beta"] = entry["kl"]["beta"] * changes["kl"]["beta"]
    if "steps" in changes:
        found["steps"] = round(entry["steps"] * changes["steps"])
    return found


def measure(bench: Bench, name: str, settings: VaeSettings) -> dict[str, Any]:
    """Train, fit priors, and hear."""
    begin = time.perf_counter()
    module, trained = train_vae(
        sounds_of(bench.work, settings), settings, bench.audio.sample_rate, bench.audio.num_samples, title=name
    )
    vae = bench.with_priors(name, module, settings)
    seconds = trained.seconds, time.perf_counter() - begin
    return {**bench.figures(vae), "steps": settings.steps, "training_seconds": seconds[0], "seconds": seconds[1]}


def variants(work: Path) -> Iterator[tuple[str, VaeSettings]]:
    """Name and settings of each."""
    params = work / "params.yaml"
    entry = vae_entry(params, "vae")
    for name, changes in VARIANTS.items():
        yield name, VaeSettings.model_validate(changed(entry, changes))
    yield OTHER, VaeSettings.model_validate(vae_entry(params, "sing"))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--only", nargs="+", help="these alone")
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/ablations.json"))
    arguments = parser.parse_args()
    bench = Bench.open(arguments.work)
    found: dict[str, Any] = read_json(arguments.out) if arguments.out.exists() else {}
    asked = list(variants(arguments.work))
    if OTHER in (arguments.only or []) and USUAL not in [*found, *arguments.only]:
        parser.error(f"{OTHER!r} takes its time from {USUAL!r}: ask for both")
    for _, settings in asked:
        # All that any of them runs is loaded before the first digest of the code.
        architectures.settings_type(settings.architecture)
    for name, settings in asked:
        if arguments.only and name not in arguments.only:
            continue
        classes = bench.told(settings)[bench.generators].tolist()
        key = bench.key(settings=settings.model_dump(), classes=classes)
        if found.get(name, {}).get("fingerprint") == key:
            continue
        if name == OTHER and USUAL in found:
            sounds = sounds_of(arguments.work, settings)
            steps = steps_in(found[USUAL]["training_seconds"], sounds, settings, bench.audio)
            settings = settings.model_copy(update={"steps": steps})
        found[name] = {**measure(bench, name, settings), "fingerprint": key, "commit": head()}
        write_json(arguments.out, found)
        drawn = found[name]["priors"][bench.priors.default]
        print(
            f"{name}: kernel distance {drawn['kernel_distance']:.4f}, MR-STFT {found[name]['mrstft']:.2f}", flush=True
        )


if __name__ == "__main__":
    main()
