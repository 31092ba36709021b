"""Titles at the start of file names are left out; a drum's name at their start is kept."""

import pytest

from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.shared_prefixes import without_shared_prefixes

RULES = NamingRules.load()


def labels(files: list[str], folder: str = "own/kit") -> list[str]:
    """Labels of files of one folder, in the order of `files`."""
    paths = [f"{folder}/{file}.wav" for file in files]
    names = without_shared_prefixes(paths, RULES)
    verdicts = [RULES.verdict(names[path]) for path in paths]
    return [verdict.label or ("other" if verdict.other else "") for verdict in verdicts]


@pytest.mark.parametrize(
    ("files", "expected", "folder"),
    [
        (
            ["cr8kbass", "cr8kchat", "cr8kclap", "cr8kcowb", "cr8khitm", "cr8krim", "cr8ksnar"],
            ["kick", "hat", "clap", "other", "tom", "other", "snare"],
            "own/Roland-CR-8000",
        ),
        (["Crash Kick", "Crash Snare", "Crash Hat", "Crash Zap"], ["kick", "snare", "hat", ""], "own/kit"),
        (["Snare Pack Zap", "Snare Pack Boom", "Snare Pack Kick"], ["", "", "kick"], "own/kit"),
        (["Cowbell Bros Kick", "Cowbell Bros Snare", "Cowbell Bros Hum"], ["kick", "snare", ""], "own/kit"),
        (["SH HandClap", "SH HiHat", "SH HighTom", "SH Hat"], ["clap", "hat", "tom", "hat"], "own/kit"),
    ],
)
def test_a_title_that_all_names_share_is_ignored(files: list[str], expected: list[str], folder: str) -> None:
    assert labels(files, folder) == expected


def test_nearly_all_names_are_enough() -> None:
    files = [f"Crash {name} {number}" for number in range(6) for name in ("Kick", "Snare", "Hat")]
    assert labels([*files, "Tom 1", "Zap"])[-3:] == ["hat", "tom", ""]
    assert labels([*files[:3], "Tom 1", "Zap"])[:3] == ["", "", ""]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["Snare 1", "Snare 2", "Snare 3"], ["snare"] * 3),
        (["Snare_rim 1", "Snare_rim 2", "Snare_top", "Snare_hat bleed"], ["snare"] * 3 + [""]),
        (["hat_closed", "hat_open", "handclap"], ["hat", "hat", "clap"]),
        (["Cymbal Crash", "Cymbal Ride", "Cymbal Open"], ["crash", "ride", "hat"]),
        (["Crash Kick", "Crash Snare"], ["", ""]),
        (["Kick", "Kick", "Kick"], ["kick"] * 3),
        ([*(f"Snare {number}" for number in range(20)), "Snare Clap", "Snare Tom"], ["snare"] * 20 + ["", ""]),
        (["İß1", "İß2", "İß3"], [""] * 3),
    ],
)
def test_the_name_of_a_drum_is_kept(files: list[str], expected: list[str]) -> None:
    assert labels(files) == expected


def test_paths_without_a_shared_title_stay_as_they_are() -> None:
    paths = ["own/a/Kick 1.wav", "own/a/Kick 2.wav", "own/a/Kick 3.wav", "own/b/Snare.wav", "x.wav"]
    assert without_shared_prefixes(paths, RULES) == {path: path for path in paths}
    assert without_shared_prefixes([], RULES) == {}
