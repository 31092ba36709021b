"""Settings in YAML: files read once a process, sections checked by pydantic models, errors that name file and line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from drumspace.errors import UserError

Location = tuple[int | str, ...]
"""Keys and list indices that lead to a value, such as ("classify", "run", 0)."""


class ParamsError(UserError):
    """A settings file has to be changed; the message names the file, the line and the remedy."""


class Params(BaseModel):
    """Base class of settings models: unknown keys, wrong types and NaN are errors; instances are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False, protected_namespaces=())


Model = TypeVar("Model", bound=BaseModel)

_CACHE: dict[Path, tuple[tuple[int, int], dict[str, Any]]] = {}


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping as dicts with text keys, lists and scalars.

    Each version of a file (by its time of change and size) is parsed once a process; callers get a copy that they may
    change. Raises ParamsError if the file is missing or holds no YAML mapping.
    """
    key = path.absolute()
    try:
        status = path.stat()
        version = (status.st_mtime_ns, status.st_size)
        if key not in _CACHE or _CACHE[key][0] != version:
            _CACHE[key] = (version, mapping_in(path, YAML(typ="safe").load(path.read_text(encoding="utf-8"))))
    except FileNotFoundError:
        raise ParamsError(f"{path} does not exist: restore it with `git checkout {path.name}`.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    copy: dict[str, Any] = plain(_CACHE[key][1])
    return copy


def mapping_in(path: Path, tree: Any) -> dict[str, Any]:
    """The content of a settings file as plain types. Raises ParamsError if it is no mapping."""
    if not isinstance(tree, Mapping):
        raise ParamsError(f"{path} must hold a mapping of sections, such as `audio:`.")
    content: dict[str, Any] = plain(tree)
    return content


def read_lines(path: Path) -> CommentedMap:
    """Read a YAML mapping with its line numbers, comments and anchors; several times slower than read_yaml."""
    return YAML(typ="rt").load(path.read_text(encoding="utf-8"))


def line_in(tree: object, location: Location) -> int | None:
    """Line number (from 1) of the deepest part of `location` that a tree of read_lines holds."""
    line = None
    for part in location:
        try:
            if isinstance(tree, CommentedMap):
                line = tree.lc.key(part)[0] + 1
            elif isinstance(tree, CommentedSeq):
                line = tree.lc.item(part)[0] + 1
            else:
                break
            tree = tree[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line


def line_of(path: Path, location: Location) -> int | None:
    """Line number (from 1) of the deepest part of `location` that the file at `path` holds."""
    return line_in(read_lines(path), location)


def plain(tree: Any) -> Any:
    """A deep copy of `tree` with dicts (of text keys), lists and scalars only: without the types of a YAML library."""
    if isinstance(tree, Mapping):
        return {str(key): plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    if isinstance(tree, bool) or tree is None:
        return tree
    for scalar in (int, float, str):
        if isinstance(tree, scalar):
            return scalar(tree)
    return tree


def problems(error: ValidationError, prefix: Location = ()) -> list[tuple[Location, str]]:
    """Location in the file and remedy of each error that pydantic reports; `prefix` leads to what was validated."""
    found = []
    for item in error.errors():
        location = (*prefix, *item["loc"])
        name = ".".join(str(part) for part in location)
        if item["type"] == "extra_forbidden":
            remedy = f"unknown key `{name}`: remove it or correct its spelling"
        elif item["type"] == "missing":
            remedy = f"`{name}` is missing: add it"
        else:
            message = item["msg"].removeprefix("Value error, ")
            remedy = f"`{name}` is {item['input']!r}: {message[:1].lower()}{message[1:]}"
        found.append((location, remedy))
    return found


def load(path: Path, section: str, model: type[Model], **fields: Any) -> Model:
    """Read one section of a settings file; `section` may be dotted, such as 'classify.models.svm'.

    `fields` are added to it: values that stand elsewhere. Raises ParamsError with file, line, key and remedy.
    """
    location = tuple(section.split("."))
    value: Any = read_yaml(path)
    for part in location:
        if not isinstance(value, Mapping) or part not in value:
            raise ParamsError(f"{path}: the section `{section}` is missing; add it (git has the default).")
        value = value[part]
    try:
        return model.model_validate({**value, **fields})
    except ValidationError as error:
        tree = read_lines(path)
        messages = []
        for full_location, remedy in problems(error, location):
            line = line_in(tree, full_location)
            messages.append(f"line {line}: {remedy}" if line else remedy)
        raise ParamsError(f"{path}, " + "; ".join(messages) + ".") from None
