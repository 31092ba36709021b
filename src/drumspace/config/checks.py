"""Rules between sections of params.yaml: names in one section that another must define."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from drumspace.classify.networks import registry as classifiers
from drumspace.io.settings import Location
from drumspace.propagation.settings import FUSED, SINGLE
from drumspace.synth.evaluation.settings import BASELINES
from drumspace.synth.models.vae import registry as architectures

if TYPE_CHECKING:
    from drumspace.config.root import Settings

Problems = Iterator[tuple[Location, str]]
"""Location of each fault, and what is wrong there."""


def check_all(settings: "Settings") -> Problems:
    """All faults between sections."""
    for check in (check_classifiers, check_judges, check_propagation, check_vaes, check_vaegans, check_generators):
        yield from check(settings)


def unknown_names(location: Location, names: Sequence[str], allowed: Sequence[str], kind: str) -> Problems:
    """A fault for each name of the list at `location` that is not allowed there."""
    key = ".".join(map(str, location))
    for number, name in enumerate(names):
        if name not in allowed:
            message = f"there is no {kind} `{name}`; {key} can name {', '.join(allowed) or 'none yet'}"
            yield (*location, number), message


def check_classifiers(settings: "Settings") -> Problems:
    """Classifiers that are run have settings; features, details and label issues come from those that are run."""
    run = settings.classify.run
    yield from unknown_names(("classify", "run"), run, list(settings.classify.models), "model")
    yield from unknown_names(("weights", "random"), settings.weights.random, classifiers.names(), "model")
    for section, key, name in (
        ("detail", "model", settings.detail.model),
        ("label_issues", "model", settings.label_issues.model),
        ("networks", "pretrained", settings.networks.pretrained),
        ("networks", "learned", settings.networks.learned),
    ):
        if name not in run:
            yield (section, key), f"`{name}` is not in classify.run; {section}.{key} can name {', '.join(run)}"


def check_judges(settings: "Settings") -> Problems:
    """Judges have settings of their own, and are run as classifiers too."""
    allowed = sorted(set(settings.judge.models) & set(settings.classify.run))
    for number, name in enumerate(settings.judge.run):
        if name not in allowed:
            yield (
                ("judge", "run", number),
                f"`{name}` needs settings in judge.models, and weights, which models of classify.run have; judge.run "
                f"can name {', '.join(allowed) or 'none yet'}",
            )


def check_propagation(settings: "Settings") -> Problems:
    """Tables, budget and labels name methods with settings; the spaces of tables are maps that `embed` makes."""
    section = settings.propagate
    lists: dict[Location, list[str]] = {
        ("budget", "methods"): section.budget.methods,
        ("labels", "methods"): section.labels.methods,
    }
    lists |= {("tables", title, "methods"): table.methods for title, table in section.tables.items()}
    names = {(*location, number): name for location, each in lists.items() for number, name in enumerate(each)}
    for location, name in names.items():
        if name not in section.methods:
            method_names = ", ".join(section.methods)
            yield ("propagate", *location), f"`{name}` is not in propagate.methods, which has {method_names}"
    for title, table in section.tables.items():
        for feature, spaces in table.spaces.items():
            location = ("propagate", "tables", title, "spaces", feature)
            if feature not in (FUSED, SINGLE) and feature not in settings.embed.features:
                yield location, f"`{feature}` is not in embed.features"
            for number, space in enumerate(spaces):
                is_map = space.startswith(("umap", "tsne")) and not space.endswith("labels")
                if is_map and int(space.split("_")[1]) not in settings.embed.dims:
                    dims = ", ".join(map(str, settings.embed.dims))
                    yield (*location, number), f"there is no {space}: embed.dims lists {dims}"


def check_vaes(settings: "Settings") -> Problems:
    """VAEs that are run have settings and an architecture; their names differ from those of baselines."""
    models = settings.vae.models
    for name in models:
        if name in BASELINES:
            yield ("vae", "models", name), f"`{name}` is the name of a baseline: rename this VAE"
    for name, architecture in settings.vae.run.items():
        location = ("vae", "run", name)
        if name not in models:
            yield location, f"there is no VAE `{name}`; vae.run can name {', '.join(models)}"
        if architecture not in architectures.names():
            yield location, f"`{architecture}` is no architecture; there are {', '.join(architectures.names())}"


def check_vaegans(settings: "Settings") -> Problems:
    """VAE-GANs start from a trained VAE with priors; their names differ from those of other generators."""
    section, vaes = settings.vaegan, settings.vae.run
    start = section.starts_from
    location = ("vaegan", "starts_from")
    if start not in vaes:
        yield location, f"`{start}` is not trained: vaegan.starts_from can name {', '.join(vaes)}"
    elif start not in settings.priors.vaes:
        yield location, f"`{start}` has no priors, which VAE-GANs need: add it to priors.vaes"
    for name in section.models:
        if name in (*BASELINES, *settings.vae.models):
            yield ("vaegan", "models", name), f"`{name}` is the name of another generator: rename this VAE-GAN"
    yield from unknown_names(("vaegan", "run"), section.run, list(section.models), "VAE-GAN")


def check_generators(settings: "Settings") -> Problems:
    """Priors are fitted for VAEs that are trained; generators that are evaluated are baselines or have priors."""
    trained = [*settings.vae.run, *settings.vaegan.run]
    yield from unknown_names(("priors", "vaes"), settings.priors.vaes, trained, "VAE")
    generators = [*BASELINES, *settings.priors.vaes]
    yield from unknown_names(("synthesis", "generators"), settings.synthesis.generators, generators, "generator")
