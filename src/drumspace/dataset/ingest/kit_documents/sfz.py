"""SFZ instruments: a text of headers (<group>, <region>) and opcodes (sample=kick.wav key=36)."""

import re
from collections.abc import Callable
from pathlib import Path

from drumspace.dataset.ingest.kit_documents.document import KitDocument, Reference, keep_drum_keys
from drumspace.dataset.ingest.kit_documents.xml_tree import UnreadableDocument

MAX_BYTES = 8 << 20
"""Largest size of a document together with the documents that it includes."""
_LONGEST_VALUE, _MOST_DEFINITIONS, _DEEPEST_INCLUDE = 4096, 1000, 10
_LEVELS = ("global", "master", "group", "region")
"""Headers; what the outer ones set holds for the inner ones."""
_HEADER = re.compile(r"(<\w+>)")
_OPCODE = re.compile(r"(?:^|(?<=\s))([A-Za-z_]\w*)=")
_INCLUDE = re.compile(r"\s*#include\s*\"([^\"]+)\"")
_DEFINE = re.compile(r"\s*#define\s+(\$\w+)\s+(\S+)")
_NOTE = re.compile(r"([a-g])(#|b)?(-?\d)", re.IGNORECASE)
_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}

Include = Callable[[str], Path | None]
"""Function from the path in an #include to the file, None where there is none."""


def read(path: Path, include: Include) -> KitDocument:
    """The samples of all regions, with the label of the innermost header that has one. Raises UnreadableDocument."""
    opcodes: dict[str, dict[str, str]] = {level: {} for level in _LEVELS}
    prefix, level = "", ""
    references: list[Reference] = []

    def close() -> None:
        if level != "region":
            return
        values = {name: value for each in _LEVELS for name, value in opcodes[each].items()}
        sample = values.get("sample", "")
        if sample and not sample.startswith("*"):  # *sine and the like are oscillators
            labels = (opcodes[each].get(f"{each}_label") for each in reversed(_LEVELS))
            references.append(Reference(prefix + sample, next(filter(None, labels), None), _keys(values)))

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
    close()
    return KitDocument(keep_drum_keys(references))


def _tokens(path: Path, include: Include) -> list[str | tuple[str, str]]:
    """Headers (their name) and opcodes (name and value) of a document, those of included ones in their place."""
    tokens: list[str | tuple[str, str]] = []
    defines: dict[str, str] = {}
    remaining_bytes = MAX_BYTES

    def expand(text: str) -> str:
        for name in sorted(defines, key=len, reverse=True) if "$" in text else ():
            text = text.replace(name, defines[name])
            if len(text) > _LONGEST_VALUE:
                raise UnreadableDocument("its definitions grow too long")
        return text

    def add(document: Path, above: tuple[Path, ...]) -> None:
        nonlocal remaining_bytes
        try:
            with document.open("rb") as file:
                data = file.read(remaining_bytes + 1)
        except OSError as error:
            raise UnreadableDocument(f"it cannot be read ({error.strerror})") from None
        remaining_bytes -= len(data)
        if remaining_bytes < 0:
            raise UnreadableDocument(f"it has more than {MAX_BYTES >> 20} MiB")
        for line in _without_comments(_decode(data)).splitlines():
            if match := _INCLUDE.match(line):
                included = include(expand(match[1]))
                if included is not None and included not in (*above, document) and len(above) < _DEEPEST_INCLUDE:
                    add(included, (*above, document))
            elif match := _DEFINE.match(line):
                if len(defines) < _MOST_DEFINITIONS:
                    defines[match[1]] = match[2]
            else:
                for piece in _HEADER.split(line):
                    tokens.extend([piece[1:-1]] if _HEADER.fullmatch(piece) else _opcodes(piece, expand))

    add(path, ())
    return tokens


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


def _keys(values: dict[str, str]) -> tuple[int, int] | None:
    low, high = (_key(values.get(name) or values.get("key", "")) for name in ("lokey", "hikey"))
    return None if low is None or high is None else (low, high)


def _key(text: str) -> int | None:
    """MIDI key of a number or a note; c4 is 60."""
    if text.isdecimal():
        return int(text)
    note = _NOTE.fullmatch(text)
    if note is None:
        return None
    return 12 * (int(note[3]) + 1) + _SEMITONES[note[1].lower()] + {"#": 1, "b": -1}.get(note[2], 0)
