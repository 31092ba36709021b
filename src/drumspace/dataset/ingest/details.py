"""Details from names: whether a hat is open, closed or worked by its pedal, and kicks of the TR-808 or of drum kits.

The class comes first, and a detail never changes it. The sound's own name counts, and every folder whose name is about
the drum (`DetailRule.folders`). They must agree: names that contradict each other give no detail, nor does one such as
"half open". naming_rules.yaml describes the rules.
"""

from collections.abc import Sequence

from drumspace.dataset.ingest.naming_file import DetailRule, NamingFile, Rule
from drumspace.dataset.ingest.terms import Match, TermIndex
from drumspace.taxonomy import DETAILS

Level = tuple[list[Match[DetailRule]], list[Match[Rule]]]
"""Matches of the detail rules and of the class's own rules in one name."""
Ranked = tuple[int, DetailRule]
"""Rank of a rule's file, and the rule."""


class DetailRules:
    """Rules for details of one or more files, compiled for lookup."""

    def __init__(self, files: Sequence[NamingFile], class_terms: TermIndex[Rule], folder_words: set[str]) -> None:
        """Compile the details of `files`, in decreasing priority.

        class_terms: terms of the rules for classes; folder_words: words that may stand next to a drum's name.
        """
        self._classes, self._folder_words = class_terms, folder_words
        self._terms: dict[str, TermIndex[DetailRule]] = {label: TermIndex() for label in DETAILS}
        self._gm_keys: dict[int, str] = {}
        for rank, file in enumerate(files):
            self._gm_keys = {**file.gm_details, **self._gm_keys}
            for terms in self._terms.values():
                terms.add(file.ignore, rank, None)
            for rule in file.details:
                self._terms[rule.label].add(rule.names, rank, rule)

    def detail(
        self, label: str, own: Sequence[str], folders: Sequence[tuple[str, bool]], keys: tuple[int, int] | None
    ) -> str | None:
        """Detail of a sound of class `label`: from its names, else from its keys; None if names contradict each other.

        own: normalised names of file and instrument; folders: normalised name of each folder and whether it is a source
        or kit, the nearest last; keys: lowest and highest General MIDI key that plays the sound.
        """
        chain = "/".join(words for words, _ in folders)
        levels = [self._level(label, name, chain) for name in own]
        class_words = [match for _, classes in levels for match in classes]
        rules = [
            (match.pattern.rank, match.pattern.rule)
            for details, classes in levels
            for match in details
            if match.pattern.rule and _class_word_fits(match, [item for item in classes if not item.overlaps(match)])
        ]
        above: list[Match[Rule]] = []
        for words, is_title in folders:
            details, classes = self._level(label, words, chain, folder=True)
            is_of_class = self._stands_alone(words, is_title, details, classes)
            counting = [
                (match.pattern.rank, match.pattern.rule)
                for match in details
                if match.pattern.rule
                and _folder_counts(match.pattern.rule, is_of_class, bool(classes or above))
                and _class_word_fits(match, [*class_words, *(item for item in classes if not item.overlaps(match))])
            ]
            if len(_gives(counting)) == 1:  # "Open and closed hats" has no information
                rules += counting
            above = classes if is_of_class else []
        if not rules and keys:
            gives: set[str] = {self._gm_keys.get(key, "nothing") for key in range(keys[0], keys[1] + 1)}
        else:
            gives = _gives(rules)
        return gives.pop() if len(gives) == 1 and gives <= {*DETAILS[label]} else None

    def _level(self, label: str, name: str, chain: str, folder: bool = False) -> Level:
        classes = self._classes.matches(name, chain, folder)
        of_class = [match for match in classes if match.pattern.rule and match.pattern.rule.give == label]
        return self._terms[label].matches(name, chain, folder), of_class

    def _stands_alone(
        self, words: str, is_title: bool, details: list[Match[DetailRule]], classes: list[Match[Rule]]
    ) -> bool:
        """Return True if a folder's name holds the class, the detail, numbers that order folders, and folder words."""
        covered = {word for matches in (details, classes) for match in matches for word in match.covered(words)}
        return all(
            word in covered
            or (word.isdigit() and (not is_title or len(word) == 1 or word.startswith("0")))
            or (not is_title and word in self._folder_words)
            for word in words.split()
        )


def _class_word_fits(match: Match[DetailRule], class_words: list[Match[Rule]]) -> bool:
    """Return True if a rule's condition on other words of the class holds."""
    rule = match.pattern.rule
    return not rule or rule.class_word is None or (rule.class_word == "required") == bool(class_words)


def _folder_counts(rule: DetailRule, stands_alone: bool, has_class: bool) -> bool:
    """Return True if a rule counts in the name of a folder; has_class: it or the folder above names the class."""
    return rule.folders == "any" or (
        stands_alone and (rule.folders == "alone" or (rule.folders == "of_class" and has_class))
    )


def _gives(rules: list[Ranked]) -> set[str]:
    """Results of the rules of the file with the highest priority, without those that give way to others."""
    best_rank = min((rank for rank, _ in rules), default=0)
    ranked = [rule for rank, rule in rules if rank == best_rank]
    gives = {rule.give for rule in ranked}
    return {rule.give for rule in ranked if not gives & {*rule.gives_way}}
