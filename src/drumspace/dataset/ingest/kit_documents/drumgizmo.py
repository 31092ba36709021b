"""DrumGizmo kits: a document of the kit and one of each instrument."""

from xml.etree.ElementTree import Element

from drumspace.dataset.ingest.kit_documents.document import KitDocument, Reference


def read_kit(root: Element) -> KitDocument:
    """Title and licence of a kit; its instruments have documents of their own."""
    title, licence = (root.findtext(f"metadata/{name}") or root.get(name) for name in ("title", "license"))
    return KitDocument((), title or root.get("name") or None, licence=licence or "")


def read_instrument(root: Element) -> KitDocument:
    """The files of an `instrument`, in its `audiofile` elements, of which there is one for each channel of a file."""
    files = dict.fromkeys(element.get("file") or "" for element in root.iter("audiofile"))
    return KitDocument(tuple(Reference(file, root.get("name") or None) for file in files if file))
