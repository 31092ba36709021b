"""Scanning a source lists its sounds with their paths and kits."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drumspace.dataset.ingest.scan.scan import scan as scan_sources
from drumspace.dataset.ingest.scan.sounds import Rejected, Sound, passed_over_text
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


def test_all_folders_may_be_one_kit(tmp_path: Path) -> None:
    touch(tmp_path, "crash/edge/x.wav", "kick/y.wav", "z.wav", "808_bd.wav", "808_sd.wav")
    assert set(kits(tmp_path, layout="one kit").values()) == {"own/own"}


def test_licence_files_state_the_licences_of_their_folders(tmp_path: Path) -> None:
    touch(tmp_path, "a/x.wav", "a/deep/y.wav", "b/x.wav", "c/x.wav", "c/1.wav", "d/x.wav", "x.wav")
    licences = {"a": "CC-BY-4.0", "b": "all rights reserved", "": '{"1": {"license": "MIT"}, "d": {"license": "CC0"}}'}
    for folder, text in licences.items():
        (tmp_path / "licences" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "licences" / folder / "LICENSE").write_text(text)
    (tmp_path / "licences/a/README.md").write_text("a kit")  # states none, which takes nothing from LICENSE
    files = {
        "licences/LICENSE": "",
        **{f"licences/{name}": name[0] for name in ("a/LICENSE", "a/README.md", "b/LICENSE")},
    }
    entry = source(tmp_path, kind="git", licence="CC0-1.0", licence_files=files)
    sounds, rejected = scan({"own": entry}, tmp_path)
    assert {sound.path: sound.licence for sound in sounds} == {
        "own/a/deep/y.wav": "CC-BY-4.0",
        "own/a/x.wav": "CC-BY-4.0",
        "own/b/x.wav": None,
        "own/c/1.wav": "MIT",
        "own/c/x.wav": "CC0-1.0",
        "own/d/x.wav": "CC0-1.0",
        "own/x.wav": "CC0-1.0",
    }
    assert [item.path for item in rejected] == ["own/licences/a/README.md", "own/licences/b/LICENSE"]
    assert rejected[0].reason == "it states no licence"
    assert "has no SPDX identifier" in rejected[1].reason


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


def write_kit(folder: Path, names: dict[str, str], tail: str = "") -> None:
    """Write a drumkit.xml of instruments and their files."""
    rows = "".join(
        f"<instrument><name>{name}</name><filename>{file}</filename></instrument>" for file, name in names.items()
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "drumkit.xml").write_text(f"<drumkit_info><name>Kit</name>{rows}</drumkit_info>{tail}", encoding="utf-8")


def instruments(root: Path) -> dict[str, str | None]:
    """Instrument of each sound of the source 'own'."""
    return {sound.path: sound.instrument for sound in scan({"own": source(root)}, root)[0]}


def test_files_of_a_kit_are_matched_as_other_systems_name_them(tmp_path: Path) -> None:
    touch(tmp_path, "flac/1.flac", "case/Sample1.WAV", "slash/Samples/1.wav", "moved/1.wav", "me\u0301moire/1.wav")
    write_kit(tmp_path / "flac", {"1.wav": "Kick"}, tail="\nid>0</id></x>")
    write_kit(tmp_path / "case", {"sample1.wav": "Snare"})
    write_kit(tmp_path / "slash", {"Samples\\1.wav": "Hat"})
    write_kit(tmp_path / "moved", {"C:/Users/someone/.hydrogen/data/drumkits/moved/1.wav": "Tom"})
    write_kit(tmp_path, {"m\u00e9moire/1.wav": "Crash"})
    assert list(instruments(tmp_path).values()) == ["Snare", "Kick", "Crash", "Tom", "Hat"]
    assert scan({"own": source(tmp_path)}, tmp_path)[1] == []


def test_an_instrument_without_its_file_is_reported(tmp_path: Path) -> None:
    touch(tmp_path, "kit/1.wav")
    write_kit(tmp_path / "kit", {"1.wav": "Kick", "2.wav": "Snare", "3.wav": "Hat"})
    assert scan({"own": source(tmp_path)}, tmp_path)[1] == [
        ("own/kit/drumkit.xml", "2 of the 3 sounds that it names are not there: Snare (2.wav), Hat (3.wav)")
    ]


def test_other_kits_name_their_sounds_and_have_keys(tmp_path: Path) -> None:
    touch(tmp_path, "sfz/Samples/1.wav", "sfz/Samples/2.wav", "giz/samples/1.wav", "decent/1.wav")
    (tmp_path / "sfz/a.sfz").write_text('<control> default_path=Samples/\n#include "map.sfz"')
    (tmp_path / "sfz/map.sfz").write_text(
        "<region> key=36 sample=1.wav <region> region_label=Snare key=38 sample=2.wav"
    )
    (tmp_path / "giz/kick.xml").write_text('<instrument name="Kick"><audiofile file="samples/1.wav"/></instrument>')
    (tmp_path / "giz/session.xml").write_text("<session/>")
    (tmp_path / "decent/Kit.dspreset").write_text(
        '<DecentSampler><group name="Tom"><sample path="1.wav" loNote="45" hiNote="45"/></group></DecentSampler>'
    )
    result = scan_sources({"own": source(tmp_path)}, tmp_path, tmp_path)
    assert [(sound.path, sound.instrument, sound.keys) for sound in result.sounds] == [
        ("own/decent/1.wav", "Tom", (45, 45)),
        ("own/giz/samples/1.wav", "Kick", None),
        ("own/sfz/Samples/1.wav", None, (36, 36)),
        ("own/sfz/Samples/2.wav", "Snare", (38, 38)),
    ]
    assert result.rejected == [] and result.passed_over == {".xml": 1}


def test_folders_whose_sounds_one_document_names_are_one_kit(tmp_path: Path) -> None:
    touch(tmp_path, "Kick/1.wav", "Snare/1.wav", "Pack/1.wav", "Pack/2.wav", "Pack/3.wav")
    (tmp_path / "Big Kit.sfz").write_text(
        "<region> sample=Kick/1.wav\n<region> sample=Snare/1.wav\n<region> sample=Pack/1.wav"
    )
    assert kits(tmp_path) == {
        **{"own/Kick/1.wav": "own/Big Kit", "own/Snare/1.wav": "own/Big Kit"},
        **{f"own/Pack/{number}.wav": "own/Pack" for number in (1, 2, 3)},  # the document names one of its three
    }
    touch(tmp_path, "deep/Kick/1.wav", "deep/Snare/1.wav")
    (tmp_path / "deep/b.sfz").write_text("<region> sample=Kick/1.wav\n<region> sample=Snare/1.wav")
    by_folder = kits(tmp_path, layout="folder")
    assert (by_folder["own/deep/Kick/1.wav"], by_folder["own/deep/Snare/1.wav"]) == ("own/deep", "own/deep")


def test_sounds_of_archives_have_the_archive_as_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "Pack.zip", "w") as archive:
        archive.writestr("kit/1.wav", b"")
        archive.writestr(
            "kit/drumkit.xml", "<k><instrument><name>Kick</name><filename>1.wav</filename></instrument></k>"
        )
        archive.writestr("kit/bell\7.wav", b"")
        archive.writestr("loop.rx2", b"")
        archive.writestr("notes.txt", b"")
    touch(tmp_path, "Pack/2.wav", "Kick.wav.asd", "loop.RX2", ".gitkeep", "._Kick.wav", "broken.h2drumkit")
    result = scan_sources({"own": source(tmp_path)}, tmp_path, tmp_path)
    assert [(sound.path, sound.named, sound.kit, sound.instrument) for sound in result.sounds] == [
        ("own/Pack.zip/kit/1.wav", "own/Pack/kit/1.wav", "own/Pack", "Kick"),
        ("own/Pack/2.wav", "own/Pack/2.wav", "own/Pack", None),
    ]
    assert result.passed_over == {".rx2": 2, ".txt": 1, ".asd": 1}
    assert passed_over_text(result.passed_over) == "2 .rx2 files were not read"
    assert {item.path: item.reason for item in result.rejected} == {
        "own/Pack.zip/kit/bell\7.wav": "its name holds a line break, a control character or no UTF-8: rename it",
        "own/broken.h2drumkit": "empty file",
    }


def test_samples_of_a_soundfont_outside_the_file_are_rejected(tmp_path: Path, soundfont: Callable[..., Path]) -> None:
    pcm = np.ones(50, np.int16)
    drums = [("One", [((36, 36), 0), ((38, 38), 1)])]
    samples = [("Kick", 1 | 0x8000, 0, pcm, 44100), ("Snare", 1, 0, pcm, 44100)]
    soundfont(tmp_path / "Crash Kit.sf2", [("Standard", 0, 128, [(None, 0)])], drums, samples)
    sounds, rejected = scan({"own": source(tmp_path)}, tmp_path)
    assert [(sound.path, sound.named) for sound in sounds] == [
        ("own/Crash Kit.sf2/Standard/38-Snare", "own/Standard/38-Snare")
    ]
    assert [(item.path, "ROM" in item.reason) for item in rejected] == [("own/Crash Kit.sf2/Standard/36-Kick", True)]


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({}, ""),
        ({".txt": 3, "": 2}, ""),
        ({".rx2": 12}, "12 .rx2 files were not read"),
        ({".rar": 1}, "1 .rar file was not read"),
        ({".rar": 1, ".rx2": 12, ".7z": 1, ".png": 4}, "12 .rx2 files, 1 .7z file and 1 .rar file were not read"),
    ],
)
def test_files_that_were_passed_over_are_named(counts: dict[str, int], text: str) -> None:
    assert passed_over_text(counts) == text
