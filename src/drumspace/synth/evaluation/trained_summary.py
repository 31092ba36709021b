"""Summary of a trained model for the report: its size, its training, and for a VAE-GAN its discriminators."""

from pathlib import Path
from typing import Any

from drumspace.io.json_files import read_json

VAEGAN_KEYS = ("starts_from", "discriminator_parameters", "collapsed_at", "history")


def summarize_training(folder: Path) -> dict[str, Any]:
    """Read the size and the training of the model in `folder` from its config.json."""
    config = read_json(folder / "config.json")
    settings = config["settings"]
    adversarial = config.get("adversarial")
    summary = {
        "architecture": settings.get("architecture", config["model"]),
        "width": settings.get("network", settings)["width"],
        "steps": config.get("adversarial_step", config["step"]),
        "batch_size": (adversarial or settings)["batch_size"],
        "trained_on": config["trained_on"],
        "parameters": config["parameters"],
    }
    if adversarial is None:
        return summary
    return {
        **summary,
        "strategy": adversarial["strategy"],
        "discriminators": list(adversarial["discriminators"]),
        **{name: config[name] for name in VAEGAN_KEYS},
    }
