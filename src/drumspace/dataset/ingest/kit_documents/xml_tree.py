"""XML of kit documents, parsed as untrusted input and, where it is malformed, read as far as it can be."""

import codecs
import html
import re
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.parsers import expat

MAX_BYTES = 8 << 20
MAX_ELEMENTS, MAX_DEPTH = 500_000, 100
_ATTRIBUTE = re.compile(r"(?<![\w:.-])([\w:.-]++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)')")
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)")
codecs.register_error("cp1252", lambda error: (_cp1252(error), error.end))  # type: ignore[attr-defined]


class UnreadableDocument(Exception):
    """Error of an unusable kit document; the message is the reason."""


class _Tree:
    """Tree of elements from the events of a parser. Tags and attributes are in small letters, without namespaces."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.stack: list[Element] = []
        self.texts: list[list[str]] = []
        self.count = 0
        self.mismatches = 0
        """Closing tags that close nothing, or not the element that was opened last."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element. What follows the end of the document is ignored."""
        if self.root is not None and not self.stack:
            return
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.stack) >= MAX_DEPTH:
            raise UnreadableDocument("it has too many elements, or too deep ones")
        names = {name.rpartition(":")[2].lower(): value for name, value in attributes.items()}
        element = Element(_local(tag), names)
        if self.stack:
            self.stack[-1].append(element)
        else:
            self.root = element
        self.stack.append(element)
        self.texts.append([])

    def data(self, text: str) -> None:
        """Add text to the open element."""
        if self.texts:
            self.texts[-1].append(text)

    def end(self, tag: str) -> None:
        """Close the innermost element of this tag, and those inside it."""
        if not any(element.tag == _local(tag) for element in self.stack):
            self.mismatches += bool(self.stack)
            return
        while True:
            element = self.stack.pop()
            element.text = " ".join("".join(self.texts.pop()).split())
            if element.tag == _local(tag):
                return
            self.mismatches += 1

    def finish(self) -> bool:
        """Close what is open; return True if nothing was, and every closing tag had its element."""
        complete = not self.stack and not self.mismatches
        while self.stack:
            self.end(self.stack[-1].tag)
        return complete


def read_xml(path: Path) -> tuple[Element, str | None]:
    """Root element of a document, and what is wrong with it: None, or a reason why a part of it may be missing.

    Text and attributes are stripped. A document with bytes that its encoding does not allow, bare `&`, or anything
    behind its end is complete. Raises UnreadableDocument for a document type declaration (it allows external and
    recursive entities), no XML at all, or more than MAX_BYTES.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableDocument(f"it cannot be read ({error.strerror})") from None
    if len(data) > MAX_BYTES:
        raise UnreadableDocument(f"it has more than {MAX_BYTES >> 20} MiB")
    tree = _Tree()
    try:
        _parse(data, tree)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: encodings that expat does not know
        text = f"{expat.ErrorString(error.code)}, line {error.lineno}" if isinstance(error, expat.ExpatError) else error
        problem = f"it is not valid XML ({text})"
        tree = _Tree()
        _parse_malformed(_decode(data), tree)
        complete = tree.finish()
        if tree.root is None or not len(tree.root):
            raise UnreadableDocument(problem) from None
        return tree.root, None if complete else problem
    assert tree.root is not None
    return tree.root, None


def _parse(data: bytes, tree: _Tree) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = tree.start, tree.end, tree.data
    parser.StartDoctypeDeclHandler = _reject_doctype
    parser.Parse(data, True)


def _parse_malformed(text: str, tree: _Tree) -> None:
    """Parse tags one by one, in linear time. `<` and `&` that belong to no tag or entity are text."""
    for piece in _without_comments(text).split("<")[1:]:
        head, closed, tail = piece.partition(">")
        if head.startswith("![CDATA["):
            tree.data(piece.removeprefix("![CDATA[").replace("]]>", ""))
        elif head[:8].upper() == "!DOCTYPE":
            _reject_doctype()
        elif not closed or not re.match(r"/?[A-Za-z_]", head):
            tree.data("" if head[:1] in ("!", "?") else piece)
        elif head.startswith("/"):
            tree.end(head[1:].strip())
            tree.data(html.unescape(tail))
        else:
            attributes = {name: html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(head)}
            tag = re.split(r"[\s/]", head, maxsplit=1)[0]
            tree.start(tag, attributes)
            if head.endswith("/"):
                tree.end(tag)
            tree.data(html.unescape(tail))


def _without_comments(text: str) -> str:
    pieces = text.split("<!--")
    return pieces[0] + "".join(piece.partition("-->")[2] for piece in pieces[1:])


def _decode(data: bytes) -> str:
    """Text of a document in the encoding that it declares; bytes that this does not allow are read as Windows-1252."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    declared = _DECLARATION.match(data)
    encoding = declared[1].decode() if declared else "utf-8"
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return data.decode("utf-8-sig", "cp1252")


def _cp1252(error: UnicodeError) -> str:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("windows-1252", "replace")


def _local(tag: str) -> str:
    return tag.rpartition(":")[2].lower()


def _reject_doctype(*_: object) -> None:
    raise UnreadableDocument("it declares a document type")
