"""Settings in YAML: files read once a process, sections checked by pydantic models, errors that name file and line."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
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


def lines_to(tree: object, location: Location) -> Iterator[tuple[CommentedMap | CommentedSeq, int | str, int | None]]:
    """Follow `location` into a tree of read_lines: each collection, the key or index in it, and that key's line.

    Lines count from 1; a value that was not read from a file has None. The walk ends at the first part that the tree
    lacks. A key that comes from an anchor has the line where the anchor holds it.
    """
    for part in location:
        if isinstance(tree, CommentedMap) and part in tree:
            sources = [tree, *(source for source in tree.merge if part in source)]
            owner = next((node for node in sources if part in (node.lc.data or {})), None)
        elif isinstance(tree, CommentedSeq) and isinstance(part, int) and part < len(tree):
            owner = tree
        else:
            return
        position = None
        if owner is not None and owner.lc.data:
            position = owner.lc.key(part) if isinstance(owner, CommentedMap) else owner.lc.item(part)
        yield tree, part, position[0] + 1 if position else None
        tree = tree[part]


def line_in(tree: object, location: Location) -> int | None:
    """Line number (from 1) of the deepest part of `location` that a tree of read_lines holds."""
    lines = [line for _, _, line in lines_to(tree, location) if line]
    return lines[-1] if lines else None


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


@dataclass(frozen=True)
class Problem:
    """A fault in settings: its location and what to do about it."""

    location: Location
    kind: str
    """pydantic's type of the error, such as "missing"; "problem" for those of `refuse`."""
    remedy: str


def problem_at(location: Location, message: str) -> InitErrorDetails:
    """An error of a validator at a location relative to what it validates."""
    return InitErrorDetails(type=PydanticCustomError("problem", message), loc=location, input=None)


def refuse(problems: Iterable[tuple[Location, str]]) -> None:
    """Raise a ValidationError with all `problems`: location and message of each. Does nothing if there is none."""
    errors = [problem_at(location, message) for location, message in problems]
    if errors:
        raise ValidationError.from_exception_data("settings", errors)


def nested_errors(error: ValidationError, prefix: Location) -> list[InitErrorDetails]:
    """The errors of a part that was validated by itself, as errors of the whole; `prefix` leads to the part."""
    return [
        InitErrorDetails(
            type=PydanticCustomError("problem", item["msg"]) if item["type"] == "problem" else item["type"],
            loc=(*prefix, *item["loc"]),
            input=item["input"],
            ctx=item.get("ctx", {}),
        )
        for item in error.errors()
    ]


def problems(error: ValidationError, values: Any, prefix: Location = ()) -> list[Problem]:
    """Location in the file and remedy of each error that pydantic found in `values`, to which `prefix` leads."""
    faults = []
    for item in error.errors():
        location = (*prefix, *_without_tags(item["loc"], values))
        name = ".".join(str(part) for part in location)
        context = item.get("ctx", {})
        message = item["msg"].removeprefix("Value error, ")
        match item["type"]:
            case "problem":
                remedy = message
            case "extra_forbidden":
                remedy = f"unknown key `{name}`: remove it or correct its spelling"
            case "missing":
                remedy = f"`{name}` is missing: add it"
            case "union_tag_not_found":
                key = context["discriminator"].strip("'")
                remedy = f"`{name}.{key}` is missing: add it"
            case "union_tag_invalid":
                key = context["discriminator"].strip("'")
                remedy = f"`{name}.{key}` is '{context['tag']}': use one of {context['expected_tags']}"
                location = (*location, key)
            case _ if isinstance(item["input"], Mapping):
                remedy = f"`{name}`: {message[:1].lower()}{message[1:]}"
            case _:
                remedy = f"`{name}` is {item['input']!r}: {message[:1].lower()}{message[1:]}"
        faults.append(Problem(location, item["type"], remedy))
    return faults


def _without_tags(location: Location, values: Any) -> Location:
    """A location of pydantic without the tags of discriminated unions, which no file holds."""
    parts: list[int | str] = []
    for part in location:
        if isinstance(values, Mapping) and part not in values and part in values.values() and "kind" in values:
            continue
        parts.append(part)
        is_inside = isinstance(values, Mapping) and part in values
        is_index = isinstance(values, list) and isinstance(part, int) and part < len(values)
        values = values[part] if is_inside or is_index else None
    return tuple(parts)


def describe(faults: Iterable[Problem], position: Callable[[Location], tuple[str, int | None]]) -> str:
    """One paragraph on all problems, each after its file and line, which `position` gives.

    Values that several keys take from one anchor share a line: their problem is named once.
    """
    remedies: dict[tuple[str, int | None, str], str] = {}
    for problem in faults:
        name = ".".join(str(part) for part in problem.location)
        remedies.setdefault((*position(problem.location), problem.remedy.replace(name, "")), problem.remedy)
    sentences, last_file = [], ""
    for (file, line, _), remedy in remedies.items():
        source_line = ", ".join(([file] if file != last_file else []) + ([f"line {line}"] if line else []))
        sentences.append(f"{source_line}: {remedy}" if source_line else remedy)
        last_file = file
    return "; ".join(sentences) + "."


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

        def position(location: Location) -> tuple[str, int | None]:
            return str(path), line_in(tree, location)

        raise ParamsError(describe(problems(error, value, location), position)) from None
