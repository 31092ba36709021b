"""The drumkit.xml of the drum machine hydrogen."""

from xml.etree.ElementTree import Element

from drumspace.dataset.ingest.kit_documents.document import KitDocument, Reference


def read(root: Element) -> KitDocument:
    """Instruments, licence and files: in `filename` directly in `instrument` (old kits), or in its `layer` elements."""
    references = [
        Reference(file.text, instrument.findtext("name") or None)
        for instrument in root.iter("instrument")
        for file in instrument.iter("filename")
        if file.text
    ]
    return KitDocument(tuple(references), root.findtext("name") or None, licence=root.findtext("license") or "")
