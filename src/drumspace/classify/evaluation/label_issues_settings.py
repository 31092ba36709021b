"""The `label_issues` section of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


class LabelIssuesParams(Params):
    """How training labels are doubted."""

    model: str
    """One of classify.run; trained once a fold, so a fast one."""
    folds: int = Field(ge=2, le=50)
    """By kit: no kit is asked about by a model that heard it."""
    seed: int = Field(ge=0)
    report_rows: int = Field(ge=0)
    """How many of the most doubtful the report shows; the table has all."""
