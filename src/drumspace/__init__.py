"""drumspace: a catalogue, classifiers, a map and generators of drum one-shots.

The public API, loaded on first use: `load_labeller` and `load_generator` for trained models, `Catalogue` for the clips.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drumspace.api import Catalogue, load_generator, load_labeller

__all__ = ["Catalogue", "load_generator", "load_labeller"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that `import drumspace` imports no library."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("drumspace.api"), name)
    raise AttributeError(f"module 'drumspace' has no attribute {name!r}")
