"""Settings `sources` of params.yaml: the origins of the sounds, by name."""

from collections.abc import ItemsView
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, RootModel, field_validator, model_validator

from drumspace.dataset.sources.address import Address
from drumspace.io.settings import Params
from drumspace.io.spdx import Spdx
from drumspace.taxonomy import CLASSES

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=100)]
"""Name of a source and of its folder in data/raw."""
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+~:_-]*$")]
"""Version of a package; in YAML it needs quotes if it looks like a number."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of the archive that the client downloads."""
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
"""Full id of a commit: a short one or a branch may mean another commit tomorrow."""
Glob = Annotated[str, Field(min_length=1)]
Root = Annotated[str, Field(pattern=r"^$|^[^/].*[^/]$")]


class FolderSource(Params):
    """Folder of the user's own files, which are read in place and not copied."""

    kind: Literal["folder"]
    path: str = Field(min_length=1)
    layout: Literal["kit", "source/kit", "folder"]
    """Meaning of the folders: first level = kit; first level = source, second = kit; or every folder is a kit."""
    labels: str | None
    """CSV file (path, label) inside the folder; null for none."""
    optional: bool
    licence: Spdx | None
    """SPDX expression of all its sounds; null if it differs by kit or is not known."""


class PackageSource(Params):
    """Package that a client on this machine downloads by name."""

    package: str
    sha256: dict[Version, Sha256]
    """SHA-256 of each known version."""
    accept_unknown: bool
    """Accept versions that are not in `sha256`; their hashes are recorded in sources.json."""
    optional: bool
    """Skip the source with a warning if it is not available."""
    licence: Spdx | None
    """SPDX expression of all its sounds; null if it differs by kit or is not known."""
    root: Root
    """Folder of the archive that holds the sounds, removed from their paths; "" is the whole archive."""
    layout: Literal["kit", "folder"] = "kit"
    """Meaning of the folders: the first level are kits, or every folder is a kit."""
    include: tuple[Glob, ...] = ("*",)
    """Patterns of the sounds under `root` to keep. `*` matches any characters, also `/`; case is ignored."""
    exclude: tuple[Glob, ...] = ()
    """Patterns of included sounds to leave out."""


class PinnedPackageSource(PackageSource):
    """Package with a fixed version."""

    version: Version

    @model_validator(mode="after")
    def _version_is_known(self) -> Self:
        if self.version not in self.sha256 and not self.accept_unknown:
            raise ValueError(
                f"version {self.version} has no SHA-256: add it under `sha256`, or set `accept_unknown: true`"
            )
        return self


class PipSource(PinnedPackageSource):
    """Python package. pip runs the setup.py of a source archive, but verifies a known hash first."""

    kind: Literal["pip"]
    package: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")


class NpmSource(PinnedPackageSource):
    """npm package. None of its scripts run."""

    kind: Literal["npm"]
    package: str = Field(pattern=r"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$")


class DebSource(PackageSource):
    """Debian package, unpacked without installation."""

    kind: Literal["deb"]
    package: str = Field(pattern=r"^[a-z0-9][a-z0-9.+-]+$")
    version: Version | None = None
    """Version; null for the current one of this machine's release."""


class AddressedSource(Params):
    """Sounds at an address of the open internet."""

    optional: bool
    """Skip the source with a warning if it is not available."""
    licence: Spdx | None
    """SPDX expression of the sounds that no file of `licence_files` is about; null if it is not known."""
    licence_files: tuple[Glob, ...] = ()
    """Patterns of files that state licences: LICENSE, README.md, JSON with a key `license`. Each is about the sounds of
    its folder and those below; without it the licence is null."""
    root: Root
    """Folder that holds the sounds, removed from their paths; "" is the whole."""
    layout: Literal["kit", "folder", "one kit"]
    """Meaning of the folders: the first level are kits, every folder is a kit, or all sounds are one kit."""
    include: tuple[Glob, ...] = ("*",)
    """Patterns of the sounds under `root` to keep. `*` matches any characters, also `/`; case is ignored."""
    exclude: tuple[Glob, ...] = ()
    """Patterns of included sounds to leave out."""


class GitSource(AddressedSource):
    """One commit of a git repository, without hooks, submodules, filters or credentials."""

    kind: Literal["git"]
    repository: Address
    commit: Commit | None
    """Commit; null for the one that `drumspace fetch --record` recorded."""

    @property
    def package(self) -> str:
        """Name of the source in records."""
        return self.repository


class Download(Params):
    """A file at an address."""

    address: Address
    sha256: Sha256 | None
    """SHA-256 of the file; null for the one that `drumspace fetch --record` recorded."""


class UrlSource(AddressedSource, Download):
    """Archive at an address."""

    kind: Literal["url"]
    archive: Literal["zip", "tar"]
    """Format; a tar archive may be compressed by gzip, bzip2 or xz."""
    companions: dict[Name, Download] = Field(default_factory=dict)
    """Further files to download, such as licences, by the names under which they join the files of the archive."""

    @property
    def package(self) -> str:
        """Name of the source in records."""
        return self.address


class SynthSource(Params):
    """Sounds synthesised by the drum machine."""

    kind: Literal["synth"]
    seed: int = Field(ge=0)
    count: dict[str, Annotated[int, Field(ge=0, le=1_000_000)]]
    """Number of clips per class."""

    @field_validator("count")
    @classmethod
    def _classes(cls, count: dict[str, int]) -> dict[str, int]:
        unknown = sorted(set(count) - set(CLASSES))
        if unknown:
            raise ValueError(f"unknown class {', '.join(unknown)}; the classes are {', '.join(CLASSES)}")
        if not sum(count.values()):
            raise ValueError("all counts are 0: give a class a count of 1 or more")
        return count

    @property
    def optional(self) -> bool:
        """False: synthesis does not depend on anything that could be missing."""
        return False


Source = FolderSource | PipSource | NpmSource | DebSource | GitSource | UrlSource | SynthSource


class SourcesParams(RootModel[dict[Name, Annotated[Source, Field(discriminator="kind")]]]):
    """Sources by name, in the order of params.yaml."""

    model_config = ConfigDict(frozen=True)

    def items(self) -> ItemsView[str, Source]:
        """Iterate over names and sources."""
        return self.root.items()
