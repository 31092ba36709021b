"""Files of naming rules: their settings models, and checks of the terms. naming_rules.yaml describes the format."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from drumspace.dataset.ingest.words import normalise, script
from drumspace.io.settings import Params, ParamsError, line_of, load

Give = Literal["kick", "snare", "hat", "crash", "ride", "clap", "shaker", "tom", "other", "nothing"]
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
        return not self.under or any(contains(chain, folders) for folders in self.under)


class NamingFile(Params):
    """Section `naming` of a rules file."""

    rules: tuple[Rule, ...]
    ignore: tuple[Term, ...] = ()
    folder_words: tuple[Term, ...] = ()
    title_words: tuple[Term, ...] = ()
    gm_keys: dict[Annotated[int, Field(ge=0, le=127)], Give | None] = Field(default_factory=dict)


def read_naming_file(path: Path) -> NamingFile:
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


def contains(chain: str, folders: str) -> bool:
    """Return True if the path `chain` ('foxdot/snd/o/upper') contains the path `folders` ('snd/o') in whole words."""
    return _separated(folders) in _separated(chain)


def ends_with(chain: str, folders: str) -> bool:
    """Return True if the path `chain` ends with the path `folders`, in whole words."""
    return _separated(chain).endswith(_separated(folders))


def _separated(chain: str) -> str:
    return f" {chain} ".replace("/", " / ")
