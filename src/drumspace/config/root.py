"""The whole of params.yaml, section by section: for the check before any work is done."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from pydantic import BaseModel
from ruamel.yaml.comments import CommentedMap

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.settings import FeatureParams
from drumspace.classify.evaluation.label_issues_settings import LabelIssuesParams
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.classify.networks import registry
from drumspace.classify.training.settings import ClassifyParams, NetworkSettings
from drumspace.classify.weights.settings import WeightsParams
from drumspace.dataset.ingest.settings import IngestParams
from drumspace.dataset.sources.settings import SourcesParams
from drumspace.dataset.splits.settings import SplitParams
from drumspace.io.settings import ParamsError, line_in, load, read_lines, read_yaml
from drumspace.maps.settings import EmbedParams, NetworksParams
from drumspace.propagation import registry as methods
from drumspace.propagation.settings import FUSED, PropagateParams
from drumspace.report.settings import ReportParams
from drumspace.synth.evaluation.settings import BASELINES, JudgeParams, SynthesisParams
from drumspace.synth.models.baselines.mcnn import McnnSettings
from drumspace.synth.models.baselines.wavegan import WaveGanSettings
from drumspace.synth.models.discriminator import discriminator_set as discriminators
from drumspace.synth.models.vae import registry as architectures
from drumspace.synth.sampling import prior_registry as priors
from drumspace.synth.sampling.settings import PriorParams
from drumspace.synth.training.vae.settings import VaeParams, VaeSettings
from drumspace.synth.training.vaegan.settings import VaeGanParams, VaeGanSettings

SECTIONS: dict[str, type[BaseModel]] = {
    "audio": AudioParams,
    "sources": SourcesParams,
    "ingest": IngestParams,
    "split": SplitParams,
    "features": FeatureParams,
    "weights": WeightsParams,
    "classify": ClassifyParams,
    "compare": CompareParams,
    "label_issues": LabelIssuesParams,
    "networks": NetworksParams,
    "embed": EmbedParams,
    "propagate": PropagateParams,
    "judge": JudgeParams,
    "wavegan": WaveGanSettings,
    "mcnn": McnnSettings,
    "vae": VaeParams,
    "vaegan": VaeGanParams,
    "priors": PriorParams,
    "synthesis": SynthesisParams,
    "report": ReportParams,
}


def check(path: Path) -> None:
    """Check every section of the params file at `path`. Raises ParamsError: what to change, in which line."""
    read_yaml(path)
    tree = read_lines(path)
    for key in tree:
        if key not in SECTIONS:
            raise ParamsError(
                f"{path}, line {line_in(tree, (key,))}: unknown section `{key}`: remove it or correct its "
                f"spelling; the sections are {', '.join(SECTIONS)}."
            )
    for section, model in SECTIONS.items():
        load(path, section, model)
    for number, name in enumerate(tree["classify"]["run"]):
        if name not in registry.names() or name not in tree["classify"]["models"]:
            known = ", ".join(sorted(set(registry.names()) & set(tree["classify"]["models"])))
            raise ParamsError(
                f"{path}, line {line_in(tree, ('classify', 'run', number))}: there is no model `{name}`; "
                f"classify.run can name {known}."
            )
    for section, key in (("label_issues", "model"), ("networks", "pretrained"), ("networks", "learned")):
        name = tree[section][key]
        if name not in tree["classify"]["run"]:
            raise ParamsError(
                f"{path}, line {line_in(tree, (section, key))}: `{name}` is not in classify.run; "
                f"{section}.{key} can name {', '.join(tree['classify']['run'])}."
            )
    for number, name in enumerate(tree["weights"]["random"]):
        if name not in registry.names():
            raise ParamsError(
                f"{path}, line {line_in(tree, ('weights', 'random', number))}: there is no model `{name}`; "
                f"the models are {', '.join(registry.names())}."
            )
    for name in tree["classify"]["models"]:
        if name not in registry.names():
            raise ParamsError(
                f"{path}, line {line_in(tree, ('classify', 'models', name))}: there is no model `{name}`; "
                f"the models are {', '.join(registry.names())}."
            )
        load(path, f"classify.models.{name}", registry.settings_type(name))
    check_judges(path, tree)
    check_methods(path, tree)
    check_generators(path, tree)


def check_generators(path: Path, tree: CommentedMap) -> None:
    """Check what `vae`, `vaegan`, `priors` and `synthesis` say of generators. Raises ParamsError."""

    def refuse(place: tuple[str | int, ...], why: str) -> NoReturn:
        raise ParamsError(f"{path}, line {line_in(tree, place)}: {why}.")

    def known(section: str, key: str, names: list[str], what: str) -> None:
        for number, name in enumerate(tree[section][key]):
            if name not in names:
                where = (section, key, number)
                refuse(where, f"there is no {what} `{name}`; {section}.{key} can name {', '.join(names)}")

    models = tree["vae"]["models"]
    for name in models:
        if name in BASELINES:
            refuse(("vae", "models", name), f"`{name}` is the name of a baseline: call this VAE otherwise")
    for name, architecture in tree["vae"]["run"].items():
        if name not in models:
            refuse(("vae", "run", name), f"there is no VAE `{name}`; vae.run can name {', '.join(models)}")
        if architecture not in architectures.names():
            others = ", ".join(architectures.names())
            refuse(("vae", "run", name), f"`{architecture}` is no architecture; there are {others}")
        load(path, f"vae.models.{name}", VaeSettings, architecture=architecture)
        load(path, f"vae.models.{name}.network", architectures.settings_type(architecture))
    check_vaegans(path, tree, refuse)
    known("vaegan", "run", list(tree["vaegan"]["models"]), "VAE-GAN")
    for name in tree["priors"]["models"]:
        if name not in priors.names():
            refuse(("priors", "models", name), f"`{name}` is no prior; there are {', '.join(priors.names())}")
        load(path, f"priors.models.{name}", priors.settings_type(name))
    known("priors", "vaes", [*tree["vae"]["run"], *tree["vaegan"]["run"]], "VAE")
    known("synthesis", "generators", [*BASELINES, *tree["priors"]["vaes"]], "generator")


def check_vaegans(path: Path, tree: CommentedMap, refuse: Callable[[tuple[str | int, ...], str], NoReturn]) -> None:
    """Check what `vaegan` says. Raises ParamsError."""
    section = tree["vaegan"]
    if section["starts_from"] not in tree["vae"]["run"]:
        why = f"`{section['starts_from']}` is not trained: vaegan.starts_from can name {', '.join(tree['vae']['run'])}"
        refuse(("vaegan", "starts_from"), why)
    if section["starts_from"] not in tree["priors"]["vaes"]:
        why = f"`{section['starts_from']}` has no priors, which VAE-GANs begin with: add it to priors.vaes"
        refuse(("vaegan", "starts_from"), why)
    for name in section["models"]:
        if name in (*BASELINES, *tree["vae"]["models"]):
            refuse(("vaegan", "models", name), f"`{name}` is the name of another generator: call this one otherwise")
        settings = load(path, f"vaegan.models.{name}", VaeGanSettings)
        for each in settings.discriminators:
            if each not in discriminators.names():
                others = ", ".join(discriminators.names())
                refuse(("vaegan", "models", name), f"`{each}` is no discriminator; there are {others}")
            kind = discriminators.settings_type(each)
            load(path, f"vaegan.models.{name}.discriminators.{each}", kind)


def check_judges(path: Path, tree: CommentedMap) -> None:
    """Check what `judge` says of its networks. Raises ParamsError."""
    models = tree["judge"]["models"]
    for number, name in enumerate(tree["judge"]["run"]):
        if name not in models or name not in tree["classify"]["run"]:
            known = ", ".join(sorted(set(models) & set(tree["classify"]["run"]))) or "none yet"
            raise ParamsError(
                f"{path}, line {line_in(tree, ('judge', 'run', number))}: `{name}` needs settings in judge.models and "
                f"weights, which are had for the models of classify.run; judge.run can name {known}."
            )
    for name in models:
        if name not in registry.names() or not issubclass(registry.settings_type(name), NetworkSettings):
            raise ParamsError(
                f"{path}, line {line_in(tree, ('judge', 'models', name))}: `{name}` is no network; a judge is one of "
                f"{', '.join(n for n in registry.names() if issubclass(registry.settings_type(n), NetworkSettings))}."
            )
        load(path, f"judge.models.{name}", registry.settings_type(name))


def check_methods(path: Path, tree: CommentedMap) -> None:
    """Check what `propagate` says of methods and maps. Raises ParamsError."""
    section = tree["propagate"]

    def refuse(place: tuple[str | int, ...], why: str) -> NoReturn:
        raise ParamsError(f"{path}, line {line_in(tree, ('propagate', *place))}: {why}.")

    for name in section["methods"]:
        if name not in methods.names():
            refuse(("methods", name), f"`{name}` is no method; there are {', '.join(methods.names())}")
        load(path, f"propagate.methods.{name}", methods.settings_type(name))
    asked: list[tuple[str | int, ...]] = [
        ("budget", "methods", number) for number in range(len(section["budget"]["methods"]))
    ]
    for title, table in section["tables"].items():
        asked += [("tables", title, "methods", number) for number in range(len(table["methods"]))]
        for feature, places in table["spaces"].items():
            if feature != FUSED and feature not in tree["embed"]["features"]:
                refuse(("tables", title, "spaces", feature), f"`{feature}` is not in embed.features")
            for number, space in enumerate(places):
                dims = space.split("_")[1] if space.startswith(("umap", "tsne")) else None
                if dims and not space.endswith("labels") and int(dims) not in tree["embed"]["dims"]:
                    where = ("tables", title, "spaces", feature, number)
                    refuse(where, f"there is no {space}: embed.dims lists {', '.join(map(str, tree['embed']['dims']))}")
    for place in [*asked, ("labels", "method")]:
        name = section
        for part in place:
            name = name[part]
        if name not in section["methods"]:
            refuse(place, f"`{name}` is not in propagate.methods, which has {', '.join(section['methods'])}")
