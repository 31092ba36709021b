"""Licences are read from the files of a repository: texts, READMEs and JSON."""

from pathlib import Path

import pytest

from drumspace.dataset.ingest.kit_documents.licence_file import MAX_BYTES, UnreadableLicence, read_licence_file

APACHE = "\n              Apache License\n        Version 2.0, January 2004\n   TERMS AND CONDITIONS …"
MIT = "The MIT License (MIT)\n\nCopyright (c) 2019 A\n\nPermission is hereby granted, free of charge, to any person\n\
obtaining a copy of this software and associated documentation files …"
BY = 'Attribution 4.0 International\n\n=====\n\nCreative Commons Corporation ("Creative Commons") is not a law firm'
TABLE = """\
# Kits

| kit | Licence | author |
| --- | :-- | --- |
| **[Rock](http://a.org)** | CC0 | A |
| `Jazz` | CC BY 4.0 | B |
| Noise | ask me | C |

| file | size |
| --- | --- |
| Other | 3 |
"""
FREESOUND = """{"183": {"name": "a", "license": "http://creativecommons.org/licenses/by/3.0/", "username": "x"},
"192.wav": {"license": "http://creativecommons.org/publicdomain/zero/1.0/"}, "200": {"license": "http://creativecommons.org/licenses/sampling+/1.0/"},
"201": {"name": "b"}}"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("LICENSE", APACHE, "Apache-2.0"),
        ("LICENSE.md", MIT, "MIT"),
        ("LICENSE.txt", BY, "CC-BY-4.0"),
        ("COPYING", "Creative Commons Legal Code\n\nCC0 1.0 Universal\n", "CC0-1.0"),
        ("COPYING", "GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007", "GPL-3.0-only"),
        ("sampled.json", '{"name": "LM-2", "license": "Public Domain", "files": {"Kick": "k.wav"}}',
         "LicenseRef-Public-Domain"),
        ("sampled.json", '{"license": "Creative Commons Attribution 3.0"}', "CC-BY-3.0"),
        ("README.md", "# CR-78\n- __license__: Public Domain\n- __name__: CR-78", "LicenseRef-Public-Domain"),
        ("README.md", "# A kit\n\n**License:** CC BY-SA 4.0\n", "CC-BY-SA-4.0"),
        ("readme.txt", "| License | CC0 |", "CC0-1.0"),
    ],
)  # fmt: skip
def test_a_file_states_one_licence(tmp_path: Path, name: str, text: str, expected: str) -> None:
    (tmp_path / name).write_text(text)
    assert read_licence_file(tmp_path / name) == (expected, {})


def test_a_file_may_state_licences_by_name(tmp_path: Path) -> None:
    (tmp_path / "licenses.txt").write_text(FREESOUND)
    by_file = {"183": "CC-BY-3.0", "192.wav": "CC0-1.0", "200": None}
    assert read_licence_file(tmp_path / "licenses.txt") == (None, by_file)
    (tmp_path / "README.md").write_text(TABLE)
    by_kit = {"Rock": "CC0-1.0", "Jazz": "CC-BY-4.0", "Noise": None}
    assert read_licence_file(tmp_path / "README.md") == (None, by_kit)
    (tmp_path / "README.md").write_text(f"License: MIT\n\n{TABLE}")
    assert read_licence_file(tmp_path / "README.md") == ("MIT", by_kit)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("LICENSE", "All rights reserved", "the licence 'All rights reserved' has no SPDX identifier"),
        ("LICENSE", "", "the licence '' has no SPDX identifier"),
        ("README.md", "All code has MIT License", "states no licence"),
        ("sampled.json", '{"name": "Detroit", "license": 3}', "states no licence"),
        ("sampled.json", '{"license": ', "no valid JSON"),
        ("sampled.json", '{"a":' * 100_000, "no valid JSON"),
    ],
)
def test_other_files_are_errors(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UnreadableLicence, match=message):
        read_licence_file(tmp_path / name)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "LICENSE").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UnreadableLicence, match="larger than 32 MiB"):
        read_licence_file(tmp_path / "LICENSE")
