"""Scanning a source lists its sounds with their paths and kits."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drumspace.dataset.ingest.scan.scan import scan as scan_sources
from drumspace.dataset.ingest.scan.sounds import Rejected, Sound
from drumspace.errors import UserError


def source(path: Path | None, kind: str = "folder", **fields: Any) -> dict[str, Any]:
    """Entry of a source in sources.json."""
    status = "folder" if kind == "folder" else "fetched"
    sounds_by_path: dict[str, Any] = {
        "kind": kind,
        "status": status,
        "path": str(path) if path else None,
        "labels": None,
    }
    return sounds_by_path | {"layout": "kit", "licence": "CC0", "synthetic": False, "reason": None} | fields


def scan(sources: dict[str, Any], raw: Path) -> tuple[list[Sound], list[Rejected]]:
    """Sounds and rejected files of sources without archives."""
    result = scan_sources(sources, raw, raw / "unpacked")
    return result.sounds, result.rejected


def touch(root: Path, *names: str) -> Path:
    """Create empty files under `root`."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def kits(root: Path, **fields: Any) -> dict[str, str]:
    """Kits of the sounds in one folder, the source 'own': path → kit."""
    return {sound.path: sound.kit for sound in scan({"own": source(root, **fields)}, root)[0]}


def test_the_first_folder_is_the_kit(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "b/sub/x.wav",
        "b/y.FLAC",
        "a/z.mp3",
        "top.ogg",
        "a/readme.txt",
        "a/drumkit.xml.bak",
        "LICENSE",
    )
    assert list(kits(tmp_path).items()) == [
        ("own/a/z.mp3", "own/a"),
        ("own/b/sub/x.wav", "own/b"),
        ("own/b/y.FLAC", "own/b"),
        ("own/top.ogg", "own/own"),
    ]


def test_folders_may_be_sources_that_hold_kits(tmp_path: Path) -> None:
    touch(tmp_path, "one/kit a/x.wav", "one/kit a/deep/y.wav", "two/z.wav", "top.wav")
    sounds, _ = scan({"corpus": source(tmp_path, layout="source/kit")}, tmp_path)
    assert [(sound.path, sound.source, sound.kit) for sound in sounds] == [
        ("corpus/top.wav", "corpus", "corpus/corpus"),
        ("one/kit a/deep/y.wav", "one", "one/kit a"),
        ("one/kit a/x.wav", "one", "one/kit a"),
        ("two/z.wav", "two", "two/two"),
    ]
    assert {sound.origin for sound in sounds} == {"corpus"}


def test_every_folder_may_be_a_kit(tmp_path: Path) -> None:
    touch(tmp_path, "snd/o/upper/x.wav", "snd/o/lower/y.wav", "snd/o/upper/z.wav")
    assert kits(tmp_path, layout="folder") == {
        "own/snd/o/lower/y.wav": "own/snd/o/lower",
        "own/snd/o/upper/x.wav": "own/snd/o/upper",
        "own/snd/o/upper/z.wav": "own/snd/o/upper",
    }


