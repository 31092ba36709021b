"""Matching of the files that a kit document names with those that are there."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from drumspace.audio.format.suffixes import SOUNDS, suffix_of
from drumspace.dataset.ingest.kit_documents.document import Reference

Parts = tuple[str, ...]
"""Path from the source's root."""
_LONGEST_TAIL = 8
"""Folders and name at the end of a path by which it matches."""


class FileIndex:
    """Index of a source's files by their normalised paths, with and without the suffixes of sounds."""

    def __init__(self, files: Iterable[Parts]) -> None:
        """Index `files`."""
        self._by_path: dict[Parts, list[Parts]] = defaultdict(list)
        self._by_stem: dict[Parts, list[Parts]] = defaultdict(list)
        for parts in files:
            key = _normalise(parts)
            self._by_path[key].append(parts)
            self._by_stem[_without_suffix(key)].append(parts)

    def find(self, parts: Parts) -> list[Parts]:
        """Files at this path but for case, the form of accents and, if there is none, the suffix of the sound."""
        key = _normalise(parts)
        same = self._by_path.get(key) or self._by_stem.get(_without_suffix(key), [])
        return [parts] if parts in same else same


def match_files(
    references: Sequence[Reference], folder: Parts, index: FileIndex
) -> tuple[dict[Parts, Reference], list[Reference]]:
    """Map each file that a document in `folder` names to the first reference to it; and the references without a file.

    A path that is absolute or of another machine also matches by its last folders and name, as long as no other
    instrument's path ends in the same way.
    """
    exact: dict[Parts, Reference] = {}
    loose: dict[Parts, Reference] = {}
    missing = []
    ambiguous = _ambiguous_tails(references)
    for reference in references:
        written = _split(reference.file)
        whole = [] if _is_absolute(reference.file) else index.find(resolve(folder, reference.file))
        if whole:
            for file in whole:
                exact.setdefault(file, reference)
            continue
        files = []
        for start in range(max(0, len(written) - _LONGEST_TAIL), len(written)):
            if written[start:] not in ambiguous:
                files = index.find((*folder, *written[start:]))
            if files:
                break
        for file in files:
            loose.setdefault(file, reference)
        if not files:
            missing.append(reference)
    return loose | exact, missing


def _split(file: str) -> Parts:
    path = re.sub(r"^[A-Za-z]:", "", file.strip().replace("\\", "/"))
    return tuple(part for part in path.split("/") if part not in ("", "."))


def _is_absolute(file: str) -> bool:
    return bool(re.match(r"[A-Za-z]:|[\\/]", file.strip()))


def resolve(folder: Parts, file: str) -> Parts:
    """Path from the source's root of a file that a document in `folder` names; `..` leads no further than the root."""
    parts = list(folder)
    for part in _split(file):
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
    return tuple(parts)


def _ambiguous_tails(references: Sequence[Reference]) -> set[Parts]:
    """Ends of paths that different files of different instruments share."""
    users: dict[Parts, set[tuple[Parts, str | None]]] = defaultdict(set)
    for reference in references:
        written = _split(reference.file)
        for start in range(max(0, len(written) - _LONGEST_TAIL), len(written)):
            users[written[start:]].add((written, reference.instrument))
    return {
        tail for tail, pairs in users.items() if len({path for path, _ in pairs}) > 1 < len({name for _, name in pairs})
    }


def _normalise(parts: Parts) -> Parts:
    return tuple(unicodedata.normalize("NFC", part).casefold().strip() for part in parts)


def _without_suffix(key: Parts) -> Parts:
    return (*key[:-1], PurePosixPath(key[-1]).stem) if key and suffix_of(key[-1]) in SOUNDS else key
