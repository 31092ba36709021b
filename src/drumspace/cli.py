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
