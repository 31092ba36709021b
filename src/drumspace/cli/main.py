"""The command line interface `drumspace`."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import click

from drumspace.errors import UserError


class Group(click.Group):
    """Command group that prints a UserError as one message without a traceback and exits with status 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Invoke a command as click.Group does, with errors of the user reported as messages."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"drumspace: {error}", err=True)
            sys.exit(1)


@click.group(cls=Group)
@click.version_option(package_name="drumspace")
def main() -> None:
    """Classify drum one-shots and generate new ones with the models that the pipeline trained."""
    logging.basicConfig(level=logging.INFO, format="%(levelname).1s %(message)s")


@main.command()
@click.option("--params", "path", type=click.Path(path_type=Path), default=Path("params.yaml"), show_default=True)
def check(path: Path) -> None:
    """Validate a params file, as the pipeline does before it starts."""
    from drumspace.config.root import read_settings

    read_settings(path)
    click.echo(f"{path} is valid.")


@main.command()
@click.option("--params", "path", type=click.Path(path_type=Path), default=Path("params.yaml"), show_default=True)
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=click.Path(path_type=Path),
    help="YAML file of settings to change; repeatable.",
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Setting to change; repeatable.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="File to write.  [default: standard output]",
)
def params(path: Path, overlays: tuple[Path, ...], assignments: tuple[str, ...], out: Path | None) -> None:
    """Print a params file merged with overlays and changes, after validation.

    An overlay such as params/gpu.yaml holds only the settings to change. Overlays are merged in the order given, then
    the changes by --set. To overwrite the params file itself use --out: a shell redirection would empty it first.
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
    """Upload the runs of the last `dvc repro` to MLflow."""
    from drumspace.tracking.upload import track as track_runs

    track_runs(Path.cwd())


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("labels.csv"), show_default=True)
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True)
@click.option(
    "--model", default=None, help="Name of a classifier, or `committee`.  [default: the best on validation data]"
)
@click.option(
    "--abstain-below",
    type=click.FloatRange(0, 1),
    default=None,
    help="Lowest confidence of a label; 0 labels every sound.  [default: the model's calibrated threshold]",
)
@click.option(
    "--naming", type=click.Path(path_type=Path, exists=True), default=None, help="YAML file of additional naming rules."
)
def label(
    paths: tuple[Path, ...],
    out: Path,
    models: Path,
    model: str | None,
    abstain_below: float | None,
    naming: Path | None,
) -> None:
    """Classify sound files, and all sounds in folders, SoundFonts and archives, into a CSV of label and confidence.

    The label is empty if the confidence is too low, if the name is that of a drum outside the classes, or if the file
    cannot be read; the last column says which. Unreadable files are also listed in a second CSV, <out>.errors.csv.
    """
    from drumspace.classify.inference.label_files import errors_path, label_files
    from drumspace.classify.inference.labeller import load_labeller
    from drumspace.dataset.ingest.naming import NamingRules

    labeller = load_labeller(models, model, abstain_below)
    rules = NamingRules.load(*([naming] if naming else []))
    labelled, abstained, unreadable = label_files(paths, out, labeller, rules)
    click.echo(f"{click.format_filename(out)}: {labelled} labelled, {abstained} without a label, by {labeller.name}")
    if unreadable:
        click.echo(f"{click.format_filename(errors_path(out))}: {unreadable} unreadable files", err=True)


def generator_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options shared by all commands that run a generator."""
    options = (
        click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Output folder."),
        click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True),
        click.option("--model", default=None, help="Name of a trained generator."),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed."),
    )
    for option in reversed(options):
        command = option(command)
    return command


label_option = click.option("--label", default=None, help="Class that conditions the decoder.  [default: none]")


@main.command()
@click.option("--label", "labels", multiple=True, help="Class to generate; repeat to mix classes.  [default: none]")
@click.option("--count", type=click.IntRange(1), default=16, show_default=True)
@click.option("--prior", default=None, help="Prior to sample latents from.  [default: that of params.yaml]")
@generator_options
def generate(
    labels: tuple[str, ...], count: int, prior: str | None, out: Path, models: Path, model: str | None, seed: int
) -> None:
    """Generate new drum sounds as WAV files with a manifest.csv."""
    from drumspace.synth.sampling import sound_files

    sound_files.generate(sound_files.load_generator(models, model, prior), labels, count, seed, out)
    click.echo(f"{click.format_filename(out)}: {count} sounds")


