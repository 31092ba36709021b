"""The root settings model: all of params.yaml, composed of the sections' models, with the rules between sections."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.settings import FeatureParams
from drumspace.classify.details.settings import DetailParams
from drumspace.classify.evaluation.label_issues_settings import LabelIssuesParams
from drumspace.classify.evaluation.settings import CompareParams
from drumspace.classify.weights.settings import WeightsParams
from drumspace.config.checks import check_all
from drumspace.config.overlay import Merged
from drumspace.config.renamed import find_renamed
from drumspace.config.sections import Classify, Judge, Priors, Propagate, Vae, VaeGan
from drumspace.dataset.ingest.settings import IngestParams
from drumspace.dataset.sources.settings import SourcesParams
from drumspace.dataset.splits.settings import SplitParams
from drumspace.io.settings import Location, Params, ParamsError, Problem, describe, problems, read_yaml, refuse
from drumspace.maps.settings import EmbedParams, NetworksParams
from drumspace.report.settings import ReportParams
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.models.baselines.mcnn import McnnSettings
from drumspace.synth.models.baselines.wavegan import WaveGanSettings


class Settings(Params):
    """All of params.yaml."""

    audio: AudioParams
    sources: SourcesParams
    ingest: IngestParams
    split: SplitParams
    features: FeatureParams
    weights: WeightsParams
    classify: Classify
    compare: CompareParams
    detail: DetailParams
    label_issues: LabelIssuesParams
    networks: NetworksParams
    embed: EmbedParams
    propagate: Propagate
    judge: Judge
    wavegan: WaveGanSettings
    mcnn: McnnSettings
    vae: Vae
    vaegan: VaeGan
    priors: Priors
    synthesis: SynthesisParams
    report: ReportParams

    @model_validator(mode="after")
    def _sections_agree(self) -> Self:
        refuse(check_all(self))
        return self


def read_settings(path: Path) -> Settings:
    """Read and check a complete settings file. Raises ParamsError with file, line, key and remedy of every fault."""

    @cache
    def lines() -> Merged:
        return Merged(path)

    return parse_settings(read_yaml(path), lambda location: lines().position(location))


def parse_settings(values: dict[str, Any], position: Callable[[Location], tuple[str, int | None]]) -> Settings:
    """Check complete settings; `position` gives the file and line of a location. Raises ParamsError."""
    renamed = [
        Problem(location, "renamed", f"`{'.'.join(map(str, location))}` is now called `{name}`: rename it")
        for location, name in find_renamed(values)
    ]
    if renamed:
        raise ParamsError(describe(renamed, position))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ParamsError(describe(_with_suggestions(problems(error, values)), position)) from None


def _with_suggestions(faults: list[Problem]) -> Iterator[Problem]:
    """The problems; those of unknown keys with the sections, or the missing key that comes nearest."""
    missing = [problem.location for problem in faults if problem.kind == "missing"]
    for problem in faults:
        remedy = problem.remedy
        if problem.kind == "extra_forbidden" and len(problem.location) == 1:
            sections = ", ".join(Settings.model_fields)
            remedy = f"{remedy.replace('key', 'section', 1)}; the sections are {sections}"
        elif problem.kind == "extra_forbidden":
            siblings = [str(other[-1]) for other in missing if other[:-1] == problem.location[:-1]]
            suggestions = get_close_matches(str(problem.location[-1]), siblings, n=1, cutoff=0.5)
            remedy += f"; did you mean `{suggestions[0]}`?" if suggestions else ""
        yield replace(problem, remedy=remedy)
