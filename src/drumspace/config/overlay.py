"""Overlays: YAML files that hold only the differences to params.yaml, merged into it with comments and anchors kept.

An overlay is a mapping with the structure of params.yaml. Mappings are merged key by key; a list or a scalar replaces
the former one. Tags express other changes:

    key: !replace {...}        the whole mapping is replaced instead of merged
    key: !remove               the key is removed; if an anchor has it too (`<<: *training`), the anchor's value applies
    key: !new {...}            a key that params.yaml lacks, such as one more discriminator
    key: !like:other {...}     a new key: a copy of the neighbouring key `other` with these changes

A change under an anchor (`training: &training`) changes every mapping that refers to it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import YAMLError
from ruamel.yaml.mergevalue import MergeValue
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.tag import Tag

from drumspace.config.renamed import new_name
from drumspace.io.settings import Location, ParamsError, lines_to, plain, read_yaml


class _Representer(RoundTripRepresenter):
    """Writes None as `null`, as params.yaml does."""

    def represent_none(self, data: None) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _Representer.represent_none)


@dataclass(frozen=True)
class Overlay:
    """Changes to params.yaml and their origin for messages: the path of a file, or the text of a `--set` option."""

    origin: str
    tree: CommentedMap
    is_option: bool = False

    def position(self, line: int | None) -> str:
        """Origin and line of a key, as messages name it."""
        return self.origin if line is None else f"{self.origin}, line {line}"


def read_overlay(path: Path) -> Overlay:
    """Read an overlay file. Raises ParamsError if it is missing or holds no YAML mapping."""
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParamsError(f"the overlay {path} does not exist: correct its name.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, CommentedMap):
        raise ParamsError(f"{path} must hold a mapping of sections, such as `classify:`.")
    return Overlay(str(path), tree)


def parse_assignment(text: str) -> Overlay:
    """Read a `--set` option such as 'classify.training.steps=500'; the value is YAML. Raises ParamsError."""
    key, equals, value = text.partition("=")
    if not equals or not all(key.split(".")):
        raise ParamsError(f"--set {text}: write it as section.key=value, such as classify.training.steps=500.")
    try:
        tree: Any = YAML(typ="rt").load(value)
    except YAMLError as error:
        raise ParamsError(f"--set {text}: the value is not valid YAML: {' '.join(str(error).split())}") from None
    for part in reversed(key.split(".")):
        tree = CommentedMap({part: tree})
    return Overlay(f"--set {text}", tree, is_option=True)


class Merged:
    """A settings file with overlays merged into it; keeps the origin of every value for messages."""

    def __init__(self, path: Path, overlays: Iterable[Overlay] = ()) -> None:
        """Merge `overlays` in their order. Raises ParamsError for a key or a structure that the file does not have."""
        read_yaml(path)  # raises if the file is missing or no mapping
        self._path = path
        self._yaml = YAML(typ="rt")
        self._yaml.Representer = _Representer
        self._yaml.preserve_quotes, self._yaml.width = True, 120
        self._yaml.indent(mapping=2, sequence=4, offset=2)
        self._tree: CommentedMap = self._yaml.load(path.read_text(encoding="utf-8"))
        self._owners: dict[int, Location] = {}
        self._changes: dict[tuple[int, str], tuple[Overlay, int | None]] = {}
        self._name_owners(self._tree, ())
        for overlay in overlays:
            self._merge(self._tree, overlay.tree, (), overlay)

    def text(self) -> str:
        """The complete settings as YAML."""
        stream = StringIO()
        self._yaml.dump(self._tree, stream)
        # ruamel puts a comment that follows an anchor on a line of its own.
        return re.sub(r"([&*]\w+)\n +#", r"\1   #", stream.getvalue())

    def values(self) -> dict[str, Any]:
        """The complete settings as plain types, anchors resolved."""
        # ruamel's trees keep the values of anchors from before a change, but write the changed ones.
        values: dict[str, Any] = plain(YAML(typ="safe").load(self.text()))
        return values

    def position(self, location: Location) -> tuple[str, int | None]:
        """File and line of a value, or of the deepest part of its location that exists."""
        origin, line, overlay = str(self._path), None, None
        for node, key, key_line in lines_to(self._tree, location):
            if (id(node), str(key)) in self._changes:
                overlay, line = self._changes[id(node), str(key)]
                origin = overlay.origin
            else:
                line = key_line or line
        return origin, None if overlay and overlay.is_option else line

    def _name_owners(self, node: Any, location: Location) -> None:
        """Record the first location of each mapping; every other location is an alias."""
        if isinstance(node, CommentedMap) and id(node) not in self._owners:
            self._owners[id(node)] = location
            for key, value in node.non_merged_items():
                self._name_owners(value, (*location, key))

    def _merge(self, node: CommentedMap, changes: CommentedMap, location: Location, overlay: Overlay) -> None:
        for key, value in changes.items():
            line = None if overlay.is_option else changes.lc.key(key)[0] + 1
            child = (*location, str(key))
            tag = _tag(value)
            if tag == "!new" or tag.startswith("!like:"):
                self._add(node, str(key), value, tag, child, overlay, line)
                continue
            if key not in node:
                self._refuse_unknown(node, child, overlay, line)
            if tag == "!remove":
                if key not in dict(node.non_merged_items()):
                    _refuse(overlay, line, f"`{_dotted(child)}` comes from an anchor and cannot be removed here")
                del node[key]
                continue
            if tag not in ("", "!replace"):
                _refuse(overlay, line, f"unknown tag {tag}; the tags are !replace, !remove, !new and !like:KEY")
            former = node[key]
            if isinstance(former, CommentedMap) and not isinstance(value, CommentedMap):
                keys = ", ".join(map(str, former))
                _refuse(overlay, line, f"`{_dotted(child)}` is {plain(value)!r}, but must be a mapping of {keys}")
            if isinstance(value, CommentedMap) and former is not None and not isinstance(former, CommentedMap):
                _refuse(
                    overlay, line, f"`{_dotted(child)}` is a mapping, but must be a value such as {plain(former)!r}"
                )
            if isinstance(value, CommentedMap) and isinstance(former, CommentedMap) and not tag:
                self._merge(self._own(node, key, child), value, child, overlay)
            else:
                self._set(node, str(key), _untagged(value), overlay, line)

    def _own(self, node: CommentedMap, key: str, location: Location) -> CommentedMap:
        """The mapping at `location`; if it is an alias, or comes from an anchor, a new one that refers to it."""
        former: CommentedMap = node[key]
        if self._owners.setdefault(id(former), location) == location:
            return former
        reference = MergeValue()
        reference.append(former)
        reference.merge_pos = 0
        own = CommentedMap()
        own.add_yaml_merge(reference)
        own.fa.set_flow_style()
        self._owners[id(own)] = location
        node[key] = own
        return own

    def _add(
        self, node: CommentedMap, key: str, value: Any, tag: str, child: Location, overlay: Overlay, line: int | None
    ) -> None:
        if key in node:
            _refuse(overlay, line, f"`{_dotted(child)}` is not new: params.yaml has it; leave {tag} out")
        if tag == "!new":
            self._set(node, key, _untagged(value), overlay, line)
            return
        other = tag.removeprefix("!like:")
        if other not in node:
            neighbours = ", ".join(map(str, node))
            _refuse(
                overlay, line, f"`{_dotted(child)}` is to be like `{other}`, which is not there; there are {neighbours}"
            )
        values: Any = self.values()
        for part in (*child[:-1], other):
            values = values[part]
        copy = _copy(values)
        self._set(node, key, copy, overlay, line)
        self._name_owners(copy, child)
        self._merge(copy, value, child, overlay)

    def _set(self, node: CommentedMap, key: str, value: Any, overlay: Overlay, line: int | None) -> None:
        node[key] = value
        self._changes[id(node), key] = (overlay, line)

    def _refuse_unknown(self, node: CommentedMap, location: Location, overlay: Overlay, line: int | None) -> NoReturn:
        renamed = new_name(location)
        if renamed:
            _refuse(overlay, line, f"`{_dotted(location)}` is now called `{renamed}`: rename it")
        suggestions = get_close_matches(str(location[-1]), map(str, node), n=3, cutoff=0.5)
        hint = (
            f"did you mean {' or '.join(f'`{name}`' for name in suggestions)}?"
            if suggestions
            else f"there are {', '.join(node)}"
        )
        _refuse(overlay, line, f"params.yaml has no key `{_dotted(location)}`; {hint} (a new key is tagged !new)")


def _tag(value: Any) -> str:
    """The tag of a value, such as "!new", or "" for none."""
    return str(getattr(getattr(value, "tag", None), "value", None) or "")


def _untagged(value: Any) -> Any:
    """A value without its tag: the number 3 of `!new 3`."""
    if isinstance(value, TaggedScalar):
        return YAML(typ="rt").load(str(value.value))
    if _tag(value):
        delattr(value, Tag.attrib)
    return value


def _copy(value: Any) -> Any:
    """A plain value as a tree without line numbers."""
    if isinstance(value, dict):
        return CommentedMap({key: _copy(item) for key, item in value.items()})
    if isinstance(value, list):
        copy = CommentedSeq([_copy(item) for item in value])
        copy.fa.set_flow_style()
        return copy
    return value


def _dotted(location: Location) -> str:
    return ".".join(map(str, location))


def _refuse(overlay: Overlay, line: int | None, problem: str) -> NoReturn:
    raise ParamsError(f"{overlay.position(line)}: {problem}.")
