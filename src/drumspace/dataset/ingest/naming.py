"""Labels from names: rules in YAML map the names of a sound to a class, `other` or nothing.

A name is split into words: "36-Pearl22KickOpen_HiHat" becomes "36 pearl 22 kick open hi hat". All terms of all rules
are searched in it; of overlapping matches the longest counts ("sidestick" hides "stick"); the remaining rules must
agree. The format of rules is described at the top of naming_rules.yaml.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from drumspace.io.settings import Params, ParamsError, line_of, load
from drumspace.taxonomy import CLASSES

DEFAULT_RULES = Path(__file__).with_name("naming_rules.yaml")
"""Rules included in the package."""

Give = Literal["kick", "snare", "hat", "crash", "ride", "clap", "shaker", "tom", "other", "nothing"]
EXTENSION = re.compile(r"\.(aiff?|aifc|au|flac|mp3|og[ag]|opus|raw|rf64|snd|w64|wave?)$", re.IGNORECASE)
MAX_WORDS = 6
"""Largest number of words in a term."""


@dataclass(frozen=True)
class Verdict:
    """Result of the naming rules: `label` is a class or None; `other` is True for a drum outside the classes.

    `rule` explains the result: the level that decided ("file" or "folder") and the rules that matched.
    """

    label: str | None = None
    other: bool = False
    rule: str = field(default="", compare=False)

    @classmethod
    def from_give(cls, give: str | None, rule: str = "") -> Self:
        """Build the verdict of a rule from its `give`; None counts as `nothing`."""
        return cls(give if give in CLASSES else None, give == "other", rule)


@lru_cache(maxsize=4096)
def normalise(name: str) -> str:
    """Split a name into lower-case words of letters or digits, joined by spaces: 'Hi-HatOpen2' → 'hi hat open 2'."""
    decomposed = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    separated = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})", " ", plain)  # kickDrum, TRSnare
    return " ".join(re.findall(r"[a-z]+|[0-9]+", separated.lower()))


def _term(text: str) -> str:
    if not re.fullmatch(r"\*?[a-z0-9]+( [a-z0-9]+)*\*?", text):
        raise ValueError("write lower-case letters and digits, one space between words, `*` only at the start or end")
    if len(normalise(text).split()) > MAX_WORDS:
        raise ValueError(f"write at most {MAX_WORDS} words")
    return text


def _folder_term(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+([ /][a-z0-9]+)*", text):
        raise ValueError("write lower-case letters and digits, one space between words, `/` between folders")
    return "/".join(normalise(folder) for folder in text.split("/"))


Term = Annotated[str, AfterValidator(_term)]
FolderTerm = Annotated[str, AfterValidator(_folder_term)]


class Rule(Params):
    """A naming rule; its keys are described at the top of naming_rules.yaml."""

    name: str
    give: Give
    names: tuple[Term, ...] = ()
    under: tuple[FolderTerm, ...] = ()
    code: bool = False
    folders_only: bool = False
    gives_way: tuple[Give | Literal["any"], ...] = ()
    gives_way_to_folder: bool = False

    @model_validator(mode="after")
    def _has_something_to_match(self) -> Self:
        if not self.names and not self.under:
            raise ValueError("a rule needs `names`, `under` or both")
        return self

    def yields_to(self, give: str) -> bool:
        """Return True if a rule with the result `give` overrides this one in the same name."""
        return give != self.give and ("any" in self.gives_way or give in self.gives_way)

    def applies(self, name: str, end: int, chain: str, folder: bool) -> bool:
        """Return True if a match that ends at index `end` of `name`, inside the folders `chain`, counts."""
        if folder and self.code and end != len(name):
            return False
        if self.folders_only and not folder:
            return False
        return not self.under or any(_contains(chain, folders) for folders in self.under)


class NamingFile(Params):
    """Section `naming` of a rules file."""

    rules: tuple[Rule, ...]
    ignore: tuple[Term, ...] = ()
    gm_keys: dict[Annotated[int, Field(ge=0, le=127)], Give | None] = Field(default_factory=dict)


@dataclass(frozen=True)
class Pattern:
    """One spelling of a term. `rank` is the priority of its file, 0 the highest; `rule` is None for an ignored word."""

    text: str
    open_left: bool
    open_right: bool
    rank: int
    rule: Rule | None

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


Hit = tuple[int, Rule]
"""Rank of a rule's file, and the rule that matched."""


