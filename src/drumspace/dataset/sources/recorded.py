"""Hashes recorded at the first download of what the settings give no hash for, in a file that is in git."""

import logging
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel, ValidationError
from ruamel.yaml import YAML

from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path
from drumspace.io.settings import read_yaml

log = logging.getLogger(__name__)
HEAD = """\
# Written by `drumspace fetch --record` at the first download: SHA-256 of each file and commit of each repository for
# which params.yaml has none. Another content is refused. To accept it, delete the line and record again.
"""


class _Hashes(RootModel[dict[str, Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]]]):
    """Content of the file: SHA-256 or commit by address."""


class RecordedHashes:
    """Recorded hashes by address."""

    def __init__(self, hashes: dict[str, str] | None = None, path: Path | None = None) -> None:
        """`path`: file that `add` writes to; None if nothing may be recorded."""
        self._hashes = dict(hashes or {})
        self._path = path

    @classmethod
    def load(cls, path: Path, recording: bool = False) -> "RecordedHashes":
        """Read the file `path`, empty if there is none. Raises UserError if it holds anything but hashes."""
        if not path.is_file():
            return cls({}, path if recording else None)
        try:
            hashes = _Hashes.model_validate(read_yaml(path)).root
        except ValidationError as error:
            address = error.errors()[0]["loc"][0]
            raise UserError(
                f"{path}: the value of {address} is neither a SHA-256 nor a commit: restore it with"
                f" `git checkout {path}`, or delete its line and run `drumspace fetch --record`."
            ) from None
        return cls(hashes, path if recording else None)

    @property
    def recording(self) -> bool:
        """Whether `add` may be called."""
        return self._path is not None

    def get(self, address: str) -> str | None:
        """Recorded hash of an address, None if it has none yet."""
        return self._hashes.get(address)

    def add(self, address: str, value: str) -> None:
        """Record a hash and write the file. Does nothing if the address has this hash already."""
        if self._path is None or self._hashes.get(address) == value:
            return
        self._hashes[address] = value
        with atomic_path(self._path) as temporary, temporary.open("w", encoding="utf-8") as file:
            file.write(HEAD)
            yaml = YAML()
            yaml.width = 1000
            yaml.dump(dict(sorted(self._hashes.items())), file)
        log.info("recorded %s for %s", value, address)
