"""Common part of the kinds git and url: unpacking, with the files that state licences."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from drumspace.dataset.sources.archive import LICENCES, Selection, matches, unpack_sounds
from drumspace.dataset.sources.cache import Archive
from drumspace.dataset.sources.record import Context, Fetched
from drumspace.dataset.sources.settings import GitSource, UrlSource
from drumspace.io.archives import Entry

_MOST_NAMED = 3
"""Paths that a remark names."""


def unpack_addressed(
    source: GitSource | UrlSource, entries: Iterable[Entry], archive: Archive, out: Path, context: Context
) -> Fetched:
    """Unpack the selected sounds and the licence files of a source into `out`.

    A missing licence file is a remark of the result. Raises Unavailable.
    """
    selection = Selection(source.root, source.include, source.exclude, source.licence_files)
    sounds = unpack_sounds(source.package, entries, selection, out, context.report_progress)
    licence_files, missing = find_licence_files(out, source.licence_files, source.root)
    remarks = tuple(
        f"no file {pattern}, which should state the licence: the licence is not known" for pattern in missing
    )
    version = archive.version if isinstance(source, GitSource) else None
    return Fetched(sounds, version, archive.sha256, licence_files, remarks, licence_missing=bool(missing))


def find_licence_files(out: Path, patterns: Iterable[str], root: str) -> tuple[dict[str, str], list[str]]:
    """Extracted licence files and the folder in `out` that each is about, and the patterns that no file matches.

    A file is about its own folder in the archive. Those in `root`, or in the nearest folder above it that has any, are
    about all of `out`. One that lies neither above nor below `root` is about none of the sounds and left out.
    """
    base = PurePosixPath(root)
    paths = [path.relative_to(out / LICENCES).as_posix() for path in (out / LICENCES).rglob("*") if path.is_file()]
    folder_of = {path: PurePosixPath(path).parent for path in sorted(paths) if matches(path, patterns)}
    above = [folder for folder in folder_of.values() if base.is_relative_to(folder)]
    nearest = max(above, key=lambda folder: len(folder.parts), default=None)
    folders: dict[str, str] = {}
    for path, folder in folder_of.items():
        if folder == nearest:
            folders[f"{LICENCES}/{path}"] = ""
        elif folder not in above and folder.is_relative_to(base):
            folders[f"{LICENCES}/{path}"] = folder.relative_to(base).as_posix()
    return folders, [pattern for pattern in patterns if not any(matches(path, [pattern]) for path in paths)]


def some(paths: list[str]) -> str:
    """The first few of many paths, as text."""
    more = len(paths) - _MOST_NAMED
    return ", ".join(paths[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
