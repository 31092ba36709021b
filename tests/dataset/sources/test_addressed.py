"""Licence files are about the sounds of their folder; those that are missing are named."""

from pathlib import Path

import pytest

from drumspace.dataset.sources.addressed import find_licence_files

PATHS = ("LICENSE", "DM/CR-78/sampled.json", "DM/LM-2/sampled.json", "IR/sampled.json")


@pytest.mark.parametrize(
    ("root", "folders"),
    [
        ("", {"LICENSE": "", "DM/CR-78/sampled.json": "DM/CR-78", "DM/LM-2/sampled.json": "DM/LM-2",
              "IR/sampled.json": "IR"}),
        ("DM", {"LICENSE": "", "DM/CR-78/sampled.json": "CR-78", "DM/LM-2/sampled.json": "LM-2"}),
        ("DM/CR-78/samples", {"DM/CR-78/sampled.json": ""}),
        ("DM/TR-808", {"LICENSE": ""}),
    ],
)  # fmt: skip
def test_each_file_is_about_its_folder(tmp_path: Path, root: str, folders: dict[str, str]) -> None:
    for path in PATHS:
        (tmp_path / "licences" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "licences" / path).touch()
    result = find_licence_files(tmp_path, ("LICENSE*", "*/sampled.json", "COPYING"), root)
    assert result == ({f"licences/{path}": folder for path, folder in folders.items()}, ["COPYING"])


def test_without_licence_files_all_patterns_are_missing(tmp_path: Path) -> None:
    assert find_licence_files(tmp_path, ("LICENSE", "README*"), "") == ({}, ["LICENSE", "README*"])
