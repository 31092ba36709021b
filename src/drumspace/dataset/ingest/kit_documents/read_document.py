"""Reading of a kit document of any format, told apart by content."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from drumspace.dataset.ingest.kit_documents import decent_sampler, drumgizmo, hydrogen, sfz
from drumspace.dataset.ingest.kit_documents.document import KitDocument
from drumspace.dataset.ingest.kit_documents.xml_tree import UnreadableDocument, read_xml

MAX_REFERENCES = 100_000
_XML_READERS = {
    "drumkit_info": hydrogen.read,
    "drumkit": drumgizmo.read_kit,
    "instrument": drumgizmo.read_instrument,
    "decentsampler": decent_sampler.read,
}


def is_named_as_kit(name: str) -> bool:
    """Whether a file name is that of a kit's document; any other .xml may be something else."""
    return name.lower() == "drumkit.xml" or PurePosixPath(name.lower()).suffix != ".xml"


def read_document(path: Path, name: str, include: sfz.Include) -> KitDocument | None:
    """Read the document `path`, whose own file name is `name`; None for a file that is no kit's document.

    Raises UnreadableDocument for a document that can't be read, if its name is that of a kit's document.
    """
    if name.lower().endswith(".sfz"):
        return sfz.read(path, include)
    try:
        root, problem = read_xml(path)
        reader = _XML_READERS.get(root.tag)
        if reader is None and is_named_as_kit(name):
            reader = hydrogen.read  # drumkit.xml files of other programs and versions have other root elements
        document = reader(root) if reader else None
        if problem and document and not (document.references or document.licence):
            raise UnreadableDocument(problem)
    except UnreadableDocument:
        if is_named_as_kit(name):
            raise
        return None
    if document and len(document.references) > MAX_REFERENCES:
        raise UnreadableDocument(f"it names more than {MAX_REFERENCES} sounds")
    return document and replace(document, problem=problem)
