"""Cache of downloaded archives, each stored under its SHA-256."""

from dataclasses import dataclass
from pathlib import Path

from drumspace.io.atomic import atomic_folder
from drumspace.io.hashing import file_sha256
from drumspace.io.json_files import read_json, write_json


@dataclass(frozen=True)
class Archive:
    """An archive downloaded by a package client."""

    path: Path
    version: str
    sha256: str


class Cache:
    """Folder of archives: <SHA-256>/<file name>, with an origin.json (kind, package, version, file) next to each."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is created with the first archive."""
        # Absolute, because clients run with another working directory.
        self.folder = folder.resolve()

    def find(
        self, kind: str, package: str, version: str | None, known_sha256: dict[str, str], accept_unknown: bool
    ) -> Archive | None:
        """Find a cached archive of a package: of `version` if given, else known versions first, in their order.

        `known_sha256` maps versions to hashes; other versions match only with `accept_unknown`. An archive whose
        content no longer has its SHA-256 is skipped. Returns None if no archive matches.
        """
        archives = []
        for origin_path in sorted(self.folder.glob("*/origin.json")):
            origin = read_json(origin_path)
            archive = Archive(origin_path.parent / origin["file"], origin["version"], origin_path.parent.name)
            if (origin["kind"], origin["package"]) != (kind, package):
                continue
            if version is not None and archive.version != version:
                continue
            if known_sha256.get(archive.version, archive.sha256 if accept_unknown else None) == archive.sha256:
                archives.append(archive)
        order = list(known_sha256)
        archives.sort(key=lambda a: (order.index(a.version) if a.version in known_sha256 else len(order), a.version))
        for archive in archives:
            if archive.path.is_file() and file_sha256(archive.path) == archive.sha256:
                return archive
        return None

    def store(self, kind: str, package: str, archive: Archive) -> Archive:
        """Move a verified archive into the cache; return it with its new path."""
        with atomic_folder(self.folder / archive.sha256) as folder:
            archive.path.rename(folder / archive.path.name)
            write_json(
                folder / "origin.json",
                {
                    "kind": kind,
                    "package": package,
                    "version": archive.version,
                    "file": archive.path.name,
                },
            )
        return Archive(self.folder / archive.sha256 / archive.path.name, archive.version, archive.sha256)
