"""Titles at the start of file names: what nearly all names of a folder begin with is no name of a sound."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import takewhile

from drumspace.dataset.ingest.naming import EXTENSION, NamingRules, Verdict
from drumspace.dataset.ingest.words import normalise
from drumspace.taxonomy import CLASSES

NEARLY_ALL = 0.9
"""Share of a folder's names that have a shared prefix."""
MIN_NAMES = 3
"""Least number of names in a folder: two names share a start by chance."""
MIN_CLASSES = 2
"""Least number of classes, other than the prefix's own, in the rest of the names for the prefix to be a title."""

_BOUNDARY = re.compile(r"(?<=[\W_])(?=[^\W_])|(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[^\W\d])|(?<=[^\W\d_])(?=\d)")


def without_shared_prefixes(paths: Iterable[str], rules: NamingRules) -> dict[str, str]:
    """Map each path to itself without the title that nearly all file names of its folder begin with.

    A prefix is a title if the rest of most names has classes that contradict it ("Cr8kBass", "Cr8kChat": no crash), if
    more names have a result without it, or if it holds one of the rules' `title_words`. "Snare 1", "Snare 2" keep
    their prefix, also beside "Snare Clap" and "Snare Tom".
    """
    folders: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        folders[path.rpartition("/")[0]].append(path)
    names: dict[str, str] = {}
    for folder, members in folders.items():
        prefix = _title(folder, [path.rpartition("/")[2] for path in members], rules)
        for path in members:
            file = path.rpartition("/")[2]
            starts_so = prefix and _fold(file).startswith(prefix)
            names[path] = f"{folder}/{file[len(prefix) :]}" if starts_so else path
    return names


def _title(folder: str, files: list[str], rules: NamingRules) -> str:
    """Lower-case prefix of `files` that is a title, or ''."""
    shared = _shared_prefix([EXTENSION.sub("", file) for file in files])
    if not shared:
        return ""
    members = [file for file in files if _fold(file).startswith(shared)]
    whole = [rules.own_verdict(f"{folder}/{file}") for file in members]
    boundaries = [cut.start() for cut in _BOUNDARY.finditer(members[0]) if cut.start() <= len(shared)]
    best: tuple[int, str, list[Verdict]] = (-1, "", [])
    for end in sorted({*boundaries[-1:], len(shared)}):  # at a boundary of words, unless the title runs on
        rest = [rules.own_verdict(f"{folder}/{file[end:]}") for file in members]
        if _decided(rest) > best[0]:
            best = (_decided(rest), shared[:end], rest)
    decided, prefix, rest = best
    own = rules.own_verdict(f"{folder}/{prefix}")
    classes = Counter(verdict.label for verdict in rest if verdict.label in CLASSES and verdict.label != own.label)
    is_title = (
        decided > _decided(whole)
        or (own.label is not None and len(classes) >= MIN_CLASSES and 2 * decided >= len(members))
        or bool(rules.title_words & set(normalise(prefix).split()))
    )
    return prefix if is_title else ""


def _shared_prefix(names: list[str]) -> str:
    """Longest lower-case prefix that NEARLY_ALL of `names` share; '' for fewer than MIN_NAMES names."""
    if len(names) < MIN_NAMES:
        return ""
    ordered = sorted(map(_fold, names))
    count = max(MIN_NAMES, math.ceil(NEARLY_ALL * len(ordered)))
    prefixes = (_common_start(first, last) for first, last in zip(ordered, ordered[count - 1 :], strict=False))
    return max(prefixes, key=len, default="")


def _common_start(first: str, last: str) -> str:
    return "".join(left for left, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))


def _fold(name: str) -> str:
    """A name in lower case, at the same length: some letters have two small ones."""
    return "".join(character.lower() if len(character.lower()) == 1 else character for character in name)


def _decided(verdicts: list[Verdict]) -> int:
    return sum(verdict.label is not None or verdict.other for verdict in verdicts)
