"""Renamed keys of params.yaml: names in former versions and present names."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from drumspace.io.settings import Location, read_yaml

FORMER_NAMES = Path(__file__).with_name("renamed.yaml")


@cache
def renamed_keys() -> dict[str, str]:
    """Former dotted key → present dotted key; `*` stands for any one part of a key, such as the name of a model."""
    names: dict[str, str] = read_yaml(FORMER_NAMES)["settings"]
    for former, present in list(names.items()):
        # If the key above has a new name too, the former key may occur under either name.
        parent = present.rpartition(".")[0]
        names.setdefault(f"{parent}.{former.rpartition('.')[2]}", present)
    return {former: present for former, present in names.items() if former != present}


def new_name(location: Location) -> str | None:
    """The present dotted key of a former one, or None if `location` is no former key."""
    parts = [str(part) for part in location]
    for former, present in renamed_keys().items():
        pattern = former.split(".")
        if len(pattern) == len(parts) and all(name in ("*", part) for name, part in zip(pattern, parts, strict=True)):
            stars = iter([part for name, part in zip(pattern, parts, strict=True) if name == "*"])
            return ".".join(next(stars, "*") if name == "*" else name for name in present.split("."))
    return None


def find_renamed(values: Any, location: Location = ()) -> Iterator[tuple[Location, str]]:
    """Location and present name of each former key in settings."""
    for key, value in values.items() if isinstance(values, dict) else ():
        child = (*location, key)
        name = new_name(child)
        if name:
            yield child, name
        yield from find_renamed(value, child)