@main.command()
@click.argument("start", type=click.Path(path_type=Path))
@click.argument("end", type=click.Path(path_type=Path))
@click.option("--steps", type=click.IntRange(2), default=9, show_default=True)
@click.option("--path", type=click.Choice(["spherical", "linear"]), default="spherical", show_default=True)
@label_option
@generator_options
def interpolate(
    start: Path,
    end: Path,
    steps: int,
    path: Literal["spherical", "linear"],
    label: str | None,
    out: Path,
    models: Path,
    model: str | None,
    seed: int,
) -> None:
    """Interpolate in latent space between two sound files."""
    from drumspace.synth.sampling import sound_files

    vae = sound_files.load_generator(models, model, None)
    sound_files.interpolate(vae, start, end, steps, path, label, seed, out)
    click.echo(f"{click.format_filename(out)}: {steps} sounds")


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@label_option
@generator_options
def reconstruct(
    files: tuple[Path, ...], label: str | None, out: Path, models: Path, model: str | None, seed: int
) -> None:
    """Reconstruct sound files: encode and decode each."""
    from drumspace.synth.sampling import sound_files

    sound_files.reconstruct(sound_files.load_generator(models, model, None), files, label, seed, out)
    click.echo(f"{click.format_filename(out)}: {len(files)} sounds")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1), default=8, show_default=True)
@click.option(
    "--amount",
    type=click.FloatRange(0),
    default=0.3,
    show_default=True,
    help="Size of the random latent offsets in standard deviations; 0 reconstructs the sound.",
)
@label_option
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
    """Generate variations of a sound file by random offsets of its latent."""
    from drumspace.synth.sampling import sound_files

    sound_files.vary(sound_files.load_generator(models, model, None), file, count, amount, label, seed, out)
    click.echo(f"{click.format_filename(out)}: {count} sounds")


@main.command()
@click.option("--params", "path", type=click.Path(path_type=Path), default=Path("params.yaml"), show_default=True)
@click.option("--record", is_flag=True, help="Write hashes and commits that the params file leaves open to --hashes.")
@click.option("--hashes", type=click.Path(path_type=Path), default=Path("data/recorded_hashes.yaml"), show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache"), show_default=True)
def fetch(path: Path, record: bool, hashes: Path, cache: Path) -> None:
    """Download the sources of kinds git and url ahead of the pipeline, and list those that are not available.

    A source without a hash or commit in the params file is used only after --record wrote it to a file for git.
    Afterwards another content is refused. Exits with status 1 if a source that is not optional is not available.
    """
    from drumspace.dataset.sources.fetching import SourceError, fetch_ahead
    from drumspace.dataset.sources.recorded import RecordedHashes
    from drumspace.dataset.sources.settings import SourcesParams
    from drumspace.io.settings import load

    sources = dict(load(path, "sources", SourcesParams).items())
    missing = None
    for name, reason in fetch_ahead(sources, cache / "downloads", RecordedHashes.load(hashes, record)):
        click.echo(f"{name}: {reason or 'available'}", err=reason is not None)
        if reason and not sources[name].optional:
            missing = missing or SourceError(name, reason)
    if missing:
        raise missing


@main.command()
@click.option("--packages", is_flag=True, help="Only weights that a Python package holds.")
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache"), show_default=True)
def weights(packages: bool, cache: Path) -> None:
    """Download published weights ahead of the pipeline and list those that are not available."""
    from drumspace.classify.weights.find import Missing, find
    from drumspace.classify.weights.table import rows

    for row in rows():
        if packages and not row.pip:
            continue
        try:
            find(row, None, cache / "weights", cache / "downloads")
            click.echo(f"{row.id}: available")
        except Missing as error:
            click.echo(f"{row.id}: {error}", err=True)
