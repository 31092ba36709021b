"""Terms of naming rules, compiled for lookup: the matches in a name, of which overlapping ones yield to the longest."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from drumspace.dataset.ingest.naming_file import MAX_WORDS, TermRule
from drumspace.dataset.ingest.words import normalise

RuleT = TypeVar("RuleT", bound=TermRule)


@dataclass(frozen=True)
class Pattern(Generic[RuleT]):
    """One spelling of a term. `rank` is the priority of its file, 0 the highest; `rule` is None for an ignored word."""

    text: str
    open_left: bool
    open_right: bool
    rank: int
    rule: RuleT | None

    def spans(self, name: str) -> Iterator[tuple[int, int]]:
        """Iterate over the matches in a normalised name: start and end index."""
        start = name.find(self.text)
        while start >= 0:
            end = start + len(self.text)
            free_left = self.open_left or start == 0 or name[start - 1] == " "
            if free_left and (self.open_right or end == len(name) or name[end] == " "):
                yield start, end
            start = name.find(self.text, start + 1)

    @property
    def weight(self) -> tuple[int, int, bool]:
        """Sort key for overlapping matches: most letters first, then the rank of the file, then rules with `under`."""
        return -len(self.text.replace(" ", "")), self.rank, not (self.rule and self.rule.under)


@dataclass(frozen=True)
class Match(Generic[RuleT]):
    """A pattern at the indices `start` to `end` of a name; it overlaps no other match."""

    start: int
    end: int
    pattern: Pattern[RuleT]

    def covered(self, name: str) -> set[str]:
        """Words of `name` that the match covers whole, but for a plural's ending; empty if it starts inside a word."""
        ending = name[self.end :].partition(" ")[0]
        is_whole = self.start == 0 or name[self.start - 1] == " "
        return set(name[self.start : self.end + len(ending)].split()) if is_whole and ending in PLURALS else set()

    def overlaps(self, other: "Match") -> bool:
        """Return True if both matches share a letter of the name."""
        return self.start < other.end and other.start < self.end


PLURALS = ("", "s", "es", "n")
"""Endings of a word that make no difference."""


class TermIndex(Generic[RuleT]):
    """Terms of rules and ignored words."""

    def __init__(self) -> None:
        """Create an empty index; `add` fills it."""
        self._whole: dict[str, list[Pattern[RuleT]]] = defaultdict(list)
        self._open: list[Pattern[RuleT]] = []

    def add(self, terms: tuple[str, ...], rank: int, rule: RuleT | None) -> None:
        """Add every spelling of each term, with and without each space: 'hi hat' also matches 'hihat'."""
        for term in terms:
            words = normalise(term).split()
            for gaps in product(("", " "), repeat=len(words) - 1):
                text = "".join(gap + word for gap, word in zip(("", *gaps), words, strict=True))
                if normalise(text) != text:  # a normalised name never joins letters and digits
                    continue
                pattern = Pattern(text, term.startswith("*"), term.endswith("*"), rank, rule)
                if pattern.open_left or pattern.open_right:
                    self._open.append(pattern)
                else:
                    self._whole[text].append(pattern)

    def matches(self, name: str, chain: str, folder: bool = False) -> list[Match[RuleT]]:
        """Matches in a normalised `name` inside the folders `chain`, ignored words among them, the longest first.

        For the name of a folder, `chain` ends with it.
        """
        candidates = [
            Match(start, end, pattern)
            for pattern in self._open
            if pattern.text in name
            for start, end in pattern.spans(name)
        ]
        starts = [0, *(match.end() for match in re.finditer(" ", name))]
        for number, start in enumerate(starts):
            for stop in [*starts[number + 1 : number + MAX_WORDS], len(name) + 1]:
                candidates += [
                    Match(start, stop - 1, pattern) for pattern in self._whole.get(name[start : stop - 1], ())
                ]
        used: list[Match[RuleT]] = []
        for match in sorted(candidates, key=lambda item: (item.pattern.weight, item.start)):
            rule = match.pattern.rule
            if rule and not rule.applies(name, match.end, chain, folder):
                continue
            if not any(match.overlaps(former) for former in used):
                used.append(match)
        return used
