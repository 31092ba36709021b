"""From an architecture's name to its module: a file in architectures/ is an encoder and a decoder."""

from importlib import import_module
from pathlib import Path
from typing import Any

from drumspace.errors import UserError
from drumspace.params import Params
from drumspace.synth.decoded import Pair

FOLDER = Path(__file__).parent / "architectures"


def names() -> list[str]:
    """Every architecture's name, sorted."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


def _module(name: str) -> Any:
    if name not in names():
        raise UserError(f"params.yaml: `{name}` is no architecture; there are {', '.join(names())}.")
    return import_module(f"drumspace.synth.architectures.{name}")


def settings_type(name: str) -> type[Params]:
    """The architecture's Settings. Raises UserError for an unknown name."""
    return _module(name).Settings


def build(name: str, settings: Params, sample_rate: int, num_samples: int) -> Pair:
    """The architecture, untrained, for waves of `num_samples` at `sample_rate` (Hz)."""
    return _module(name).build(settings, sample_rate, num_samples)
