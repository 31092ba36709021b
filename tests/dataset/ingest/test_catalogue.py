"""Precedence of labels, removal of exact duplicates, and ingest metrics."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from drumspace.audio.analysis.hits import LOOP, ROLL, Hits
from drumspace.dataset.ingest.annotations import Annotation
from drumspace.dataset.ingest.catalogue import (
    Entry,
    Label,
    drop_exact_duplicates,
    label_of_hits,
    label_sound,
    metrics,
    not_one_shots,
    table,
)
from drumspace.dataset.ingest.naming import NamingRules
from drumspace.dataset.ingest.scan.sounds import Rejected, Sound

RULES = NamingRules.load()
KICK, SNARE = Annotation("kick", "a.csv, line 2"), Annotation("snare", "a.csv, line 3")
OTHER = Annotation("other", "a.csv, line 4")


def sound(path: str = "own/kit/x.wav", **more: Any) -> Sound:
    """Sound whose source is the first part of its path."""
    source, kit, _ = path.split("/", 2)
    return Sound(path, Path(path), source, source, f"{source}/{kit}", "CC0", False, **more)


ONE_HIT, FOUR_HITS = Hits((0.0,), None, None), Hits((0.0, 0.5, 1.0, 1.5), LOOP, 120.0)


def entry(path: str, clip_id: str, label: Label, hits: Hits = ONE_HIT, **more: Any) -> Entry:
    """Catalogue entry of a clip."""
    return Entry(sound(path, **more), label, clip_id, 0, 0, 0.5, 44100, 2, -3.0, hits, -14.0)


@pytest.mark.parametrize(
    ("path", "fields", "annotations", "expected"),
    [
        ("own/kit/tom.wav", {"annotation": SNARE}, {"own/kit/tom.wav": KICK}, ("kick", False, "manual")),
        ("own/kit/tom.wav", {"annotation": SNARE}, {}, ("snare", False, "manual")),
        ("own/kit/tom.wav", {"annotation": OTHER}, {}, (None, True, "manual")),
        ("own/kit/tom 808.wav", {"annotation": SNARE}, {"own/kit/tom 808.wav": KICK}, ("kick", False, "manual", "808")),
        ("own/kit/open hat.wav", {}, {}, ("hat", False, "name", "open")),
        ("own/kit/x.wav", {"keys": (42, 42)}, {}, ("hat", False, "name", "closed")),
        ("own/kit/x.wav", {"keys": (42, 42), "instrument": "Hi-Hat Open"}, {}, ("hat", False, "name", "open")),
        ("own/kit/tom.wav", {}, {"own/kit/tom.wav": OTHER}, (None, True, "manual")),
        ("own/kit/tom.wav", {}, {"another.wav": KICK}, ("tom", False, "name")),
        ("own/kit/x.wav", {"instrument": "Snare Drum"}, {}, ("snare", False, "name")),
        ("own/kit/cowbell.wav", {}, {}, (None, True, None)),
        ("own/kit/x.wav", {}, {}, (None, False, None)),
        ("own/kit/x.wav", {"keys": (35, 36)}, {}, ("kick", False, "name")),
        ("own/kit/x.wav", {"keys": (36, 38)}, {}, (None, False, None)),
        ("own/kit/tom.wav", {"keys": (36, 36)}, {}, ("tom", False, "name")),
        ("own/kit/cowbell.wav", {"keys": (36, 36)}, {}, (None, True, None)),
        # a key comes before the names of folders and of the SoundFont, which are titles
        ("own/80s Drums.sf2/Standard/36-smp01", {"keys": (36, 36)}, {}, ("kick", False, "name")),
        ("own/Crash Kit.sf2/Snares/36-smp01", {"keys": (36, 36)}, {}, ("kick", False, "name")),
        ("own/Crash Kit.sf2/Snares/100-smp01", {"keys": (100, 100)}, {}, ("snare", False, "name")),
        ("own/cr/cr8kbass.wav", {"name": "own/cr/kick.wav"}, {}, ("kick", False, "name")),
    ],
)
def test_label_sources_have_an_order_of_precedence(
    path: str, fields: dict[str, Any], annotations: dict[str, Annotation], expected: tuple[Any, ...]
) -> None:
    assert label_sound(sound(path, **fields), annotations, RULES) == Label(*expected)


MANUAL, NAMED = Label("kick", False, "manual"), Label("tom", False, "name")
MANUAL_OTHER = Label(None, True, "manual")
NO_CLASS, UNKNOWN = Label(None, True, None), Label(None, False, None)


@pytest.mark.parametrize(
    ("labels", "kept_index"),
    [
        ([UNKNOWN, UNKNOWN], 0),
        ([UNKNOWN, NAMED], 1),
        ([NAMED, NAMED], 0),
        ([NAMED, NO_CLASS], 0),
        ([UNKNOWN, NO_CLASS, NAMED, MANUAL], 3),
        ([MANUAL, NAMED], 0),
        ([NAMED, MANUAL_OTHER], 1),
    ],
)
def test_the_best_labelled_of_equal_sounds_is_kept(labels: list[Label], kept_index: int) -> None:
    entries = [entry(f"own/kit/{number}.wav", "same", label) for number, label in enumerate(labels)]
    other = entry("own/kit/0a.wav", "different", UNKNOWN)
    figures = drop_exact_duplicates([*entries, other])
    assert {item.sound.path for item in figures} == {f"own/kit/{kept_index}.wav", "own/kit/0a.wav"}
    assert [item.sound.path for item in figures] == sorted(item.sound.path for item in figures)


@pytest.mark.parametrize(
    ("label", "hits", "expected"),
    [
        (NAMED, ONE_HIT, NAMED),
        (NAMED, FOUR_HITS, UNKNOWN),
        (NO_CLASS, FOUR_HITS, UNKNOWN),
        (MANUAL, FOUR_HITS, MANUAL),
        (MANUAL_OTHER, FOUR_HITS, MANUAL_OTHER),
    ],
)
def test_a_loop_has_only_a_label_that_a_person_gives(label: Label, hits: Hits, expected: Label) -> None:
    assert label_of_hits(label, hits) == expected


def test_a_one_shot_is_kept_before_a_loop_that_starts_with_it() -> None:
    loop, one_shot = entry("own/kit/1.wav", "same", UNKNOWN, FOUR_HITS), entry("own/kit/2.wav", "same", UNKNOWN)
    assert drop_exact_duplicates([loop, one_shot]) == [one_shot]


def test_loops_are_listed_for_review_until_a_person_labels_them() -> None:
    roll = Hits((0.0, 0.1, 0.2, 0.3), ROLL, None)
    entries = [
        entry("own/kit/a.wav", "a", UNKNOWN, FOUR_HITS),
        entry("own/kit/b.wav", "b", MANUAL, FOUR_HITS),
        entry("own/kit/c.wav", "c", NAMED),
        entry("own/kit/d.wav", "d", UNKNOWN, roll),
    ]
    frame = table(entries, np.arange(4), np.array([np.nan, 50.0, 100.0, np.nan]))
    assert frame["hits"].tolist() == [4, 4, 1, 4]
    review = not_one_shots(frame)
    assert review.columns.tolist() == ["path", "sequence", "hits", "tempo_bpm", "seconds", "clip_id"]
    assert review["path"].tolist() == ["own/kit/a.wav", "own/kit/d.wav"]
    assert review["sequence"].tolist() == ["loop", "roll"]
    assert review["tempo_bpm"].tolist()[0] == 120
    assert review["tempo_bpm"].isna().tolist() == [False, True]
    figures = metrics(entries, entries, np.arange(4), [], {}, RULES)
    assert figures["not_one_shots"] == {"loop": 1, "roll": 1, "multi_hit": 0}


def test_empty_columns_keep_their_types(tmp_path: Path) -> None:
    frame = table([entry("own/kit/x.wav", "a", UNKNOWN)], np.array([0]), np.array([np.nan]))
    frame.to_parquet(tmp_path / "a.parquet")
    loaded = pd.read_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(loaded, frame)
    assert loaded.columns.tolist() == [
        *("clip_id", "shard", "row", "source", "kit", "path", "label", "label_origin", "detail"),
        *("other", "seconds"),
        *(
            "original_sample_rate",
            "channels",
            "peak_dbfs",
            "loudness_lufs",
            "pitch_hz",
            "sequence",
            "hits",
            "tempo_bpm",
            "duplicate_group",
            "synthetic",
            "truth",
            "licence",
        ),
    ]
    assert (
        loaded[["label", "label_origin", "detail", "truth", "pitch_hz", "sequence", "tempo_bpm"]].isna().all(axis=None)
    )
    assert [str(kind) for kind in loaded.dtypes[["shard", "other", "seconds", "label"]]] == [
        *("int64", "bool", "float64"),
        "str",
    ]


def test_metrics_count_clips_by_status_and_label() -> None:
    clips = [
        entry("own/kit/kick.wav", "a", MANUAL, annotation=KICK),
        entry("own/kit/tom.wav", "b", MANUAL, annotation=KICK),
        entry("own/kit/x.wav", "c", MANUAL, annotation=SNARE),
        entry("pack/kit/cowbell.wav", "d", NO_CLASS),
        entry("pack/kit/y.wav", "e", UNKNOWN),
    ]
    entries = [*clips, entry("late/kit/z.wav", "a", NAMED), entry("pack/kit/z.wav", "e", UNKNOWN)]
    sources = {
        name: {"status": status, "reason": reason}
        for name, status, reason in [
            *(("own", "folder", None), ("pack", "fetched", None), ("late", "folder", None)),
            *(("bare", "folder", None), ("deb", "skipped", "no apt-get")),
        ]
    }
    figures = metrics(clips, entries, np.array([0, 1, 0, 2, 1]), [Rejected("own/a", "b")], sources, RULES)
    assert figures["classes"] == {name: 3 * (name == "kick") for name in figures["classes"]}
    assert figures.pop("not_one_shots") == {"loop": 0, "roll": 0, "multi_hit": 0}
    del figures["classes"]
    assert figures == {
        **{"clips": 5, "labelled": 3, "unlabelled": 2, "other": 1, "quarantined": 1},
        **{"exact_duplicates": 2, "duplicate_conflicts": 1},
        **{"near_duplicate_groups": 2, "near_duplicate_clips": 4},
        "naming": {"precision": 0.5, "coverage": 2 / 3, "n": 3},
        "sources": {
            "own": {"status": "folder", "clips": 3, "reason": None},
            "pack": {"status": "fetched", "clips": 2, "reason": None},
            "late": {"status": "folder", "clips": 0, "reason": None},
            "bare": {"status": "empty", "clips": 0, "reason": None},
            "deb": {"status": "skipped", "clips": 0, "reason": "no apt-get"},
        },
    }


def test_naming_accuracy_is_null_without_manual_labels() -> None:
    figures = metrics([entry("own/kit/kick.wav", "a", NAMED)], [], np.array([0]), [], {}, RULES)
    assert figures["naming"] == {"precision": None, "coverage": None, "n": 0}
