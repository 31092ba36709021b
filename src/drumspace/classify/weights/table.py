"""The table of published weights: weights/table.yaml."""

from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from ruamel.yaml import YAML

from drumspace.io.settings import Params, plain

Sha256 = Field(pattern="^[0-9a-f]{64}$")


class Package(Params):
    """A Python package that carries the file."""

    package: str
    version: str
    sha256: str = Sha256
    """Of the package's archive."""
    member: str
    """The file's path in it."""


class Row(Params):
    """One file of weights."""

    id: str = Field(pattern="^[a-z0-9][a-z0-9._-]*$")
    models: tuple[str, ...] = Field(min_length=1)
    weights: Literal["imagenet", "audioset", "sfx"]
    """What it was trained on."""
    file: str
    bytes: int | None = Field(gt=0)
    sha256: str | None = Sha256
    licence: str
    input: str
    inside: str | int | None
    """Where in the file the state dict is: a key, a position, or the whole."""
    url: str | None = None
    pip: Package | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.url is None) == (self.pip is None):
            raise ValueError("needs either `url` or `pip`")
        if self.sha256 is None and not self.file.endswith(".safetensors"):
            raise ValueError("only safetensors may come without a known SHA-256: other files can hold code")
        return self

    @property
    def address(self) -> str:
        """Where it comes from, for people."""
        return self.url or (f"the package {self.pip.package} {self.pip.version}" if self.pip else "")


@cache
def rows() -> tuple[Row, ...]:
    """All rows."""
    path = Path(__file__).parent / "table.yaml"
    return tuple(Row.model_validate(plain(row)) for row in YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def row_of(model: str) -> Row | None:
    """The row whose weights a model starts from; None for a model trained from scratch."""
    return next((row for row in rows() if model in row.models), None)
