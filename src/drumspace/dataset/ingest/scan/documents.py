"""Kit documents of a source: the instruments and keys of its sounds, and which sounds are one kit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from drumspace.audio.format.suffixes import KIT_DOCUMENTS, SOUNDS, suffix_of
from drumspace.dataset.ingest.kit_documents.document import KitDocument, Reference
from drumspace.dataset.ingest.kit_documents.kit_licence import kit_licence
from drumspace.dataset.ingest.kit_documents.licence_file import UnreadableLicence, read_licence_file
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
    """SPDX licence of a sound, or of the sounds in and below a folder, by the `parts` of the sound or the folder."""

    def licence(self, parts: Parts) -> str | None:
        """Licence of a sound: its own, or that of the nearest folder that states one."""
        return _nearest(self.licences, parts)


def read_documents(
    files: Sequence[SourceFile], walk: Walk, source_licence: str | None, licence_files: Mapping[str, str]
) -> Documents:
    """Read the kit documents among `files`, and the licence files: path of each → folder that it is about.

    A document that can't be read, ends early or names files that are not there is reported in the rejected files; one
    that is no kit's is counted as passed over.
    """
    sounds = {entry.parts: entry for entry in files if suffix_of(entry.parts[-1]) in SOUNDS}
    index = FileIndex(sounds)
    references: dict[Parts, Reference] = {}
    kits = []
    licences = _stated_licences(files, walk, source_licence, licence_files)
    for entry, document in _documents(files, walk):
        by_file, missing = match_files(document.references, entry.parts[:-1], index)
        for parts, reference in by_file.items():
            references.setdefault(parts, reference)
        title = document.title or PurePosixPath(entry.parts[-1]).stem
        kits.append(Kit(entry.names[:-1], title, tuple(sounds[parts] for parts in by_file)))
        if document.licence is not None:
            folder = entry.parts[:-1]
            licences[folder] = kit_licence(document.licence, _nearest(licences, folder))
        if document.problem:
            walk.reject(entry.parts, f"{document.problem}; sounds that it names behind that have no instrument")
        if missing:
            walk.reject(entry.parts, _missing_text(missing, len(document.references)))
    return Documents(references, kits, licences)


def _nearest(licences: Mapping[Parts, str | None], parts: Parts) -> str | None:
    """Licence of a sound or folder: its own, or that of the nearest folder above that has one."""
    items = (parts[:end] for end in range(len(parts), -1, -1))
    return next((licences[item] for item in items if item in licences), None)


def _stated_licences(
    files: Sequence[SourceFile], walk: Walk, source_licence: str | None, licence_files: Mapping[str, str]
) -> dict[Parts, str | None]:
    """Licences by sound and folder, as `Documents` has them. A file that states none that is known is reported."""
    licences: dict[Parts, str | None] = {}
    for entry in files:
        about = licence_files.get("/".join(entry.parts))
        if about is None:
            continue
        folder = PurePosixPath(about).parts
        try:
            licence, by_name = read_licence_file(entry.file)
        except UnreadableLicence as error:
            walk.reject(entry.parts, str(error))
            licences.setdefault(folder, None)
            continue
        if licence is not None:
            licences[folder] = licence
        for item in files if by_name else ():
            if item.parts[: len(folder)] == folder and item.parts != folder:
                _add_named(licences, item.parts, len(folder), by_name)
    return {(): source_licence} | licences


def _add_named(licences: dict[Parts, str | None], parts: Parts, start: int, by_name: Mapping[str, str | None]) -> None:
    """Add the licences that a file states for a sound by name, with or without suffix, or for one of its folders."""
    for end in range(start + 1, len(parts)):
        if parts[end - 1] in by_name:
            licences[parts[:end]] = by_name[parts[end - 1]]
    for name in (PurePosixPath(parts[-1]).stem, parts[-1]):
        if name in by_name:
            licences[parts] = by_name[name]


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
