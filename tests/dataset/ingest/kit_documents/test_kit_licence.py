"""Words of kits about their licence become SPDX identifiers."""

import pytest

from drumspace.dataset.ingest.kit_documents.kit_licence import kit_licence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CC0", "CC0-1.0"),
        ("This work is licensed under the Creative Commons 0 License.", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("CC-BY-SA-3.0", "CC-BY-SA-3.0"),
        ("CC BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("cc-by ==> http://creativecommons.org/licenses/by/3.0/", "CC-BY-3.0"),
        ("Creative Commons - Attribution-ShareAlike 3.0 Unported", "CC-BY-SA-3.0"),
        ("Creative Commons Attribution Non-Commercial No Derivatives 4.0 International", "CC-BY-NC-ND-4.0"),
        ("Attribution-Share Alike 3.0 United States", None),
        ("CC BY", None),
        ("Public Domain", "LicenseRef-Public-Domain"),
        ("not in the public domain", None),
        ("https://creativecommons.org/publicdomain/mark/1.0/", None),
        ("http://creativecommons.org/licenses/sampling+/1.0/", None),
        ("http://creativecommons.org/licenses/by-nc/3.0/", "CC-BY-NC-3.0"),
        ("This drumkit is distributed under the GPL version 2 license", "GPL-2.0-only"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GNU General Public License, version 2 or (at your option) any later version", "GPL-2.0-or-later"),
        ("GNU Lesser General Public License v2.1", "LGPL-2.1-only"),
        ("GPL", "GPL-1.0-or-later"),
        ("All rights reserved", None),
        ("free for 3 friends", None),
        ("undefined license", None),
        (" ", None),
    ],
)
def test_words_of_a_kit_become_an_identifier_or_nothing(text: str, expected: str | None) -> None:
    assert kit_licence(text, None) == expected


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("", "MIT", "MIT"),
        ("undefined license", "MIT", "MIT"),
        ("GPL", "GPL-2.0-or-later", "GPL-2.0-or-later"),
        ("GPL", "MIT", "GPL-1.0-or-later"),
        ("CC BY-SA", "CC-BY-SA-4.0", "CC-BY-SA-4.0"),
        ("CC BY", "CC-BY-SA-4.0", None),
        ("All rights reserved", "MIT", None),
        ("CC0", "MIT", "CC0-1.0"),
    ],
)
def test_the_source_fills_what_the_kit_leaves_out(text: str, source: str, expected: str | None) -> None:
    assert kit_licence(text, source) == expected
