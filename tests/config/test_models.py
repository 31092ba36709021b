"""Every model that params.yaml and the overlays set can be built."""

from pathlib import Path

import pytest
from torch import nn

from drumspace.classify.networks import registry as classifiers
from drumspace.config.overlay import Merged, read_overlay
from drumspace.config.root import Settings, parse_settings
from drumspace.synth.models.baselines.mcnn import Mcnn
from drumspace.synth.models.baselines.wavegan import WaveGanGenerator
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.models.vae import build_vae
from drumspace.synth.sampling import prior_registry
from drumspace.taxonomy import CLASSES

ROOT = Path(__file__).parents[2]
COMBINATIONS = {"default": [], "gpu": ["gpu"], "corpus": ["corpus"], "synthesis": ["corpus", "synthesis"]}
BUILT: set[tuple[str, str]] = set()


@pytest.fixture(params=COMBINATIONS)
def settings(request: pytest.FixtureRequest) -> Settings:
    overlays = [read_overlay(ROOT / f"params/{name}.yaml") for name in COMBINATIONS[request.param]]
    merged = Merged(ROOT / "params.yaml", overlays)
    return parse_settings(merged.values(), merged.position)


def size(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_every_classifier_has_settings_and_can_be_built(settings: Settings) -> None:
    audio = settings.audio
    assert set(settings.classify.models) == set(classifiers.names())
    assert set(settings.classify.run) <= set(settings.classify.models)
    for name, own in [*settings.classify.models.items(), *settings.judge.models.items()]:
        # One network for all settings that differ in the training alone: some have 80 million weights.
        sizes = str(own.model_copy(update={"splits": 1, "training": None, "trainable": "all"}))
        if (name, sizes) not in BUILT:
            model = classifiers.build(name, own, audio.sample_rate, audio.num_samples, len(CLASSES))
            assert size(model) > 100_000 or name == "svm"
            BUILT.add((name, sizes))


def test_every_generator_can_be_built(settings: Settings) -> None:
    audio = settings.audio
    assert set(settings.vae.run) <= set(settings.vae.models)
    for name in settings.vae.run:
        assert size(build_vae.build(settings.vae.models[name], audio.sample_rate, audio.num_samples)) > 100_000
    for vaegan in settings.vaegan.models.values():
        classes = len(CLASSES) if vaegan.class_head else 0
        samples = round((vaegan.segment or audio.seconds) * audio.sample_rate)
        discriminators = DiscriminatorSet(vaegan.discriminators, samples, audio.sample_rate, classes)
        assert size(discriminators) > 10_000
    wavegan = settings.wavegan
    assert size(WaveGanGenerator(audio.num_samples, wavegan.latent, wavegan.width, wavegan.layers)) > 10_000
    assert size(Mcnn(settings.mcnn)) > 10_000
    for name, prior in settings.priors.models.items():
        assert isinstance(prior_registry.build(name, prior, settings.priors.axes, len(CLASSES)), nn.Module)
