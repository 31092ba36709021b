"""Folders and prefixes that name drums are no kits."""

from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan.kits import group_kits, join_drum_folders

RULES = NamingRules.load()


def kits(*paths: str, layout: str = "kit") -> list[str]:
    """Kits of paths in the source `own`."""
    grouped = group_kits([tuple(path.split("/")) for path in paths], "own", layout, RULES)
    return list(join_drum_folders(grouped, RULES).values())


def test_folders_of_different_drums_are_one_kit() -> None:
    paths = ["Kicks/a.wav", "Snare Drums/b.wav", "Open Hats/old/c.wav", "FX/d.wav"]
    assert kits(*paths) == ["own/own", "own/own", "own/own", "own/FX"]
    assert kits(*(f"pack/{path}" for path in paths), layout="source/kit") == ["pack/pack"] * 3 + ["pack/FX"]


def test_folders_of_packs_are_kits_whatever_their_titles_hold() -> None:
    assert kits("80s Drums/a.wav", "Crash Kit/b.wav", "Drum & Bass/c.wav") == [
        "own/80s Drums", "own/Crash Kit", "own/Drum & Bass",
    ]  # fmt: skip
    assert kits("My Kit/Kicks/a.wav", "My Kit/Snares/b.wav", "Other/Kicks/a.wav") == [
        "own/My Kit", "own/My Kit", "own/Other",
    ]  # fmt: skip


def test_one_folder_of_a_drum_beside_packs_stays_a_kit() -> None:
    assert kits("Kicks/a.wav", "More Kicks/b.wav", "Pack/c.wav") == ["own/Kicks", "own/More Kicks", "own/Pack"]
