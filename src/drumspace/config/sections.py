"""Sections of params.yaml whose plug-ins have settings of their own, each checked by the model of that plug-in.

The packages' own models leave these settings open: a stage imports the plug-in that it runs and no other.
"""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ValidationError, ValidationInfo, field_validator

from drumspace.classify.networks import registry as classifiers
from drumspace.classify.training.settings import ClassifyParams, NetworkSettings
from drumspace.io.settings import nested_errors, problem_at
from drumspace.propagation import registry as methods
from drumspace.propagation.settings import PropagateParams
from drumspace.synth.evaluation.settings import JudgeParams
from drumspace.synth.models.discriminator import discriminator_set as discriminators
from drumspace.synth.models.vae import registry as architectures
from drumspace.synth.sampling import prior_registry as priors
from drumspace.synth.sampling.settings import PriorParams
from drumspace.synth.training.vae.settings import VaeParams, VaeSettings
from drumspace.synth.training.vaegan.settings import VaeGanParams, VaeGanSettings


def plugin_settings(kind: str, names: list[str], settings_type: Callable[[str], type[BaseModel]]) -> AfterValidator:
    """Validator of a mapping from a plug-in's name to its settings; `kind` is what errors call a plug-in."""

    def validate(values: dict[str, Any]) -> dict[str, Any]:
        settings, errors = {}, []
        for name, value in values.items():
            if name not in names:
                errors.append(problem_at((name,), f"`{name}` is no {kind}; there are {', '.join(names)}"))
                continue
            try:
                settings[name] = settings_type(name).model_validate(value)
            except ValidationError as error:
                errors += nested_errors(error, (name,))
        if errors:
            raise ValidationError.from_exception_data("plug-ins", errors)
        return settings

    return AfterValidator(validate)


def is_network(name: str) -> bool:
    """Whether a classifier is a neural network, which a judge must be."""
    return issubclass(classifiers.settings_type(name), NetworkSettings)


class Classify(ClassifyParams):
    """The `classify` section with each classifier's own settings."""

    models: Annotated[dict[str, Any], plugin_settings("classifier", classifiers.names(), classifiers.settings_type)]


class Judge(JudgeParams):
    """The `judge` section with each network's own settings."""

    models: Annotated[
        dict[str, Any],
        plugin_settings("network", list(filter(is_network, classifiers.names())), classifiers.settings_type),
    ]


class Propagate(PropagateParams):
    """The `propagate` section with each method's own settings."""

    methods: Annotated[dict[str, Any], plugin_settings("method", methods.names(), methods.settings_type)]


class Priors(PriorParams):
    """The `priors` section with each prior's own settings."""

    models: Annotated[dict[str, Any], plugin_settings("prior", priors.names(), priors.settings_type)]


class Vae(VaeParams):
    """The `vae` section with the settings of each VAE and, if `run` names it, of its architecture."""

    models: dict[str, dict[str, Any]]

    @field_validator("models")
    @classmethod
    def _settings_of_each(cls, models: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        settings, errors = {}, []
        run = info.data.get("run", {})
        for name, values in models.items():
            architecture = run.get(name)
            try:
                settings[name] = VaeSettings.model_validate({**values, "architecture": architecture or ""})
            except ValidationError as error:
                errors += nested_errors(error, (name,))
            # An unknown architecture is an error of `run`: the checks between sections report it.
            if architecture in architectures.names() and "network" in values:
                try:
                    architectures.settings_type(architecture).model_validate(values["network"])
                except ValidationError as error:
                    errors += nested_errors(error, (name, "network"))
        if errors:
            raise ValidationError.from_exception_data("VAEs", errors)
        return settings


class VaeGanModel(VaeGanSettings):
    """A VAE-GAN's settings with each discriminator's own."""

    discriminators: Annotated[
        dict[str, Any], plugin_settings("discriminator", discriminators.names(), discriminators.settings_type)
    ]


class VaeGan(VaeGanParams):
    """The `vaegan` section with the settings of each VAE-GAN."""

    training: VaeGanModel
    """Shared settings: an anchor of params.yaml to which `models` refer."""
    models: dict[str, VaeGanModel]
