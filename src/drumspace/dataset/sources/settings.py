"""The `sources` section of params.yaml: where sounds come from, each by its name."""

from collections.abc import ItemsView
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, RootModel, field_validator, model_validator

from drumspace.io.settings import Params
from drumspace.taxonomy import CLASSES

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=100)]
"""A source's name: it becomes a folder of data/raw."""
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+~:_-]*$")]
"""Of a package; quote it in YAML where it looks like a number."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""Of the archive that the client downloads."""
Glob = Annotated[str, Field(min_length=1)]


class FolderSource(Params):
    """The user's own files. They stay where they are: nothing is copied."""

    kind: Literal["folder"]
    path: str = Field(min_length=1)
    layout: Literal["kit", "source/kit", "folder"]
    """Whether the first level of folders are kits, or sources that hold kits; or every folder is a kit of its own."""
    labels: str | None
    """A CSV (path, label) inside the folder; null for none."""
    optional: bool
    licence: str | None


class PackageSource(Params):
    """A package that a client of this machine fetches by its name."""

    package: str
    sha256: dict[Version, Sha256]
    """Of each version that is known."""
    accept_unknown: bool
    """Whether a version that is not in `sha256` may be used too (its hash is recorded)."""
    optional: bool
    """Whether to go on without it, loudly, where it can't be had."""
    licence: str | None
    root: str = Field(pattern=r"^$|^[^/].*[^/]$")
    """Folder of the archive to take files from; "" for all of it. It is cut off the paths of what is kept."""
    layout: Literal["kit", "folder"] = "kit"
    """Whether each folder of the first level is a kit, or each folder that holds sounds."""
    include: tuple[Glob, ...] = ("*",)
    """Of the sounds under `root`, those to keep. `*` stands for any characters, `/` too; case is ignored."""
    exclude: tuple[Glob, ...] = ()
    """Of those, the ones to leave out."""


class PinnedPackageSource(PackageSource):
    """A package of which one version is asked for."""

    version: Version

    @model_validator(mode="after")
    def _version_is_known(self) -> Self:
        if self.version not in self.sha256 and not self.accept_unknown:
            raise ValueError(
                f"version {self.version} has no SHA-256: add it under `sha256`, or set `accept_unknown: true`"
            )
        return self


class PipSource(PinnedPackageSource):
    """A Python package. pip runs the setup.py of a source archive, but checks a known hash first."""

    kind: Literal["pip"]
    package: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")


class NpmSource(PinnedPackageSource):
    """A package of npm. Nothing of it runs."""

    kind: Literal["npm"]
    package: str = Field(pattern=r"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$")


class DebSource(PackageSource):
    """A Debian package, unpacked and never installed."""

    kind: Literal["deb"]
    package: str = Field(pattern=r"^[a-z0-9][a-z0-9.+-]+$")
    version: Version | None = None
    """null for the one that this machine's release has."""


class SynthSource(Params):
    """Sounds of the drum machine."""

    kind: Literal["synth"]
    seed: int = Field(ge=0)
    count: dict[str, Annotated[int, Field(ge=0, le=1_000_000)]]
    """Clips of each class."""

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
        """It needs nothing that could be missing."""
        return False


Source = FolderSource | PipSource | NpmSource | DebSource | SynthSource


class SourcesParams(RootModel[dict[Name, Annotated[Source, Field(discriminator="kind")]]]):
    """All sources by name, in the order of params.yaml."""

    model_config = ConfigDict(frozen=True)

    def items(self) -> ItemsView[str, Source]:
        """Name and source."""
        return self.root.items()
