"""Labels from names: rules in YAML map the names of a sound to a class, `other` or nothing.

All terms of all rules are searched in a name's words; of overlapping matches the longest counts ("sidestick" hides
"stick"); the remaining rules must agree. The name of a folder counts if a drum's name stands alone in it: a title of
a pack ("Crash Kit", "80s Drums") says nothing about its sounds. naming_rules.yaml describes the rules.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from drumspace.dataset.ingest.details import DetailRules
from drumspace.dataset.ingest.naming_file import Give, NamingFile, Rule, ends_with, read_naming_file
from drumspace.dataset.ingest.terms import TermIndex
from drumspace.dataset.ingest.words import normalise
from drumspace.taxonomy import CLASSES, DETAILS

DEFAULT_RULES = Path(__file__).with_name("naming_rules.yaml")
"""Rules included in the package."""

EXTENSION = re.compile(
    r"\.(aiff?|aifc|au|flac|mp3|og[ag]|opus|raw|rf64|snd|w64|wave?|bwf|caf|m4a|wv|8svx)$", re.IGNORECASE
)
SOUND_FONT = re.compile(r"\.sf[23]$", re.IGNORECASE)
ARCHIVE = re.compile(r"\.(zip|h2drumkit|sfz|dspreset|dslibrary)$", re.IGNORECASE)
TITLE_LEVELS = 2
"""First folders of a path, source and kit: their names are titles."""
Origin = Literal["file", "instrument", "folder", "key"]


@dataclass(frozen=True)
class Verdict:
    """Result of the naming rules: `label` is a class or None; `other` is True for a drum outside the classes.

    `rule` explains the result: the name that decided and the rules that matched. `origin` is that name: of the sound's
    own file or instrument, a folder, or a General MIDI key; None if no name says anything.
    """

    label: str | None = None
    other: bool = False
    rule: str = field(default="", compare=False)
    origin: Origin | None = field(default=None, compare=False)

    @classmethod
    def from_give(cls, give: str | None, rule: str = "", origin: Origin | None = None) -> Self:
        """Build the verdict of a rule from its `give`; None counts as `nothing`."""
        return cls(give if give in CLASSES else None, give == "other", rule, origin)

    @property
    def is_own(self) -> bool:
        """True if the sound's own name decided, that of its file or instrument, and not a folder or a key."""
        return self.origin in ("file", "instrument")


Hit = tuple[int, Rule]
"""Rank of a rule's file, and the rule that matched."""


