"""SPDX expression of the words in which the author of a kit states its licence."""

import re

from drumspace.io.spdx import canonical_spdx

_UNSTATED = frozenset({"", "undefined license"})
"""Texts of kits whose author chose no licence; hydrogen writes the second one."""
_CREATIVE_COMMONS = re.compile(r"\bcc\b|creative ?commons|attribution")
_PUBLIC_DOMAIN = re.compile(r"(completely |in the |released into the )?public[ -]domain\.?")
_OTHER_DEEDS = re.compile(r"publicdomain/mark|public domain mark|sampling ?(\+|plus)|licenses/sampling|\bdevnations\b")
"""Deeds of Creative Commons that SPDX has no identifier for, or that are no licence."""
_ZERO = re.compile(r"\b(cc|creative ?commons|publicdomain)[ /-]*(0|zero)\b")
_GNU = re.compile(r"\b([la]?)gpl|(lesser|library|affero)? ?general public licen[cs]e")
_GNU_LETTER = {"lesser": "L", "library": "L", "affero": "A"}
_VERSION = re.compile(r"(?<![\d.])(\d)(?:\.(\d))?(?![\d.]*\d)")
_LATER = re.compile(r"\d(\.\d)?\+|later|newer")
_COUNTRY = re.compile(r"/\d\.\d/[a-z]{2}\b|\d\.\d[ -](us|united states|uk|de|germany|fr|france|au|ca|jp|at|es|it|nl)\b")
"""Licences of Creative Commons that were adapted to the law of one country: nearly none has an SPDX identifier."""


def kit_licence(text: str, source_licence: str | None) -> str | None:
    """SPDX expression of what a kit says about its licence, None if that has none.

    A kit that says nothing has the licence of its source. One that names a licence without its version has the
    version of its source's, if that is the same licence; without such a source, any version of the GPL (its section 9).
    SPDX has no identifier for the public domain: it is LicenseRef-Public-Domain.
    """
    words = " ".join(text.split())
    if words.lower() in _UNSTATED:
        return source_licence
    try:
        return canonical_spdx(words)
    except ValueError:
        pass
    lower = words.lower()
    if _ZERO.search(lower):
        return "CC0-1.0"
    version = _VERSION.search(lower)
    number = f"{version[1]}.{version[2] or 0}" if version else None
    if _PUBLIC_DOMAIN.fullmatch(lower):
        return "LicenseRef-Public-Domain"
    if _OTHER_DEEDS.search(lower):
        return None
    if _CREATIVE_COMMONS.search(lower) and not _COUNTRY.search(lower):
        return _identifier(_creative_commons(lower), number, source_licence)
    if match := _GNU.search(lower):
        name = f"{(match[1] or '').upper() or _GNU_LETTER.get(match[2] or '', '')}GPL"
        if number is None:
            return _identifier(name, None, source_licence) or ("GPL-1.0-or-later" if name == "GPL" else None)
        return _identifier(name, f"{number}-{'or-later' if _LATER.search(lower) else 'only'}", None)
    return None


def _creative_commons(lower: str) -> str:
    """Name of a licence of Creative Commons without its version, such as CC-BY-NC-SA."""
    parts = {"NC": r"\bnc\b|non-? ?commercial", "SA": r"\bsa\b|share-? ?alike", "ND": r"\bnd\b|no-? ?deriv"}
    return "-".join(["CC-BY", *(part for part, pattern in parts.items() if re.search(pattern, lower))])


def _identifier(name: str, version: str | None, source_licence: str | None) -> str | None:
    """SPDX identifier of a licence; without a version the source's licence if it is a version of this one."""
    if version is None:
        same = source_licence and re.fullmatch(rf"{re.escape(name)}-\d[\w.-]*", source_licence)
        return source_licence if same else None
    try:
        return canonical_spdx(f"{name}-{version}")
    except ValueError:
        return None
