"""Source kind `url`: an archive at an address, streamed to the cache and checked by its SHA-256."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO

from drumspace.dataset.sources.addressed import unpack_addressed
from drumspace.dataset.sources.cache import Archive
from drumspace.dataset.sources.download import download
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.save_url import save_url
from drumspace.dataset.sources.settings import Download, UrlSource
from drumspace.io.archives import Entry, tar_entries, zip_entries


def fetch(source: UrlSource, out: Path, context: Context) -> Fetched:
    """Unpack the sounds of the archive into `out`. Raises Unavailable, also for an archive that holds a link."""
    archive = obtain(source, context)
    companions = {name: obtain(companion, context) for name, companion in source.companions.items()}
    further = [
        Entry(name, partial(_open, file.path), file.path.stat().st_size, False) for name, file in companions.items()
    ]
    fetched = unpack_addressed(source, chain(_without_links(_entries(source, archive)), further), archive, out, context)
    for item, file in ((source, archive), *((source.companions[name], file) for name, file in companions.items())):
        # Only now: what can't be unpacked is not worth recording.
        context.recorded.add(item.address, file.sha256)
    return fetched


def obtain(source: Download, context: Context) -> Archive:
    """Return the file at an address with verified SHA-256, from the cache or downloaded. Raises Unavailable."""
    sha256 = source.sha256 or context.recorded.get(source.address)
    if sha256 is None and not context.recorded.recording:
        raise Unavailable(
            f"no SHA-256 of {source.address} is known: run `drumspace fetch --record`, and commit what it writes"
        )
    if sha256 is not None:
        cached = context.cache.find("url", source.address, None, {sha256: sha256}, accept_unknown=False)
        if cached is not None:
            return cached
    return download("url", source.address, context, lambda folder: _download(source, sha256, folder, context))


def _download(source: Download, expected: str | None, folder: Path, context: Context) -> Archive:
    path = folder / "archive"
    sha256 = save_url(source.address, path, context.report_progress)
    if expected not in (None, sha256):
        raise Unavailable(f"{source.address} has SHA-256 {sha256}, not {expected}: its content has changed")
    return Archive(path, sha256, sha256)


def _entries(source: UrlSource, archive: Archive) -> Iterator[Entry]:
    if source.archive == "zip":
        yield from zip_entries(archive.path)
    else:
        with archive.path.open("rb") as stream:
            yield from tar_entries(stream)


def _without_links(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        if entry.open is None and not entry.is_folder:
            raise Unavailable(f"its archive has {entry.path!r}, which is a link or a device")
        yield entry


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")