class NamingRules:
    """Rules of one or more files, compiled for lookup."""

    def __init__(self, files: list[NamingFile]) -> None:
        """Compile the rules of `files`, in decreasing priority."""
        self._terms: TermIndex[Rule] = TermIndex()
        self._folder_rules: list[tuple[str, Hit]] = []
        self._gm_keys: dict[int, Give | None] = {}
        self._folder_words = {normalise(word) for file in files for word in file.folder_words}
        self.title_words = frozenset(normalise(word) for file in files for word in file.title_words)
        """Words of titles: a prefix with one of them is ignored (see `shared_prefixes`)."""
        self._folder_cache: dict[tuple[str, str, bool], tuple[list[Hit], bool]] = {}
        for rank, file in enumerate(files):
            self._gm_keys = {**file.gm_keys, **self._gm_keys}
            self._terms.add(file.ignore, rank, None)
            for rule in file.rules:
                self._terms.add(rule.names, rank, rule)
                if not rule.names:
                    self._folder_rules += [(folders, (rank, rule)) for folders in rule.under]
        self._details = DetailRules(files, self._terms, self._folder_words)

    @classmethod
    def load(cls, *paths: Path) -> Self:
        """Load the rules of `paths`, in decreasing priority, and DEFAULT_RULES with the lowest priority.

        Raises ParamsError (file, line, remedy) for an unknown key or class, or an invalid term.
        """
        ordered = [*(path for path in paths if path != DEFAULT_RULES), DEFAULT_RULES]
        return cls([read_naming_file(path) for path in ordered])

    def gm_key(self, key: int) -> Verdict:
        """Verdict for a General MIDI percussion key (0 to 127); nothing if no file lists the key."""
        return Verdict.from_give(self._gm_keys.get(key), f"gm key {key}", "key")

    def verdict(self, path: str, instrument: str | None = None) -> Verdict:
        """Verdict from the names of a sound: those of file and instrument, then its folders, the nearest first.

        `path` is 'source/kit/…/file.ext'; `instrument` is the name in a drumkit.xml or SoundFont. The names of file
        and instrument are evaluated together: if they contradict each other, the verdict is nothing. So is it if a
        title between the file and the folder that decides names another drum.
        """
        folders = _folders(path)
        own, own_rules = self._own_verdict(path, instrument, folders)
        if own_rules and not all(rule.gives_way_to_folder for rule in own_rules):
            return own
        doubts: set[str | None] = set()
        for depth in range(len(folders), 0, -1):
            hits, stands_alone = self._folder_hits(folders[:depth])
            if not hits:
                continue
            verdict, _ = _decide(hits, "folder")
            if not stands_alone:
                doubts.add(verdict.label)
                continue
            if doubts - {verdict.label}:
                return own
            wins = not own_rules or (verdict.label and all(rule.yields_to(verdict.label) for rule in own_rules))
            return verdict if wins else own
        return own

    def detail(
        self, label: str | None, path: str, instrument: str | None = None, keys: tuple[int, int] | None = None
    ) -> str | None:
        """Detail of a sound of class `label`, such as an open hat: from its names, else from its MIDI keys.

        keys: lowest and highest General MIDI key that plays it. None if names contradict each other.
        """
        if label not in DETAILS:
            return None
        folders = _folders(path)
        own = self._own_names(path, instrument, folders)
        above = ["", *(words for words, _ in folders)]
        without = [(_without_repeated(words, up), title) for (words, title), up in zip(folders, above, strict=False)]
        return self._details.detail(label, own, without, keys)

    def own_verdict(self, path: str) -> Verdict:
        """Verdict from the name of the file alone."""
        return self._own_verdict(path, None, _folders(path))[0]

    def _own_verdict(
        self, path: str, instrument: str | None, folders: list[tuple[str, bool]]
    ) -> tuple[Verdict, list[Rule]]:
        """Verdict of the names of file and instrument, without a folder's title at their start, and its rules."""
        chain = "/".join(words for words, _ in folders)
        file_hits, instrument_hits = (self._hits(name, chain)[0] for name in self._own_names(path, instrument, folders))
        return _decide([*file_hits, *instrument_hits], "file" if file_hits else "instrument")

    def _own_names(self, path: str, instrument: str | None, folders: list[tuple[str, bool]]) -> list[str]:
        """Normalised names of file and instrument, without a folder's title at their start."""
        names = (EXTENSION.sub("", path.rpartition("/")[2]), instrument or "")
        return [self._without_title(normalise(name), folders) for name in names]

    def _without_title(self, name: str, folders: list[tuple[str, bool]]) -> str:
        """A normalised name without the title of a folder above at its start: 'crash kit/crash kit zap' → 'zap'."""
        for title, _ in reversed(folders):
            if name.startswith(f"{title} ") and self.title_words & set(title.split()):
                return name.removeprefix(f"{title} ")
        return name

    def _folder_hits(self, folders: list[tuple[str, bool]]) -> tuple[list[Hit], bool]:
        """Rules that match the last of `folders`, and whether the drum's name stands alone in it.

        Words repeated from the folder above ("rolandtr808/rolandtr808-bd") do not count. In the name of a source or
        kit, only a number that orders folders (3, 03) may stand next to the drum's name.
        """
        chain, (words, is_title) = "/".join(words for words, _ in folders), folders[-1]
        above = folders[-2][0] if len(folders) > 1 else ""
        key = (chain, above, is_title)
        if key not in self._folder_cache:
            under = [hit for end, hit in self._folder_rules if ends_with(chain, end)]
            name = _without_repeated(words, above)
            hits, covered, ignored = self._hits(name, chain, folder=True)
            stands_alone = all(
                word in covered
                or (word.isdigit() and (not is_title or len(word) == 1 or word.startswith("0")))
                or (not is_title and (word in self._folder_words or word in ignored))
                for word in name.split()
            )
            self._folder_cache[key] = (under + hits, stands_alone) if stands_alone or not under else (under, True)
        return self._folder_cache[key]

    def _hits(self, name: str, chain: str, folder: bool = False) -> tuple[list[Hit], set[str], set[str]]:
        """Rules that match a normalised `name` inside the folders `chain`; for a folder, `chain` ends with it.

        Also returns the words that such a match covers whole, but for a plural's ending, and those of ignored terms.
        """
        hits: list[Hit] = []
        covered: dict[bool, set[str]] = {True: set(), False: set()}
        for match in self._terms.matches(name, chain, folder):
            rule = match.pattern.rule
            hits += [(match.pattern.rank, rule)] if rule else []
            covered[rule is not None] |= match.covered(name)
        return hits, covered[True], covered[False]


def _folders(path: str) -> list[tuple[str, bool]]:
    """Words of each folder of a path, and whether it is a source or kit; SoundFonts are left out, as titles."""
    folders = []
    for number, folder in enumerate(path.split("/")[:-1]):
        words = "" if SOUND_FONT.search(folder) else normalise(ARCHIVE.sub("", folder))
        folders += [(words, number < TITLE_LEVELS)] if words else []
    return folders


def _without_repeated(words: str, above: str) -> str:
    """The words of a folder without those at its start that repeat the start of the folder above."""
    remaining, start = words.split(), above.replace(" ", "")
    while remaining:
        repeated = [n for n in range(1, len(remaining)) if start.startswith("".join(remaining[:n]))]
        if not repeated or not start:
            break
        remaining = remaining[max(repeated) :]
    return " ".join(remaining)


def _decide(hits: list[Hit], level: Origin) -> tuple[Verdict, list[Rule]]:
    """Verdict of one level and the rules that lead to it.

    Only rules of the file with the highest priority count, except those that yield to others; if these rules
    disagree, the verdict is nothing.
    """
    if not hits:
        return Verdict(), []
    best_rank = min(rank for rank, _ in hits)
    rules = [rule for rank, rule in hits if rank == best_rank]
    winning = [rule for rule in rules if not any(rule.yields_to(other.give) for other in rules)]
    gives = {rule.give for rule in winning}
    names = f"{level}: {' + '.join(sorted({rule.name for rule in winning or rules}))}"
    return Verdict.from_give(gives.pop() if len(gives) == 1 else None, names, level), winning
