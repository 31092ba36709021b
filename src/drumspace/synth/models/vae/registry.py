"""Architectures by name: each file in architectures/ is an encoder and a decoder."""

from drumspace.io.registry import Registry
from drumspace.io.settings import Params
from drumspace.synth.models.vae.interface import EncoderDecoder

_REGISTRY = Registry("drumspace.synth.models.architectures", "architecture", "vae.run")

module, names, settings_type = _REGISTRY.module, _REGISTRY.names, _REGISTRY.settings_type


def build(name: str, settings: Params, sample_rate: int, num_samples: int) -> EncoderDecoder:
    """Build an untrained encoder and decoder for waves of `num_samples` at `sample_rate` (Hz)."""
    return _REGISTRY.load(name).build(settings, sample_rate, num_samples)
