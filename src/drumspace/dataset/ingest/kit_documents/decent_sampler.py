"""The presets of Decent Sampler (.dspreset)."""

from xml.etree.ElementTree import Element

from drumspace.dataset.ingest.kit_documents.document import KitDocument, Reference, keep_drum_keys


def read(root: Element) -> KitDocument:
    """The samples of all groups; a sample takes the name and the keys of its group where it has none."""
    references = []
    for group in root.iter("group"):
        for sample in group.iter("sample"):
            file = sample.get("path")
            if file:
                name = sample.get("name") or group.get("name") or group.get("tags")
                low, high = (sample.get(key) or group.get(key) for key in ("lonote", "hinote"))
                references.append(Reference(file, name, _keys(low, high)))
    return KitDocument(keep_drum_keys(references))


def _keys(low: str | None, high: str | None) -> tuple[int, int] | None:
    if low and high and low.isdecimal() and high.isdecimal():
        return int(low), int(high)
    return None
