"""The content of a kit document that counts here: the sounds it names, with their instruments and keys."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

_NOTE = re.compile(r"(?:^|[^a-z])[a-g](?:#|b|s)?-?[0-8]$", re.IGNORECASE)
_WIDEST, _MOST_KEYS = 3, 61
"""Keys that one sound of a drum kit has at most, and keys of a whole kit: the General MIDI map has 61."""


@dataclass(frozen=True)
class Reference:
    """A sound that a document names."""

    file: str
    """The file as the document writes it: relative to the document or absolute, with `/` or `\\`."""
    instrument: str | None
    keys: tuple[int, int] | None = None
    """Lowest and highest MIDI key that plays it."""


@dataclass(frozen=True)
class KitDocument:
    """The sounds that a document names, in its order."""

    references: tuple[Reference, ...]
    title: str | None = None
    """Name of the kit."""
    problem: str | None = None
    """Why a part of the document may be missing."""
    licence: str | None = None
    """The author's words on the kit's licence; empty without any, None in formats that don't state it."""


def keep_drum_keys(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """The references, without keys unless the document is that of a drum kit.

    A sampler's document may be that of a piano. In a drum kit every sound has a few keys of its own, and no file is
    named by its note ('Grand C#4.wav').
    """
    references = tuple(references)
    keys = {reference.keys for reference in references}
    narrow = all(pair and 0 <= pair[1] - pair[0] < _WIDEST for pair in keys)
    notes = sum(bool(_NOTE.search(_stem(reference.file))) for reference in references)
    if narrow and len(keys) <= _MOST_KEYS and notes * 2 < len(references):
        return references
    return tuple(replace(reference, keys=None) for reference in references)


def _stem(file: str) -> str:
    return PurePosixPath(file.replace("\\", "/")).stem
