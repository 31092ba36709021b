"""Strict reading of params.yaml: each wing owns the model of its own section."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from drumspace.errors import UserError


class ParamsError(UserError):
    """Something in params.yaml has to be changed; the message says what and in which line."""


class Params(BaseModel):
    """Base of every section: unknown keys, wrong types and NaN are errors; instances are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False, protected_namespaces=())


Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path) -> CommentedMap:
    """The file as a mapping that knows its line numbers. Raises ParamsError where it is no YAML mapping."""
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParamsError(f"{path} does not exist: restore it with `git checkout {path.name}`.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, CommentedMap):
        raise ParamsError(f"{path} must hold a mapping of sections, such as `audio:`.")
    return tree


def line_of(tree: object, location: tuple[int | str, ...]) -> int | None:
    """Line (from 1) of the deepest part of `location` (keys and indices) that `tree` holds."""
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


def plain(tree: Any) -> Any:
    """`tree` without ruamel's types: dicts, lists and scalars only."""
    if isinstance(tree, Mapping):
        return {str(key): plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    if isinstance(tree, bool) or tree is None:
        return tree
    for kind in (int, float, str):
        if isinstance(tree, kind):
            return kind(tree)
    return tree


def parse(path: Path, tree: CommentedMap, section: str, model: type[Model], **given: Any) -> Model:
    """`tree[section]` as `model`; `section` may be dotted, such as 'classify.models.svm'.

    `given`: fields that are set elsewhere.

    Raises ParamsError: one paragraph that names file, line, key and remedy.
    """
    location = tuple(section.split("."))
    value: Any = tree
    for part in location:
        if not isinstance(value, Mapping) or part not in value:
            raise ParamsError(f"{path}: the section `{section}` is missing; add it (git has the default).")
        value = value[part]
    try:
        return model.model_validate({**plain(value), **given})
    except ValidationError as error:
        problems = []
        for item in error.errors():
            where = (*location, *item["loc"])
            line = line_of(tree, where)
            place = f"line {line}" if line else "the file"
            name = ".".join(str(part) for part in where)
            if item["type"] == "extra_forbidden":
                remedy = f"unknown key `{name}`: remove it or correct its spelling"
            elif item["type"] == "missing":
                remedy = f"`{name}` is missing: add it"
            else:
                message = item["msg"].removeprefix("Value error, ")
                remedy = f"`{name}` is {item['input']!r}: {message[:1].lower()}{message[1:]}"
            problems.append(f"{place}: {remedy}")
        raise ParamsError(f"{path}, " + "; ".join(problems) + ".") from None


def load(path: Path, section: str, model: type[Model], **given: Any) -> Model:
    """One section of the params file at `path`, checked. Raises ParamsError."""
    return parse(path, read_yaml(path), section, model, **given)
