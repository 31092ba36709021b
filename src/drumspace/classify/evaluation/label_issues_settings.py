"""The `label_issues` section of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


class LabelIssuesParams(Params):
    """Settings of the search for wrong labels."""

    model: str
    """One of classify.run. It is trained once a fold, so a fast one is advisable."""
    folds: int = Field(ge=2, le=50)
    """Folds of the cross-validation, by kit: no model predicts clips of a kit that it was trained on."""
    seed: int = Field(ge=0)
    report_rows: int = Field(ge=0)
    """Number of labels in doubt, the worst first, that the report shows; the table has all."""
