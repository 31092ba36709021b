"""Best width of SING for a given training time; each width is trained for the same time.

    python -m benchmarks.synthesis.sing_widths WORK [--widths 256 512 1024] [--seconds 360]

WORK is a folder in which the pipeline has run up to `split` and `propagate`: its clips, labels and settings of `sing`
are used. The best width has the lowest validation loss; its steps per second tell how many steps fit into another
time.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._lib.git import head
from benchmarks._lib.trained_generators import sounds_of, steps_in
from benchmarks._lib.vae_entry import vae_entry
from drumspace.audio.format.settings import AudioParams
from drumspace.io.json_files import write_json
from drumspace.io.settings import load
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import train_vae


def with_steps(settings: VaeSettings, steps: int) -> VaeSettings:
    """Settings with fewer steps, and an EMA over the same share of them, so that the first steps never count."""
    decay = max(0.0, 1 - (1 - settings.ema_decay) * settings.steps / steps)
    return settings.model_copy(update={"steps": steps, "validate_every": steps, "ema_decay": decay})


def keep_last(logs: dict[str, float], step: int, values: dict[str, float]) -> None:
    """Keep the last logged values."""
    logs.update(values)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--widths", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--seconds", type=float, default=360)
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/corpus/sing_widths.json"))
    arguments = parser.parse_args()
    audio = load(arguments.work / "params.yaml", "audio", AudioParams)
    entry = vae_entry(arguments.work / "params.yaml", "sing")
    results: dict[str, Any] = {"seconds": arguments.seconds, "commit": head(), "widths": {}}
    for width in arguments.widths:
        settings = VaeSettings.model_validate({**entry, "network": {**entry["network"], "width": width}})
        sounds = sounds_of(arguments.work, settings)
        steps = steps_in(arguments.seconds, sounds, settings, audio)
        settings = with_steps(settings, steps)
        logs: dict[str, float] = {}
        _, trained = train_vae(
            sounds, settings, audio.sample_rate, audio.num_samples,
            report=partial(keep_last, logs), title=f"sing {width}",
        )  # fmt: skip
        results["widths"][str(width)] = {
            "steps": steps,
            "seconds": trained.seconds,
            "steps_per_second": steps / trained.seconds,
            **{name: logs[name] for name in ("validation_loss", "validation_reconstruction", "validation_kl")},
        }
        print(width, results["widths"][str(width)], flush=True)
    losses = {width: entry_["validation_loss"] for width, entry_ in results["widths"].items()}
    results["best"] = int(min(losses, key=lambda width: losses[width]))
    write_json(arguments.out, results)


if __name__ == "__main__":
    main()
