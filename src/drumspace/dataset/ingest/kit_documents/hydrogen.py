"""Instrument names and licence from the drumkit.xml of the drum machine hydrogen, parsed as untrusted input."""

from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

MAX_BYTES = 8 << 20


class UnreadableKit(Exception):
    """Error of an unusable drumkit.xml; the message is the reason."""


@dataclass(frozen=True)
class HydrogenKit:
    """Content of a drumkit.xml."""

    instruments: dict[str, str]
    """Name of the first instrument that uses each file, by the file's name."""
    licence: str
    """The author's words on the kit's licence; empty without any."""


def read_kit(path: Path) -> HydrogenKit:
    """Read the instruments and the licence of a drumkit.xml.

    Reads both formats: `filename` directly in `instrument` (old), or in its `layer` elements, which newer kits put
    into `instrumentComponent`. Raises UnreadableKit for a document type declaration (it allows external and
    recursive entities), invalid XML, or more than MAX_BYTES.
    """
    names: dict[str, str] = {}
    licence: list[str] = []
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
        elif tag == "license" and tags[-1:] == ["drumkit_info"]:
            licence[:] = [value]
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
    return HydrogenKit(names, "".join(licence))
