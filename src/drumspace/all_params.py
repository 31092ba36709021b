"""The whole of params.yaml, section by section: for the check before any work is done."""

from pathlib import Path

from pydantic import BaseModel

from drumspace.audio.params import AudioParams, FeatureParams
from drumspace.classify import registry
from drumspace.classify.compare_params import CompareParams
from drumspace.classify.label_issues_params import LabelIssuesParams
from drumspace.classify.params import ClassifyParams
from drumspace.classify.weights.params import WeightsParams
from drumspace.dataset.ingest_params import IngestParams
from drumspace.dataset.sources.params import SourcesParams
from drumspace.dataset.split_params import SplitParams
from drumspace.params import ParamsError, line_of, parse, read_yaml
from drumspace.report.params import ReportParams

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
    "report": ReportParams,
}


def check(path: Path) -> None:
    """Check every section of the params file at `path`. Raises ParamsError: what to change, in which line."""
    tree = read_yaml(path)
    for key in tree:
        if key not in SECTIONS:
            raise ParamsError(
                f"{path}, line {line_of(tree, (key,))}: unknown section `{key}`: remove it or correct its "
                f"spelling; the sections are {', '.join(SECTIONS)}."
            )
    for section, model in SECTIONS.items():
        parse(path, tree, section, model)
    for number, name in enumerate(tree["classify"]["run"]):
        if name not in registry.names() or name not in tree["classify"]["models"]:
            known = ", ".join(sorted(set(registry.names()) & set(tree["classify"]["models"])))
            raise ParamsError(
                f"{path}, line {line_of(tree, ('classify', 'run', number))}: there is no model `{name}`; "
                f"classify.run can name {known}."
            )
    doubter = tree["label_issues"]["model"]
    if doubter not in tree["classify"]["run"]:
        raise ParamsError(
            f"{path}, line {line_of(tree, ('label_issues', 'model'))}: `{doubter}` is not in classify.run; "
            f"label_issues.model can name {', '.join(tree['classify']['run'])}."
        )
    for number, name in enumerate(tree["weights"]["random"]):
        if name not in registry.names():
            raise ParamsError(
                f"{path}, line {line_of(tree, ('weights', 'random', number))}: there is no model `{name}`; "
                f"the models are {', '.join(registry.names())}."
            )
    for name in tree["classify"]["models"]:
        if name not in registry.names():
            raise ParamsError(
                f"{path}, line {line_of(tree, ('classify', 'models', name))}: there is no model `{name}`; "
                f"the models are {', '.join(registry.names())}."
            )
        parse(path, tree, f"classify.models.{name}", registry.settings_type(name))
