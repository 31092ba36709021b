"""Words of a name: the form in which naming rules and names are compared.

"36-Pearl22KickOpen_HiHat" becomes "36 pearl 22 kick open hi hat". Parts that say nothing about a sound are left out:
owners ("Gary's"), the letters of amounts, decades and ordinals that are codes elsewhere ("1k", "80s", "3rd"), and
identifiers that a machine made ("1971cd10bb…"), in which a drum's code can stand by chance.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby, pairwise

LATIN_MARKS = range(0x0300, 0x0370)
"""Accents. Marks of other scripts are letters there: without them, Japanese `ba` would be `ha`."""
MIN_IDENTIFIER, MIN_HEX = 10, 8
"""Least length of an identifier made of any letters and digits, or of hexadecimal digits."""
IDENTIFIER_CHANGES, HEX_CHANGES = 5, 3
"""Least number of changes between letters and digits in an identifier: names that people write have fewer."""

_UUID = re.compile(r"(?<![^\W_])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![^\W_])", re.IGNORECASE)
_RUN = re.compile(r"[0-9A-Za-z]{8,}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_AMOUNT = re.compile(r"(?<![^\W_])(\d+)(?:'?[sk]|(?<=3)rd)(?![^\W_])", re.IGNORECASE)
_OWNER = re.compile(r"[^\W\d_]+'s(?=[\W\d_]+[^\W\d_])", re.IGNORECASE)
_HYPHENATED = re.compile(r"(?<=^[bks])-(?=drum(?!s))", re.IGNORECASE)  # B-Drum, but neither R&B-Drums nor K-Drums
_CAMEL = re.compile(
    r"(?<=[a-z])(?=[A-Z])"  # kickDrum
    r"|(?<=[A-Z])(?=[A-Z][a-z]{2})(?!(?<=(?<![A-Za-z])[BKS])Drum)"  # TRSnare, but not BDrum
)


@lru_cache(maxsize=4096)
def normalise(name: str) -> str:
    """Split a name into lower-case words of letters or digits, joined by spaces: 'Hi-HatOpen2' → 'hi hat open 2'.

    Letters of any script count; accents are removed, and a change of script separates words.
    """
    decomposed = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("’", "'"))
    plain = "".join(character for character in decomposed if ord(character) not in LATIN_MARKS)
    text = _without_identifiers(unicodedata.normalize("NFC", plain))
    text = _OWNER.sub(" ", _AMOUNT.sub(r"\1", text))
    text = re.sub("[&+]", " and ", _HYPHENATED.sub("", text))
    parts = groupby(_CAMEL.sub(" ", text).lower(), key=script)
    return " ".join("".join(characters) for kind, characters in parts if kind)


@lru_cache(maxsize=4096)
def script(character: str) -> str:
    """Script of a letter, 'digit', or '' for what separates words."""
    category = unicodedata.category(character)
    if category == "Nd":
        return "digit"
    return re.split(r"[ -]", unicodedata.name(character, "?"))[0] if category[0] in "LM" else ""


def _without_identifiers(text: str) -> str:
    return _RUN.sub(lambda match: " " if _is_identifier(match[0]) else match[0], _UUID.sub(" ", text))


def _is_identifier(word: str) -> bool:
    changes = sum(left.isdigit() != right.isdigit() for left, right in pairwise(word))
    if len(word) >= MIN_HEX and changes >= HEX_CHANGES and _HEX.fullmatch(word):
        return True
    return len(word) >= MIN_IDENTIFIER and changes >= IDENTIFIER_CHANGES
