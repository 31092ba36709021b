"""The whole ingest: good and bad files, with the same output for any number of processes."""

import csv
import multiprocessing
import os
import signal
import tarfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

from drumspace.audio.analysis.loudness import loudness_lufs
from drumspace.audio.decode.settings import STANDARD
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.access.clips import Clips
from drumspace.dataset.ingest.annotations import Annotation, Annotations
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.dataset.ingest.ingest import ingest
from drumspace.dataset.ingest.naming import NamingRules, Verdict
from drumspace.dataset.ingest.settings import IngestParams
from drumspace.errors import UserError
from drumspace.io.shards import clip_id

RATE = 44100
AUDIO = AudioParams(sample_rate=RATE, seconds=0.25, onset_db=-40, lead_ms=1, fade_ms=10, silence_dbfs=-60)
PARAMS = IngestParams(
    min_seconds=0.005,
    max_seconds=3,
    level_dbfs=-1,
    clips_per_shard=4,
    dask_address=None,
    decode=STANDARD,
    duplicates=DuplicateParams(similarity=0.9, neighbours=10, correlation=0.9, bright_correlation=0.8, max_shift_ms=5),
)
RULES = NamingRules.load()


def hit(seed: int, seconds: float = 0.1) -> np.ndarray:
    """Decaying noise, different for each seed: float64 [T]."""
    time = np.arange(round(seconds * RATE)) / RATE
    return 0.4 * np.random.default_rng(seed).uniform(-1, 1, len(time)) * np.exp(-20 * time)


