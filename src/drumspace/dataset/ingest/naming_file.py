"""Files of naming rules: their settings models, and checks of the terms. naming_rules.yaml describes the format."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from drumspace.dataset.ingest.words import normalise, script
from drumspace.io.settings import Params, ParamsError, line_of, load
from drumspace.taxonomy import DETAILS

Give = Literal["kick", "snare", "hat", "crash", "ride", "clap", "shaker", "tom", "other", "nothing"]
DetailedClass = Literal["hat", "kick"]
Detail = Literal["open", "closed", "pedal", "808", "acoustic"]
MAX_WORDS = 6
"""Largest number of words in a term."""


def _is_plain(text: str) -> bool:
    """Return True for lower-case letters and digits of any script with single spaces between words."""
    has_letters = all(character == " " or script(character) for character in text)
    return has_letters and text == text.lower() and text.split(" ") == text.split()


def _term(text: str) -> str:
    core = text.removeprefix("*").removesuffix("*")
    if not _is_plain(core):
        raise ValueError("write lower-case letters and digits, one space between words, `*` only at the start or end")
    if len(normalise(core).split()) > MAX_WORDS:
        raise ValueError(f"write at most {MAX_WORDS} words")
    return text


def _folder_term(text: str) -> str:
    folders = text.split("/")
    if not all(map(_is_plain, folders)):
        raise ValueError("write lower-case letters and digits, one space between words, `/` between folders")
    return "/".join(map(normalise, folders))


Term = Annotated[str, AfterValidator(_term)]
FolderTerm = Annotated[str, AfterValidator(_folder_term)]


GmKey = Annotated[int, Field(ge=0, le=127)]


class TermRule(Params):
    """What naming rules share: a name for reports, and the terms that they match; see the top of naming_rules.yaml."""

    name: str
    names: tuple[Term, ...] = ()
    under: tuple[FolderTerm, ...] = ()

    def applies(self, name: str, end: int, chain: str, folder: bool) -> bool:
        """Return True if a match that ends at index `end` of `name`, inside the folders `chain`, counts."""
        return not self.under or any(contains(chain, folders) for folders in self.under)


class Rule(TermRule):
    """A naming rule for the class; its keys are described at the top of naming_rules.yaml."""

    give: Give
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
        return super().applies(name, end, chain, folder)


class DetailRule(TermRule):
    """A naming rule for the detail of a class; its keys are described at the top of naming_rules.yaml."""

    label: DetailedClass
    give: Detail | Literal["nothing"]
    names: tuple[Term, ...]
    gives_way: tuple[Detail, ...] = ()
    class_word: Literal["required", "absent"] | None = None
    folders: Literal["of_class", "alone", "any", "none"] = "of_class"

    @model_validator(mode="after")
    def _is_a_detail_of_the_class(self) -> Self:
        if self.give not in ("nothing", *DETAILS[self.label]):
            raise ValueError(f"{self.give} is no detail of {self.label}: give one of {', '.join(DETAILS[self.label])}")
        return self


class NamingFile(Params):
    """Section `naming` of a rules file."""

    rules: tuple[Rule, ...]
    ignore: tuple[Term, ...] = ()
    folder_words: tuple[Term, ...] = ()
    title_words: tuple[Term, ...] = ()
    gm_keys: dict[GmKey, Give | None] = Field(default_factory=dict)
    details: tuple[DetailRule, ...] = ()
    gm_details: dict[GmKey, Detail] = Field(default_factory=dict)


def read_naming_file(path: Path) -> NamingFile:
    """Read a rules file. Raises ParamsError, also for a term that occurs twice."""
    file = load(path, "naming", NamingFile)
    _check_terms(path, "rules", enumerate(file.rules), file.ignore)
    for label in DETAILS:
        _check_terms(
            path, "details", ((number, rule) for number, rule in enumerate(file.details) if rule.label == label)
        )
    return file


def _check_terms(
    path: Path, section: str, rules: Iterable[tuple[int, TermRule]], ignored: tuple[str, ...] = ()
) -> None:
    """Raise ParamsError for a term of the numbered `rules` that occurs twice or is `ignored`."""
    seen = dict.fromkeys(ignored, "ignore")
    for number, rule in rules:
        for index, term in enumerate(rule.names if not rule.under else ()):
            if term in seen:
                line = line_of(path, ("naming", section, number, "names", index))
                raise ParamsError(
                    f"{path}, line {line}: the term `{term}` of the rule `{rule.name}` is"
                    f" already in `{seen[term]}`: keep one of the two."
                )
            seen[term] = rule.name


def contains(chain: str, folders: str) -> bool:
    """Return True if the path `chain` ('foxdot/snd/o/upper') contains the path `folders` ('snd/o') in whole words."""
    return _separated(folders) in _separated(chain)


def ends_with(chain: str, folders: str) -> bool:
    """Return True if the path `chain` ends with the path `folders`, in whole words."""
    return _separated(chain).endswith(_separated(folders))


def _separated(chain: str) -> str:
    return f" {chain} ".replace("/", " / ")
