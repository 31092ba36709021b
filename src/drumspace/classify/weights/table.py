"""The table of published weights: weights/table.yaml."""

from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from ruamel.yaml import YAML

from drumspace.io.settings import Params, plain

Sha256 = Field(pattern="^[0-9a-f]{64}$")


class Package(Params):
    """Python package that contains a file of weights."""

    package: str
    version: str
    sha256: str = Sha256
    """SHA-256 of the package's archive."""
    member: str
    """Path of the file in the archive."""


class Row(Params):
    """One file of weights."""

    id: str = Field(pattern="^[a-z0-9][a-z0-9._-]*$")
    models: tuple[str, ...] = Field(min_length=1)
    weights: Literal["imagenet", "audioset", "sfx"]
    """Data set of the pretraining."""
    file: str
    bytes: int | None = Field(gt=0)
    sha256: str | None = Sha256
    md5: str | None = Field(default=None, pattern="^[0-9a-f]{32}$")
    """The publisher's MD5, for a file whose SHA-256 is unknown until it is first fetched."""
    licence: str
    input: str
    inside: str | int | None
    """Key or index of the state dict in the file; null if the file is the state dict."""
    url: str | None = None
    pip: Package | None = None

    @model_validator(mode="after")
    def _check_origin(self) -> Self:
        if (self.url is None) == (self.pip is None):
            raise ValueError("needs either `url` or `pip`")
        if self.sha256 is None and self.md5 is None and not self.file.endswith(".safetensors"):
            raise ValueError("only safetensors files may lack a hash: files of other formats can hold code")
        return self

    @property
    def address(self) -> str:
        """Origin of the file, for messages."""
        return self.url or (f"the package {self.pip.package} {self.pip.version}" if self.pip else "")


@cache
def rows() -> tuple[Row, ...]:
    """All rows of table.yaml."""
    path = Path(__file__).parent / "table.yaml"
    return tuple(Row.model_validate(plain(row)) for row in YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def row_of(model: str) -> Row | None:
    """Row of the weights that `model` starts from; None for a model trained from scratch."""
    return next((row for row in rows() if model in row.models), None)
