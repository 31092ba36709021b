"""Instrument names from hydrogen's drumkit.xml, read as a file from a stranger."""

from pathlib import Path
from xml.parsers import expat

MAX_BYTES = 8 << 20


class UnreadableKit(Exception):
    """A drumkit.xml that can't be used; its text is the reason."""


def instrument_names(path: Path) -> dict[str, str]:
    """File name → name of the instrument that plays it first.

    Reads both forms: `filename` directly in `instrument` (old), or in its `layer`s, with
    `instrumentComponent` between them in newer kits. Raises UnreadableKit for a document type (the door to
    external and endless entities), broken XML, or more than MAX_BYTES.
    """
    names: dict[str, str] = {}
    files: list[str] = []
    tags: list[str] = []
    text: list[str] = []
    instrument: list[str] = []

    def start(tag: str, _: object) -> None:
        tags.append(tag.rpartition(":")[2])
        text.clear()
        if tags[-1] == "instrument":
            instrument.clear()
            files.clear()

    def end(_: str) -> None:
        tag, value = tags.pop(), " ".join("".join(text).split())
        text.clear()
        if tag == "name" and tags[-1:] == ["instrument"]:
            instrument[:] = [value]
        elif tag == "filename" and "instrument" in tags and value:
            files.append(value)
        elif tag == "instrument" and any(instrument):
            for file in files:
                names.setdefault(file, instrument[0])

    def reject_doctype(*_: object) -> None:
        raise UnreadableKit("it declares a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = reject_doctype
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise UnreadableKit(f"it has more than {MAX_BYTES >> 20} MiB")
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise UnreadableKit(f"it is not XML ({expat.ErrorString(error.code)}, line {error.lineno})") from None
    except OSError as error:
        raise UnreadableKit(f"it cannot be read ({error.strerror})") from None
    return names
