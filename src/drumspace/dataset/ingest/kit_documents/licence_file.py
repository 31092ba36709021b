"""Licences that a repository's own files state: LICENSE, README, or a JSON document."""

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from drumspace.dataset.ingest.kit_documents.kit_licence import kit_licence

MAX_BYTES = 32 << 20
_HEAD = 600
"""Characters at the beginning of a licence's text that hold its name and version."""
_KEYS = ("license", "licence")
_TITLES = (
    (r"apache license,? version 2\.0", "Apache-2.0"),
    (r"permission is hereby granted, free of charge, to any person obtaining a copy of this software", "MIT"),
    (r"free and unencumbered software released into the public domain", "Unlicense"),
)
_LINE = re.compile(r"^[\s>*_#|-]*licen[cs]e[\s*_]*[:|]([^|\n]+)", re.IGNORECASE | re.MULTILINE)
"""Line `License: CC0-1.0`, as a list item, in bold, or as a row of a table with two columns."""


class UnreadableLicence(Exception):
    """A licence file that states no licence with an SPDX identifier; the message says what is wrong."""


def read_licence_file(path: Path) -> tuple[str | None, dict[str, str | None]]:
    """SPDX expression that a file states for its folder, and those that it states for single names in it.

    Names are those of folders, or of files with or without suffix. The expression for the folder is None if the file
    states licences of names alone. Raises UnreadableLicence if it states none, or one without SPDX identifier.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableLicence(f"it is larger than {MAX_BYTES >> 20} MiB")
    text = path.read_text(encoding="utf-8", errors="replace")
    if text.lstrip().startswith("{"):
        statement, by_name = _from_json(text)
    elif PurePosixPath(path.name).stem.lower().startswith("readme"):
        statement, by_name = _from_readme(text)
    else:
        statement, by_name = text, {}
    if statement is None and not by_name:
        raise UnreadableLicence("it states no licence")
    licence = _licence(statement) if statement is not None else None
    if statement is not None and licence is None:
        raise UnreadableLicence(f"the licence {' '.join(statement.split())[:60]!r} has no SPDX identifier")
    return licence, {name: _licence(words) for name, words in by_name.items()}


def _licence(statement: str) -> str | None:
    head = " ".join(statement[:_HEAD].split())
    for pattern, identifier in _TITLES:
        if re.search(pattern, head, re.IGNORECASE):
            return identifier
    return kit_licence(head, None)


def _from_json(text: str) -> tuple[str | None, dict[str, str]]:
    """`{"license": words}`, or an object of such objects by name."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableLicence("it is no valid JSON") from None
    by_name = {name: words for name, entry in tree.items() if isinstance(entry, dict) and (words := _words(entry))}
    return _words(tree), by_name


def _words(entry: dict[str, Any]) -> str | None:
    return next((entry[key] for key in _KEYS if isinstance(entry.get(key), str)), None)


def _from_readme(text: str) -> tuple[str | None, dict[str, str]]:
    """A line `License: words`, and tables in Markdown with a column `License`, whose first column holds names."""
    by_name: dict[str, str] = {}
    column = 0
    for cells in _rows(text):
        titles = [cell.lower() for cell in cells]
        if len(cells) > 1 and any(key in titles[1:] for key in _KEYS):
            column = next(index for index, title in enumerate(titles) if index and title in _KEYS)
        elif len(cells) > column > 0 and set(cells[0]) - set("-: "):
            by_name[cells[0]] = cells[column]
        elif not cells:
            column = 0
    line = _LINE.search(text)
    return (line[1].strip() if line else None), by_name


def _rows(text: str) -> Iterator[list[str]]:
    """Cells of each line of a table, without emphasis and links; an empty list for any other line."""
    for line in text.splitlines():
        cells = line.strip().strip("|").split("|") if line.lstrip().startswith("|") else []
        yield [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cell).strip(" *_`") for cell in cells]
