"""Settings of a VAE as params.yaml holds them."""

from pathlib import Path
from typing import Any

from drumspace.io.settings import read_yaml


def vae_entry(params: Path, name: str) -> dict[str, Any]:
    """Settings of the VAE `name` in the file `params`, with its architecture from `vae.run`.

    Returns the arguments of `VaeSettings`. Raises KeyError where `vae.run` or `vae.models` lacks the name.
    """
    section = read_yaml(params)["vae"]
    return {**section["models"][name], "architecture": section["run"][name]}