def test_shared_prefixes_of_a_flat_folder_are_kits(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{kit}_{number}.wav" for kit in ("808", "elec") for number in range(10)), "odd.wav")
    assert set(kits(tmp_path).values()) == {"own/808", "own/elec", "own/own"}
    touch(tmp_path, "more.wav", "and.wav", "another.wav")
    assert set(kits(tmp_path).values()) == {"own/own"}


@pytest.mark.parametrize("names", [("Kick", "Snare", "Hat", "Tom"), ("bd", "elec"), ("スネア", "x"), ("Conga", "zap")])
def test_a_flat_folder_whose_names_begin_with_drums_is_one_kit(tmp_path: Path, names: tuple[str, ...]) -> None:
    touch(tmp_path, *(f"{name}_{number:02d}.wav" for name in names for number in range(1, 4)))
    assert set(kits(tmp_path).values()) == {"own/own"}


def test_hidden_folders_are_skipped_but_not_every_hidden_file(tmp_path: Path) -> None:
    touch(tmp_path, ".git/x.wav", "__MACOSX/k/x.wav", "k/._x.wav", "k/.d20.snr.wav", "k/x.wav")
    assert list(kits(tmp_path)) == ["own/k/.d20.snr.wav", "own/k/x.wav"]


def test_links_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    elsewhere = touch(tmp_path / "elsewhere", "x.wav")
    root = touch(tmp_path / "own", "kit/y.wav")
    (root / "kit/up").symlink_to(root)
    (root / "kit/self").symlink_to("self")
    (root / "linked").symlink_to(elsewhere)
    (elsewhere / "here").symlink_to(elsewhere)
    sounds, rejected = scan({"own": source(root)}, root)
    assert [sound.path for sound in sounds] == ["own/kit/y.wav", "own/linked/x.wav"]
    assert sorted(item.path for item in rejected) == ["own/kit/self", "own/kit/up", "own/linked/here"]
    assert sum("link loop" in item.reason for item in rejected) == 2


@pytest.mark.parametrize("name", [b"two\nlines.wav", b"bell\x07.wav", b"latin-\xe9.wav"])
def test_names_that_cannot_be_stored_are_rejected(tmp_path: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    touch(tmp_path, "fine.wav")
    sounds, rejected = scan({"own": source(tmp_path)}, tmp_path)
    assert [sound.path for sound in sounds] == ["own/fine.wav"]
    assert [(item.path, "rename it" in item.reason) for item in rejected] == [("own/" + os.fsdecode(name), True)]


def test_instruments_of_a_hydrogen_drumkit_are_read(tmp_path: Path) -> None:
    touch(tmp_path, "kit/1.wav", "kit/2.wav", "kit/deep/3.wav", "bad/4.wav", "bad/drumkit.xml")
    rows = "".join(
        f"<instrument><name>{name}</name><filename>{file}</filename></instrument>"
        for name, file in [("Kick", "1.wav"), ("Snare", "deep/3.wav")]
    )
    (tmp_path / "kit/drumkit.xml").write_text(f"<drumkit_info>{rows}</drumkit_info>")
    sounds, rejected = scan({"own": source(tmp_path)}, tmp_path)
    sounds_by_path = {sound.path: sound.instrument for sound in sounds}
    assert sounds_by_path == {
        "own/bad/4.wav": None,
        "own/kit/1.wav": "Kick",
        "own/kit/2.wav": None,
        "own/kit/deep/3.wav": "Snare",
    }
    assert [item.path for item in rejected] == ["own/bad/drumkit.xml"]


def test_a_sound_has_the_licence_of_its_own_kit(tmp_path: Path) -> None:
    touch(tmp_path, "gpl/1.wav", "gpl/deep/2.wav", "reserved/3.wav", "silent/4.wav", "plain/5.wav", "6.wav")
    for kit, words in [("gpl", "GPLv3+"), ("reserved", "All rights reserved"), ("silent", "undefined license")]:
        text = f"<drumkit_info><license>{words}</license></drumkit_info>"
        (tmp_path / kit / "drumkit.xml").write_text(text)
    sounds, _ = scan({"own": source(tmp_path, licence="MIT")}, tmp_path)
    assert {sound.path: sound.licence for sound in sounds} == {
        "own/gpl/1.wav": "GPL-3.0-or-later",
        "own/gpl/deep/2.wav": "GPL-3.0-or-later",
        "own/reserved/3.wav": None,
        "own/silent/4.wav": "MIT",
        "own/plain/5.wav": "MIT",
        "own/6.wav": "MIT",
    }
    assert {sound.licence for sound in scan({"own": source(tmp_path, licence=None)}, tmp_path)[0]} == {
        "GPL-3.0-or-later",
        None,
    }


def test_a_package_of_unreadable_files_is_named_and_the_others_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    touch(tmp_path, "own/k/a.wav")
    (touch(tmp_path, "pack/x.sf3") / "pack/x.sf3").write_text("none")
    sounds, rejected = scan({"own": source(tmp_path / "own"), "pack": source(None, "deb")}, tmp_path)
    assert [sound.path for sound in sounds] == ["own/k/a.wav"]
    assert [item.path for item in rejected] == ["pack/x.sf3"]
    assert "the source pack gives no sound" in caplog.text


def test_sounds_of_a_soundfont_are_listed(tmp_path: Path, soundfont: Callable[..., Path]) -> None:
    pcm = np.ones(50, np.int16)
    soundfont(
        tmp_path / "GM.sf2",
        [("Rock/Kit", 0, 128, [(None, 0)]), ("Orchestra", 48, 128, [(None, 1)])],
        [("One", [((36, 37), 0), ((38, 38), 1), ((38, 38), 2), ((9, 9), 3)]), ("Two", [((41, 41), 4)])],
        [(name, 1, 0, pcm, 44100) for name in ("Kick: 1", "Snr", "Snr", "09-Hat", "Timpani")],
    )
    (tmp_path / "notes.sf2").write_text("none")
    sounds, rejected = scan({"fonts": source(tmp_path, "deb")}, tmp_path)
    sounds_by_path = [(sound.path, sound.instrument, sound.keys, sound.kit) for sound in sounds]
    assert sounds_by_path == [
        ("fonts/GM.sf2/Orchestra/41-Timpani", "Timpani", None, "fonts/GM Orchestra"),
        ("fonts/GM.sf2/Rock_Kit/09-Hat", "09-Hat", (9, 9), "fonts/GM Rock_Kit"),
        ("fonts/GM.sf2/Rock_Kit/36-Kick_ 1", "Kick: 1", (36, 37), "fonts/GM Rock_Kit"),
        ("fonts/GM.sf2/Rock_Kit/38-Snr", "Snr", (38, 38), "fonts/GM Rock_Kit"),
        ("fonts/GM.sf2/Rock_Kit/38-Snr~2", "Snr", (38, 38), "fonts/GM Rock_Kit"),
    ]
    assert rejected == [("fonts/notes.sf2", "not a SoundFont 2 file")]


def test_labels_of_a_source_are_attached_to_its_sounds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path, "k/a.wav", "k/b.wav")
    (tmp_path / "labels.csv").write_text("path,label\nk/a.wav,kick\nk/b.wav,\nk/gone.wav,tom\n")
    sounds, _ = scan({"own": source(tmp_path, labels="labels.csv")}, tmp_path)
    assert [sound.annotation.label if sound.annotation else None for sound in sounds] == ["kick", None]
    assert "labels.csv of `own`: 1 of its rows name no sound there" in caplog.text


def test_fetched_sources_are_read_under_raw_and_skipped_ones_ignored(tmp_path: Path) -> None:
    touch(tmp_path, "pack/k/a.wav")
    skipped = source(None, "deb", status="skipped")
    sounds, _ = scan({"pack": source(None, "npm"), "absent": skipped}, tmp_path)
    path = "pack/k/a.wav"
    assert sounds == [
        Sound(path, tmp_path / path, "pack", "pack", "pack/k", "CC0", False),
    ]


def test_errors_name_the_source(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"does not exist: create it, or correct or remove `sources\.own`"):
        scan({"own": source(tmp_path / "none")}, tmp_path)
    (tmp_path / "pack").mkdir()
    with pytest.raises(UserError, match="The source `pack` holds no sound"):
        scan({"pack": source(None, "pip")}, tmp_path)
    one, two = touch(tmp_path / "1", "two/k/a.wav"), touch(tmp_path / "2", "k/a.wav")
    with pytest.raises(UserError, match=r"both hold two/k/a\.wav"):
        scan({"one": source(one, layout="source/kit"), "two": source(two)}, tmp_path)