class NamingRules:
    """Rules of one or more files, compiled for lookup."""

    def __init__(self, files: list[NamingFile]) -> None:
        """Compile the rules of `files`, in decreasing priority."""
        self._whole: dict[str, list[Pattern]] = defaultdict(list)
        self._open: list[Pattern] = []
        self._folder_rules: list[tuple[str, Hit]] = []
        self._gm_keys: dict[int, Give | None] = {}
        for rank, file in enumerate(files):
            self._gm_keys = {**file.gm_keys, **self._gm_keys}
            self._add(file.ignore, rank, None)
            for rule in file.rules:
                self._add(rule.names, rank, rule)
                if not rule.names:
                    self._folder_rules += [(folders, (rank, rule)) for folders in rule.under]

    @classmethod
    def load(cls, *paths: Path) -> Self:
        """Load the rules of `paths`, in decreasing priority, and DEFAULT_RULES with the lowest priority.

        Raises ParamsError (file, line, remedy) for an unknown key or class, or an invalid term.
        """
        ordered = [*(path for path in paths if path != DEFAULT_RULES), DEFAULT_RULES]
        return cls([_read(path) for path in ordered])

    def gm_key(self, key: int) -> Verdict:
        """Verdict for a General MIDI percussion key (0 to 127); nothing if no file lists the key."""
        return Verdict.from_give(self._gm_keys.get(key), f"gm key {key}")

    def verdict(self, path: str, instrument: str | None = None) -> Verdict:
        """Verdict from the names of a sound: those of file and instrument, then its folders, the nearest first.

        `path` is 'source/kit/…/file.ext'; `instrument` is the name in a drumkit.xml or SoundFont. The names of file
        and instrument are evaluated together: if they contradict each other, the verdict is nothing.
        """
        *folders, file = path.split("/")
        levels = [words for words in map(normalise, folders) if words]
        names = (EXTENSION.sub("", file), instrument or "")
        hits = [hit for name in names for hit in self._hits(normalise(name), "/".join(levels))]
        verdict, file_rules = _decide(hits, "file")
        if hits and not all(rule.gives_way_to_folder for rule in file_rules):
            return verdict
        for depth in range(len(levels), 0, -1):
            hits = self._hits(levels[depth - 1], "/".join(levels[:depth]), folder=True)
            if hits:
                folder_verdict, _ = _decide(hits, "folder")
                wins = not file_rules or (
                    folder_verdict.label and all(rule.yields_to(folder_verdict.label) for rule in file_rules)
                )
                return folder_verdict if wins else verdict
        return verdict

    def _add(self, terms: tuple[str, ...], rank: int, rule: Rule | None) -> None:
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

    def _hits(self, name: str, chain: str, folder: bool = False) -> list[Hit]:
        """Rules that match a normalised `name` inside the folders `chain`; for a folder, `chain` ends with it."""
        matches = [(start, end, pattern) for pattern in self._open for start, end in pattern.spans(name)]
        starts = [0, *(match.end() for match in re.finditer(" ", name))]
        for number, start in enumerate(starts):
            for stop in [*starts[number + 1 : number + MAX_WORDS], len(name) + 1]:
                matches += [(start, stop - 1, pattern) for pattern in self._whole.get(name[start : stop - 1], ())]
        hits = [hit for folders, hit in self._folder_rules if folder and _ends_with(chain, folders)]
        used_spans: list[tuple[int, int]] = []
        for start, end, pattern in sorted(matches, key=lambda item: (item[2].weight, item[0])):
            if pattern.rule and not pattern.rule.applies(name, end, chain, folder):
                continue
            if all(end <= used_start or start >= used_end for used_start, used_end in used_spans):
                used_spans.append((start, end))
                hits += [(pattern.rank, pattern.rule)] if pattern.rule else []
        return hits


def _decide(hits: list[Hit], level: str) -> tuple[Verdict, list[Rule]]:
    """Verdict of one level and the rules that lead to it.

    Only rules of the file with the highest priority count, except those that yield to others; if these rules
    disagree, the verdict is nothing.
    """
    best_rank = min((rank for rank, _ in hits), default=0)
    rules = [rule for rank, rule in hits if rank == best_rank]
    winning = [rule for rule in rules if not any(rule.yields_to(other.give) for other in rules)]
    gives = {rule.give for rule in winning}
    names = f"{level}: {' + '.join(sorted({rule.name for rule in winning or rules}))}" if rules else ""
    return Verdict.from_give(gives.pop() if len(gives) == 1 else None, names), winning


def _separated(chain: str) -> str:
    return f" {chain} ".replace("/", " / ")


def _contains(chain: str, folders: str) -> bool:
    """Return True if the path `chain` ('foxdot/snd/o/upper') contains the path `folders` ('snd/o') in whole words."""
    return _separated(folders) in _separated(chain)


def _ends_with(chain: str, folders: str) -> bool:
    """Return True if the path `chain` ends with the path `folders`, in whole words."""
    return _separated(chain).endswith(_separated(folders))


def _read(path: Path) -> NamingFile:
    """Read a rules file. Raises ParamsError, also for a term that occurs twice."""
    file = load(path, "naming", NamingFile)
    seen = dict.fromkeys(file.ignore, "ignore")
    for number, rule in enumerate(file.rules):
        for index, term in enumerate(rule.names if not rule.under else ()):
            if term in seen:
                line = line_of(path, ("naming", "rules", number, "names", index))
                raise ParamsError(
                    f"{path}, line {line}: the term `{term}` of the rule `{rule.name}` is already in "
                    f"`{seen[term]}`: keep one of the two."
                )
            seen[term] = rule.name
    return file
