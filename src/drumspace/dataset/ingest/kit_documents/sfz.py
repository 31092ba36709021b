"""SFZ instruments: a text of headers (<group>, <region>) and opcodes (sample=kick.wav key=36)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from drumspace.dataset.ingest.kit_documents.document import KitDocument, Reference, keep_drum_keys
from drumspace.dataset.ingest.kit_documents.xml_tree import UnreadableDocument

MAX_BYTES = 8 << 20
"""Largest size of a document together with the documents that it includes."""
_LONGEST_VALUE, _MOST_DEFINITIONS, _MOST_DOCUMENTS, _DEEPEST_INCLUDE = 4096, 1000, 1000, 10
_LEVELS = ("global", "master", "group", "region")
"""Headers; what the outer ones set holds for the inner ones."""
_HEADER = re.compile(r"(<\w+>)")
_OPCODE = re.compile(r"(?:^|(?<=\s))([A-Za-z_]\w*)=")
_INCLUDE = re.compile(r"\s*#include\s*\"([^\"]+)\"")
_DEFINE = re.compile(r"\s*#define\s+(\$\w+)\s+(\S+)")
_VARIABLE = re.compile(r"\$\w{1,64}")
_NOTE = re.compile(r"([a-g])(#|b)?(-?\d)", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?\d{1,3}")
_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}

Include = Callable[[str], Path | None]
"""Function from the path in an #include to the file, None where there is none."""


def read(path: Path, include: Include) -> KitDocument:
    """The samples of all regions, with the label of the innermost header that has one. Raises UnreadableDocument."""
    opcodes: dict[str, dict[str, str]] = {level: {} for level in _LEVELS}
    prefix, level, offsets = "", "", {"note_offset": 0, "octave_offset": 0}
    references: list[Reference] = []

    def close() -> None:
        if level != "region":
            return
        inner_first = [opcodes[each] for each in reversed(_LEVELS)]
        sample = _value(inner_first, "sample")
        if sample and not sample.startswith("*"):  # *sine and the like are oscillators
            labels = (opcodes[each].get(f"{each}_label") for each in reversed(_LEVELS))
            low, high = (_key(_value(inner_first, name, "key")) for name in ("lokey", "hikey"))
            offset = offsets["note_offset"] + 12 * offsets["octave_offset"]
            keys = None if low is None or high is None else (low + offset, high + offset)
            references.append(Reference(prefix + sample, next(filter(None, labels), None), keys))

    for token in _tokens(path, include):
        if isinstance(token, str):
            close()
            level = token
            if level in _LEVELS:
                for inner in _LEVELS[_LEVELS.index(level) :]:
                    opcodes[inner] = {}
        elif level in _LEVELS:
            opcodes[level][token[0]] = token[1]
        elif level == "control" and token[0] == "default_path":
            prefix = token[1]
        elif level == "control" and token[0] in offsets and _INTEGER.fullmatch(token[1]):
            offsets[token[0]] = int(token[1])
    close()
    return KitDocument(keep_drum_keys(references))


def _tokens(path: Path, include: Include) -> Iterator[str | tuple[str, str]]:
    """Headers (their name) and opcodes (name and value) of a document, those of included ones in their place."""
    defines: dict[str, str] = {}
    remaining_bytes, remaining_documents = MAX_BYTES, _MOST_DOCUMENTS

    def expand(text: str) -> str:
        text = _VARIABLE.sub(lambda match: _expand(match[0], defines), text)
        if len(text) > _LONGEST_VALUE and defines:
            raise UnreadableDocument("its definitions grow too long")
        return text

    def tokens(document: Path, above: tuple[Path, ...]) -> Iterator[str | tuple[str, str]]:
        nonlocal remaining_bytes, remaining_documents
        try:
            with document.open("rb") as file:
                data = file.read(remaining_bytes + 1)
        except OSError as error:
            raise UnreadableDocument(f"it cannot be read ({error.strerror})") from None
        remaining_bytes -= len(data)
        remaining_documents -= 1
        if remaining_bytes < 0 or remaining_documents < 0:
            raise UnreadableDocument(f"it has more than {MAX_BYTES >> 20} MiB or {_MOST_DOCUMENTS} included documents")
        for line in _without_comments(_decode(data)).splitlines():
            if match := _INCLUDE.match(line):
                included = include(expand(match[1]))
                if included is not None and included not in (*above, document) and len(above) < _DEEPEST_INCLUDE:
                    yield from tokens(included, (*above, document))
            elif match := _DEFINE.match(line):
                if len(defines) < _MOST_DEFINITIONS:
                    defines[match[1]] = expand(match[2])
            else:
                for piece in _HEADER.split(line):
                    yield from [piece[1:-1]] if _HEADER.fullmatch(piece) else _opcodes(piece, expand)

    return tokens(path, ())


def _expand(text: str, defines: dict[str, str]) -> str:
    """Replace the longest defined name at the start of `$…`."""
    ends = (end for end in range(len(text), 1, -1) if text[:end] in defines)
    end = next(ends, 0)
    return defines[text[:end]] + text[end:] if end else text


def _opcodes(text: str, expand: Callable[[str], str]) -> list[tuple[str, str]]:
    """Opcodes of a line. A value ends where the next opcode begins, so that file names may hold spaces."""
    matches = list(_OPCODE.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)][: len(matches)]
    return [
        (expand(match[1]).lower(), expand(text[match.end() : end].strip()))
        for match, end in zip(matches, ends, strict=True)
    ]


def _without_comments(text: str) -> str:
    first, *rest = text.split("/*")
    text = first + "".join(piece.partition("*/")[2] for piece in rest)
    return "\n".join(line.partition("//")[0] for line in text.splitlines())


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("windows-1252", "replace")


def _value(inner_first: list[dict[str, str]], *names: str) -> str:
    """Value of the innermost header that sets one of `names`, the first of which counts most; empty without one."""
    values = (opcodes[name] for opcodes in inner_first for name in names if name in opcodes)
    return next(values, "")


def _key(text: str) -> int | None:
    """MIDI key of a number or a note; c4 is 60."""
    if text.isdecimal():
        return int(text)
    note = _NOTE.fullmatch(text)
    if note is None:
        return None
    return 12 * (int(note[3]) + 1) + _SEMITONES[note[1].lower()] + {"#": 1, "b": -1}.get(note[2], 0)
