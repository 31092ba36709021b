"""Files of a folder, of the folders below it and of the archives in them."""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drumspace.audio.format.suffixes import holds_sounds, is_archive, suffix_of
from drumspace.dataset.ingest.scan.archives import unpack
from drumspace.dataset.ingest.scan.sounds import Rejected, Scan


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source."""

    parts: tuple[str, ...]
    """Path from the source's root; an archive counts as a folder."""
    file: Path
    """The file itself, or the unpacked copy of an archive's member."""
    names: tuple[str, ...]
    """`parts` without the suffixes of archives."""


@dataclass(frozen=True)
class Walk:
    """Walk through a source. What it can't list or read is added to the rejected files of `scan`."""

    name: str
    """Name of the source; empty for files outside any source."""
    scan: Scan
    unpacked: Path
    """Folder for the unpacked copies of archives' members."""
    any_name: bool = False
    """Whether files whose names hold control characters or no UTF-8 are listed too."""

    @property
    def prefix(self) -> tuple[str, ...]:
        """First part of the paths: the name of the source, if it has one."""
        return (self.name,) if self.name else ()

    def files(self, root: Path) -> Iterator[SourceFile]:
        """Iterate over the files below `root`, those in archives included; links are followed."""
        return self._folder(root, (), ())

    def file(self, parts: tuple[str, ...], file: Path) -> Iterator[SourceFile]:
        """Iterate over a file itself, or over the members of an archive."""
        if holds_sounds(parts[-1]) and not self.any_name and not _is_plain(parts):
            self.reject(parts, "its name or a folder's holds a line break, a control character or no UTF-8: rename it")
        elif is_archive(parts[-1]):
            yield from self._archive(parts, file)
        else:
            yield SourceFile(parts, file, parts)

    def reject(self, parts: tuple[str, ...], reason: str) -> None:
        """Add a rejected file."""
        self.scan.rejected.append(Rejected("/".join((*self.prefix, *parts)), reason))

    def _folder(self, folder: Path, parts: tuple[str, ...], above: tuple[str, ...]) -> Iterator[SourceFile]:
        """`above`: real paths of the folders above, to detect link loops."""
        above = (*above, os.path.realpath(folder))
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.reject(parts, f"folder cannot be listed ({error.strerror})")
            return
        for entry in entries:
            entry_parts = (*parts, entry.name)
            if entry.name.startswith("._"):  # metadata files of macOS, which are no sounds whatever their suffix
                continue
            try:
                is_folder = entry.is_dir()
            except OSError as error:  # for example a link to itself
                self.reject(entry_parts, f"a link that leads nowhere ({error.strerror})")
                continue
            if is_folder and entry.name.startswith((".", "__MACOSX")):
                continue
            if is_folder and os.path.realpath(entry.path) in above:
                self.reject(entry_parts, "a link loop: it leads to a folder above itself")
            elif is_folder:
                yield from self._folder(Path(entry.path), entry_parts, above)
            else:
                yield from self.file(entry_parts, Path(entry.path))

    def _archive(self, parts: tuple[str, ...], file: Path) -> Iterator[SourceFile]:
        title = parts[-1][: -len(suffix_of(parts[-1]))]
        for member in unpack(file, self.unpacked):
            member_parts = (*parts, *member.parts)
            if member.reason:
                self.reject(member_parts, member.reason)
            elif member.file is None:
                self.scan.passed_over[suffix_of(member.parts[-1])] += 1
            elif not self.any_name and not _is_plain(member_parts):
                self.reject(member_parts, "its name holds a line break, a control character or no UTF-8: rename it")
            else:
                yield SourceFile(member_parts, member.file, (*parts[:-1], title, *member.parts))


def _is_plain(parts: tuple[str, ...]) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs") for part in parts for character in part)