def write(path: Path, sound: np.ndarray, rate: int = RATE, subtype: str | None = None) -> Path:
    """Write a sound file and create its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, rate, subtype)
    return path


def folder(path: Path, **options: Any) -> dict[str, Any]:
    """Entry of a folder source in sources.json."""
    paths = {"kind": "folder", "status": "folder", "reason": None, "path": str(path), "layout": "kit"}
    return paths | {"labels": None, "licence": None, "synthetic": False} | options


def run(out: Path, sources: dict[str, Any], jobs: int = 1, **options: Any) -> dict[str, Any]:
    """Run ingest with the settings of this file."""
    arguments = {"annotations": {}, "rules": RULES, "audio": AUDIO, "params": PARAMS} | options
    return ingest(sources, Path("nowhere"), out=out, jobs=jobs, **arguments)


def quarantine(out: Path) -> dict[str, str]:
    """Rejected files: path → reason."""
    with (out / "quarantine.csv").open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["reason"] for row in csv.DictReader(file)}


def contents(out: Path) -> dict[str, bytes]:
    """Contents of all files: name → bytes."""
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def bad_files(root: Path) -> dict[str, str]:
    """Write one of each kind of bad file under `root`; returns path → expected part of the reason."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "empty.wav").touch()
    (root / "text.wav").write_text("a text, no sound")
    write(root / "silent.flac", np.zeros(RATE))
    write(root / "nan.wav", np.full(RATE, np.nan, np.float32), subtype="FLOAT")
    write(root / "no samples.wav", np.zeros(0))
    write(root / "click.wav", hit(1)[:50])
    write(root / "long.wav", hit(1, 4.0))
    os.truncate(write(root / "cut.wav", hit(1)), 1000)
    os.truncate(write(root / "cut.flac", hit(1)), 2000)
    os.mkfifo(root / "pipe.wav")
    (root / "gone.wav").symlink_to(root / "nothing.wav")
    (root / "loop").symlink_to(root)
    (root / "two\nlines.wav").touch()
    Path(os.fsdecode(os.fsencode(root) + b"/latin-\xe9.wav")).touch()
    (root / "font.sf2").write_text("none")
    return {
        "empty.wav": "empty file",
        "text.wav": "no sound that can be decoded",
        "silent.flac": "silent: its peak is below -60 dBFS",
        "nan.wav": "holds NaN",
        "no samples.wav": "holds no samples",
        "click.wav": "a click of 1.1 ms",
        "long.wav": "4 s long, over the limit of 3 s",
        "cut.wav": "truncated",
        "cut.flac": "truncated",
        "pipe.wav": "not a regular file",
        "gone.wav": "cannot be reached",
        "loop": "a link loop",
        "two\\nlines.wav": "rename it",
        "latin-\\xe9.wav": "rename it",
        "font.sf2": "not a SoundFont",
    }


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Ten good sounds in three kits."""
    root = tmp_path / "pack"
    for number in range(4):
        write(root / f"a/kick {number}.wav", hit(number))
        write(root / f"b/snare_{number}.flac", np.stack([hit(10 + number)] * 2, axis=1), 48000)
    write(root / "c/x.ogg", hit(20))
    write(root / "c/long.aiff", hit(21, 1.0))
    return root


def test_each_bad_file_is_quarantined_and_the_rest_goes_on(tmp_path: Path, pack: Path) -> None:
    expected = bad_files(pack / "a")
    (pack / "a/readme.txt").write_text("no sound, and no bad file")
    figures = run(tmp_path / "out", {"own": folder(pack)})
    paths = quarantine(tmp_path / "out")
    assert sorted(paths) == sorted(f"own/a/{name}" for name in expected)
    for name, reason in expected.items():
        assert reason in paths[f"own/a/{name}"], name
    assert (figures["clips"], figures["quarantined"]) == (10, len(expected))
    assert str(tmp_path) not in (tmp_path / "out/quarantine.csv").read_text()


def test_the_same_bytes_with_any_number_of_processes(tmp_path: Path, pack: Path) -> None:
    bad_files(pack / "bad")
    figures = [run(tmp_path / f"out{jobs}", {"own": folder(pack)}, jobs) for jobs in (1, 2, 1)]
    assert figures[0] == figures[1] == figures[2]
    assert contents(tmp_path / "out1") == contents(tmp_path / "out2")


def test_clips_and_catalogue_agree(tmp_path: Path, pack: Path) -> None:
    run(tmp_path / "out", {"own": folder(pack, licence="CC0")})
    clips = Clips(tmp_path / "out")
    catalog = clips.catalog
    pcm = clips[np.arange(len(clips))]
    assert pcm.shape == (10, AUDIO.num_samples)
    assert catalog["clip_id"].tolist() == [clip_id(clip) for clip in pcm]
    assert catalog["path"].tolist() == sorted(catalog["path"])
    assert np.abs(pcm.astype(int)).max(axis=1).tolist() == [round(32767 * 10 ** (-1 / 20))] * 10
    assert catalog["label"].isna().tolist() == [False] * 4 + [False] * 4 + [True] * 2
    row = catalog.set_index("path").loc["own/b/snare_0.flac"]
    assert (row["kit"], row["source"], row["label"], row["label_origin"]) == ("own/b", "own", "snare", "name")
    assert (row["original_sample_rate"], row["channels"], row["licence"]) == (48000, 2, "CC0")
    length = len(hit(0)) / 48000
    assert length - 0.01 < row["seconds"] <= length
    assert catalog.set_index("path").loc["own/c/long.aiff", "seconds"] > 0.9
    assert sorted(catalog["duplicate_group"]) == list(range(10))


def test_equal_sounds_are_kept_once_with_their_best_label(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    pcm = (hit(1) * 32767).astype(np.int16)
    write(root / "a/1.wav", pcm)
    write(root / "b/snare.flac", pcm)
    write(root / "c/thing.wav", np.stack([pcm] * 2, axis=1))
    write(root / "d/2.wav", hit(2))
    figures = run(tmp_path / "named", {"own": folder(root)})
    assert (figures["clips"], figures["exact_duplicates"]) == (2, 2)
    catalog = Clips(tmp_path / "named").catalog
    assert catalog["path"].tolist() == ["own/b/snare.flac", "own/d/2.wav"]
    annotations = {"own/c/thing.wav": Annotation("tom", "a.csv, line 2")}
    figures = run(tmp_path / "labelled", {"own": folder(root)}, annotations=annotations)
    catalog = Clips(tmp_path / "labelled").catalog
    assert catalog["path"].tolist() == ["own/c/thing.wav", "own/d/2.wav"]
    assert catalog["label"].tolist()[:1] == ["tom"]
    assert figures["duplicate_conflicts"] == 1


def test_a_loop_is_no_drum_of_its_name(tmp_path: Path, pack: Path) -> None:
    bar = np.concatenate([hit(number, 0.5) for number in range(4)])
    write(pack / "a/kick loop.wav", bar)
    write(pack / "a/kick twice.flac", np.concatenate([hit(7, 0.25), hit(8, 0.25)]))
    figures = run(tmp_path / "out", {"own": folder(pack)})
    assert figures["not_one_shots"] == {"loop": 1, "roll": 0, "multi_hit": 1}
    catalog = Clips(tmp_path / "out").catalog.set_index("path")
    loop = catalog.loc["own/a/kick loop.wav"]
    assert (loop["sequence"], loop["hits"]) == ("loop", 4)
    assert loop["tempo_bpm"] == pytest.approx(120, abs=1)
    assert loop["seconds"] == pytest.approx(2.0, abs=0.01)
    assert catalog.loc["own/a/kick twice.flac", "sequence"] == "multi_hit"
    assert catalog.loc[catalog["sequence"].notna(), "label"].isna().all()
    assert catalog["sequence"].isna().sum() == 10
    annotations = {"own/a/kick twice.flac": Annotation("kick", "a.csv, line 2")}
    run(tmp_path / "labelled", {"own": folder(pack)}, annotations=annotations)
    catalog = Clips(tmp_path / "labelled").catalog.set_index("path")
    assert catalog.loc["own/a/kick twice.flac", "label"] == "kick"
    assert catalog.index[catalog["sequence"].notna()].tolist() == ["own/a/kick loop.wav"]


def test_kicks_have_a_pitch_and_all_a_loudness(tmp_path: Path) -> None:
    time = np.arange(RATE // 4) / RATE
    tone = 0.8 * np.sin(2 * np.pi * 60 * time) * np.exp(-10 * time)
    write(tmp_path / "pack/a/kick.wav", tone)
    write(tmp_path / "pack/a/low tom.wav", 0.5 * tone)
    write(tmp_path / "pack/a/snare.wav", tone)
    params = PARAMS.model_copy(update={"level_dbfs": -6.0})
    run(tmp_path / "out", {"own": folder(tmp_path / "pack")}, params=params)
    catalog = Clips(tmp_path / "out").catalog.set_index("path")
    assert catalog.index.tolist() == ["own/a/kick.wav", "own/a/low tom.wav"]  # the snare is an exact duplicate
    assert catalog["pitch_hz"].tolist() == [pytest.approx(60, rel=0.01)] * 2
    expected = loudness_lufs(tone.astype(np.float32), RATE)
    assert expected is not None
    assert catalog["loudness_lufs"].tolist() == [pytest.approx(expected - down, abs=0.05) for down in (0, 6.02)]
    write(tmp_path / "pack/a/kick.wav", hit(1))
    run(tmp_path / "again", {"own": folder(tmp_path / "pack")})
    catalog = Clips(tmp_path / "again").catalog.set_index("path")
    assert catalog["pitch_hz"].isna().to_dict() == {
        "own/a/kick.wav": True,  # noise
        "own/a/low tom.wav": False,
        "own/a/snare.wav": True,
    }


def test_near_duplicates_share_a_group(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    for number in range(3):
        write(root / f"a/{number}.wav", hit(number, 0.2))
    write(root / "b/again.wav", np.concatenate([np.zeros(300), 0.7 * hit(1, 0.2)[:-3000]]), subtype="PCM_24")
    figures = run(tmp_path / "out", {"own": folder(root)})
    assert (figures["near_duplicate_groups"], figures["near_duplicate_clips"]) == (1, 2)
    assert Clips(tmp_path / "out").catalog["duplicate_group"].tolist() == [0, 1, 2, 1]


def test_source_labels_are_the_ground_truth_for_naming_accuracy(tmp_path: Path, pack: Path) -> None:
    (pack / "labels.csv").write_text("path,label\na/kick 0.wav,kick\na/kick 1.wav,tom\nb/snare_0.flac,\nc/x.ogg,clap\n")
    figures = run(tmp_path / "out", {"own": folder(pack, labels="labels.csv")})
    assert figures["naming"] == {"precision": 0.5, "coverage": 2 / 3, "n": 3}
    catalog = Clips(tmp_path / "out").catalog.set_index("path")
    assert catalog.loc["own/a/kick 1.wav", ["label", "label_origin", "truth"]].tolist() == [*("tom", "manual", "tom")]
    assert catalog.loc["own/b/snare_0.flac", ["label", "label_origin"]].tolist() == ["snare", "name"]
    assert catalog["truth"].notna().sum() == 3


def test_sounds_of_a_soundfont_become_clips(tmp_path: Path, soundfont: Callable[..., Path]) -> None:
    sides = [(hit(number) * 32767).astype(np.int16) for number in (1, 2)]
    (tmp_path / "pack").mkdir()
    soundfont(
        tmp_path / "pack/GM.sf2",
        [("Rock", 0, 128, [(None, 0)])],
        [("Drums", [((36, 36), 0), ((36, 36), 1), ((38, 38), 2)])],
        [("X(L)", 4, 0, sides[0], RATE), ("X(R)", 2, 0, sides[1], RATE), ("Nil", 1, 0, 0 * sides[0], RATE)],
    )
    figures = run(tmp_path / "out", {"fonts": folder(tmp_path / "pack")})
    assert (figures["clips"], figures["quarantined"]) == (1, 1)
    clips = Clips(tmp_path / "out")
    row = clips.catalog.iloc[0]
    assert (row["path"], row["label"], row["channels"]) == ("fonts/GM.sf2/Rock/36-X", "kick", 2)
    mean = (sides[0].astype(float) + sides[1]) / 2
    assert np.corrcoef(clips[np.array([0])][0, :4000], mean[:4000])[0, 1] > 0.9999
    assert list(quarantine(tmp_path / "out")) == ["fonts/GM.sf2/Rock/38-Nil"]


def assert_unchanged(out: Path, action: Callable[[], Any], message: str) -> None:
    """Check that `action` raises a UserError with `message` and changes neither `out` nor its parent folder."""
    before, siblings = contents(out), sorted(out.parent.iterdir())
    with pytest.raises(UserError) as error:
        action()
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert contents(out) == before
    assert sorted(out.parent.iterdir()) == siblings


def test_an_error_changes_nothing(tmp_path: Path, pack: Path) -> None:
    out, sources = tmp_path / "out", {"own": folder(pack)}
    run(out, sources)
    (tmp_path / "bare").mkdir()
    assert_unchanged(out, lambda: run(out, {"own": folder(tmp_path / "bare")}), "No source gave a clip")
    bad_files(tmp_path / "bad")
    assert_unchanged(out, lambda: run(out, {"own": folder(tmp_path / "bad")}), "The first of 15 rejected files: own/")
    wrong = {"own/a/kik.wav": Annotation("kick", "annotations.csv, line 7")}
    assert_unchanged(out, lambda: run(out, sources, annotations=wrong), "annotations.csv, line 7: no source holds")


def test_contradictory_labels_of_one_sound_are_reported_with_their_lines(tmp_path: Path, pack: Path) -> None:
    """Two files hold the same sound and are annotated with different labels."""
    first = next(iter(sorted((pack / "a").glob("*.wav"))))
    (pack / "a" / "again.wav").write_bytes(first.read_bytes())
    annotations = {
        f"own/a/{first.name}": Annotation("kick", "annotations.csv, line 2"),
        "own/a/again.wav": Annotation("other", "annotations.csv, line 3"),
    }
    out, sources = tmp_path / "out", {"own": folder(pack)}
    run(out, sources)
    message = "which holds the same sound, is other in annotations.csv, line 3"
    assert_unchanged(out, lambda: run(out, sources, annotations=annotations), message)


def test_names_of_one_folder_are_read_without_their_title_and_annotations_in_any_unicode(tmp_path: Path) -> None:
    pack, decomposed = tmp_path / "pack", unicodedata.normalize("NFD", "mémoire.wav")
    for number, name in enumerate(("cr8kbass", "cr8kclap", "cr8kcowb", "cr8ksnar")):
        write(pack / f"CR-8000/{name}.wav", hit(number))
    write(pack / "kit" / decomposed, hit(9))
    annotations = {unicodedata.normalize("NFC", "own/kit/mémoire.wav"): Annotation("tom", "a.csv, line 2")}
    run(tmp_path / "out", {"own": folder(pack)}, annotations=Annotations(annotations))
    catalog = Clips(tmp_path / "out").catalog
    labels = dict(zip(catalog["path"].str.split("/").str[-1], catalog["label"].fillna(""), strict=True))
    expected = {"cr8kbass.wav": "kick", "cr8kclap.wav": "clap", "cr8kcowb.wav": "", "cr8ksnar.wav": "snare"}
    assert labels == expected | {decomposed: "tom"}


def test_annotations_of_absent_files_are_no_error(tmp_path: Path, pack: Path) -> None:
    (pack / "a/bad.wav").touch()
    sources = {"own": folder(pack), "pkg": folder(pack, status="skipped", reason="no apt-get")}
    annotations = {path: Annotation("kick", "a.csv, line 2") for path in ("own/a/bad.wav", "pkg/x/y.wav")}
    figures = run(tmp_path / "out", sources, annotations=annotations)
    assert figures["sources"]["pkg"] == {"status": "skipped", "clips": 0, "reason": "no apt-get"}


class _DeadlyRules(NamingRules):
    """Naming rules that kill the process in the middle of the ingest."""

    def verdict(self, path: str, instrument: str | None = None) -> Verdict:
        if "snare" in path:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().verdict(path, instrument)


def test_a_killed_run_leaves_the_old_output(tmp_path: Path, pack: Path) -> None:
    out = tmp_path / "out"
    run(out, {"own": folder(pack)})
    before = contents(out)
    write(pack / "a/new kick.wav", hit(99))
    child = multiprocessing.get_context("fork").Process(
        target=run, args=(out, {"own": folder(pack)}), kwargs={"rules": _DeadlyRules.load()}
    )
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert contents(out) == before
    assert run(out, {"own": folder(pack)})["clips"] == 11


def test_archives_are_read_and_other_files_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = tmp_path / "own"
    for number in range(3):
        write(tmp_path / f"kit/sample{number}.wav", hit(number))
    names = "".join(
        f"<instrument><name>{name}</name><filename>sample{number}.wav</filename></instrument>"
        for number, name in enumerate(("Kick", "Snare", "Closed Hat"))
    )
    (tmp_path / "kit/drumkit.xml").write_text(f"<drumkit_info>{names}</drumkit_info>")
    write(own / "Rack/Tom.wav", hit(9)).rename(own / "Rack/Tom.bwf")
    soundfile.write(own / "Rack/Kick.8svx", hit(10), 22050, "PCM_S8", format="SVX")
    with tarfile.open(own / "kit.h2drumkit", "w:gz") as archive:
        archive.add(tmp_path / "kit", "kit")
    (own / "notes.txt").touch()
    for number in range(2):
        (own / f"loop {number}.rx2").touch()
    figures = run(tmp_path / "out", {"own": folder(own)})
    catalog = pd.read_parquet(tmp_path / "out/catalog.parquet").set_index("path")
    assert catalog["label"].to_dict() == {
        "own/Rack/Kick.8svx": "kick",
        "own/Rack/Tom.bwf": "tom",
        **{f"own/kit.h2drumkit/kit/sample{number}.wav": label for number, label in enumerate(("kick", "snare", "hat"))},
    }
    assert set(catalog["kit"]) == {"own/Rack", "own/kit"}
    assert figures["passed_over"] == {".rx2": 2, ".txt": 1}
    assert "2 .rx2 files were not read" in caplog.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kit", "out", "own"]


def test_the_name_of_a_soundfont_labels_nothing(tmp_path: Path, soundfont: Callable[..., Path]) -> None:
    own = tmp_path / "own"
    own.mkdir()
    pcm = [(20000 * hit(number) / 0.4).astype(np.int16) for number in range(3)]
    for number, name in enumerate(("80s Drums", "Crash Kit", "Kicks")):
        soundfont(
            own / f"{name}.sf2",
            [("Standard", 0, 128, [(None, 0)])],
            [("Drums", [((36, 36), 0), ((38, 38), 1), ((30, 90), 2)])],
            [(f"smp0{index}", 1, 0, samples + number, RATE) for index, samples in enumerate(pcm)],
        )
    run(tmp_path / "out", {"own": folder(own)})
    labels = pd.read_parquet(tmp_path / "out/catalog.parquet").set_index("path")["label"]
    for name in ("80s Drums", "Crash Kit", "Kicks"):
        of_font = labels[labels.index.str.startswith(f"own/{name}.sf2/")]
        assert of_font.fillna("").to_list() == ["", "kick", "snare"]
