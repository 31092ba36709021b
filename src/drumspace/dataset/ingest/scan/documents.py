"""Kit documents of a source: the instruments and keys of its sounds, and which sounds are one kit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from drumspace.audio.format.suffixes import KIT_DOCUMENTS, SOUNDS, suffix_of
from drumspace.dataset.ingest.kit_documents.document import KitDocument, Reference
from drumspace.dataset.ingest.kit_documents.kit_licence import kit_licence
from drumspace.dataset.ingest.kit_documents.match_files import FileIndex, Parts, match_files, resolve
from drumspace.dataset.ingest.kit_documents.read_document import read_document
from drumspace.dataset.ingest.kit_documents.xml_tree import UnreadableDocument
from drumspace.dataset.ingest.scan.walk import SourceFile, Walk

_MOST_NAMED = 3
"""Missing files that a reason names."""


@dataclass(frozen=True)
class Kit:
    """The sounds that one document names."""

    folder: Parts
    """Folder of the document, without the suffixes of archives."""
    title: str
    files: tuple[SourceFile, ...]


@dataclass(frozen=True)
class Documents:
    """The content of all documents of a source."""

    references: dict[Parts, Reference]
    """First reference to each sound, by its `parts`."""
    kits: list[Kit]
    licences: dict[Parts, str | None]
    """SPDX licence of the sounds in and below a folder, by the folder's `parts`."""

    def licence(self, parts: Parts) -> str | None:
        """Licence of a sound: that of the nearest folder that states one."""
        folders = (parts[:end] for end in range(len(parts) - 1, -1, -1))
        return next((self.licences[folder] for folder in folders if folder in self.licences), None)


def read_documents(files: Sequence[SourceFile], walk: Walk, source_licence: str | None) -> Documents:
    """Read the kit documents among `files`.

    A document that can't be read, ends early or names files that are not there is reported in the rejected files; one
    that is no kit's is counted as passed over.
    """
    sounds = {entry.parts: entry for entry in files if suffix_of(entry.parts[-1]) in SOUNDS}
    index = FileIndex(sounds)
    references: dict[Parts, Reference] = {}
    kits = []
    licences: dict[Parts, str | None] = {(): source_licence}
    for entry, document in _documents(files, walk):
        by_file, missing = match_files(document.references, entry.parts[:-1], index)
        for parts, reference in by_file.items():
            references.setdefault(parts, reference)
        title = document.title or PurePosixPath(entry.parts[-1]).stem
        kits.append(Kit(entry.names[:-1], title, tuple(sounds[parts] for parts in by_file)))
        if document.licence is not None:
            licences[entry.parts[:-1]] = kit_licence(document.licence, source_licence)
        if document.problem:
            walk.reject(entry.parts, f"{document.problem}; sounds that it names behind that have no instrument")
        if missing:
            walk.reject(entry.parts, _missing_text(missing, len(document.references)))
    return Documents(references, kits, licences)


def _documents(files: Sequence[SourceFile], walk: Walk) -> list[tuple[SourceFile, KitDocument]]:
    """Documents in the order of their paths, without those that others include."""
    paths = {entry.parts: entry.file for entry in files}
    index = FileIndex(paths)
    included: set[Path] = set()
    documents = []
    for entry in files:
        if suffix_of(entry.parts[-1]) not in KIT_DOCUMENTS:
            continue

        def include(path: str, folder: Parts = entry.parts[:-1]) -> Path | None:
            matches = index.find(resolve(folder, path))
            included.update(paths[parts] for parts in matches[:1])
            return paths[matches[0]] if matches else None

        try:
            document = read_document(entry.file, entry.parts[-1], include)
        except UnreadableDocument as error:
            walk.reject(entry.parts, f"{error}; the sounds beside it are kept, without its instruments' names")
            continue
        if document is None:
            walk.scan.passed_over[suffix_of(entry.parts[-1])] += 1
        else:
            documents.append((entry, document))
    return [(entry, document) for entry, document in documents if entry.file not in included]


def _missing_text(missing: Sequence[Reference], total: int) -> str:
    names = [f"{item.instrument} ({item.file})" if item.instrument else item.file for item in _unique(missing)]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    listed = f"{', '.join(names[:_MOST_NAMED])}{more}"
    if len(names) == 1:
        return f"one of the sounds that it names is not there: {listed}"
    return f"{len(names)} of the {total} sounds that it names are not there: {listed}"


def _unique(references: Iterable[Reference]) -> list[Reference]:
    return list({reference.file: reference for reference in references}.values())
