"""Splits keep kits and recordings on one side, balance the test part and report classes that cannot be split."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from drumspace.dataset.splits.settings import SplitParams
from drumspace.dataset.splits.splits import PARTS, assign_parts, make_splits
from drumspace.errors import UserError
from drumspace.io.settings import Params
from drumspace.taxonomy import CLASSES

LABELLED = ("train", "validation", "test", "test_rest", "judge", "reference")
DEFAULTS: dict[str, Any] = {
    "seed": 0,
    "repeats": 3,
    "test_per_class": 20,
    "max_test_share": 0.4,
    "test_share": 0.0,
    "min_per_class": 8,
    "validation_share": 0.15,
    "judge_share": 0.0,
    "reference_share": 0.0,
    "not_in_test": (),
    "restarts": 20,
}


def params(**changes: Any) -> SplitParams:
    return SplitParams(**{**DEFAULTS, **changes})


def catalogue(rows: list[tuple[str, str | None]], groups: list[int] | None = None) -> pd.DataFrame:
    """Catalogue of clips given as (source/kit, label); without `groups`, each clip is a separate recording."""
    return pd.DataFrame(
        {
            "clip_id": [f"{number:064x}" for number in range(len(rows))],
            "source": [kit.split("/")[0] for kit, _ in rows],
            "kit": [kit for kit, _ in rows],
            "path": [f"{kit}/{number}.wav" for number, (kit, _) in enumerate(rows)],
            "label": pd.array([label for _, label in rows], pd.StringDtype(na_value=np.nan)),
            "sequence": pd.array([None] * len(rows), pd.StringDtype(na_value=np.nan)),
            "duplicate_group": groups or list(range(len(rows))),
            "synthetic": [kit.startswith("synth/") for kit, _ in rows],
        }
    )


def collection(seed: int, kits: int = 60, sounds: int = 1500) -> pd.DataFrame:
    """Random collection: kits of any size, rare and common classes, a fifth of the clips copies."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(kits, 0.7))
    source = rng.choice(["a", "b", "noisy", "synth"], kits, p=[0.4, 0.4, 0.1, 0.1])
    kit = rng.choice(kits, sounds, p=share)
    weights = np.array([6, 6, 5, 1.5, 1, 1, 0.5, 4])
    label = rng.choice([*CLASSES, None], sounds, p=np.append(weights / weights.sum() * 0.7, 0.3))
    copied = rng.random(sounds) < 0.2
    group = np.where(copied, rng.integers(0, sounds, sounds), np.arange(sounds))
    return catalogue([(f"{source[k]}/{k}", c) for k, c in zip(kit, label, strict=True)], group.tolist())


def even(kits: int, clips_per_label: int, labels: tuple[str, ...] = CLASSES) -> list[tuple[str, str | None]]:
    return [(f"a/{kit}", label) for kit in range(kits) for label in labels for _ in range(clips_per_label)]


def check(catalog: pd.DataFrame, table: pd.DataFrame, settings: SplitParams) -> None:
    """Check the properties that hold for the split of any catalogue."""
    assert table["clip_id"].tolist() == catalog["clip_id"].tolist()
    columns = [f"part_{number}" if number else "part" for number in range(settings.repeats)]
    assert list(table.columns) == ["clip_id", *columns]
    has_label = catalog["label"].isin(CLASSES).to_numpy()
    for column in columns:
        rows = catalog.assign(part=table[column].to_numpy())
        assert set(rows["part"]) <= set(PARTS)
        assert not rows[~has_label]["part"].isin(LABELLED).any()
        assert not rows[has_label]["part"].isin(["unlabelled", "held_out"]).any()
        side = rows["part"].replace({"test_rest": "test", "unlabelled": "train"})
        in_use = rows.assign(side=side)[~side.isin(["held_out", "excluded"])]
        assert in_use.groupby("kit")["side"].nunique().max() == 1
        assert in_use.groupby("duplicate_group")["side"].nunique().max() == 1
        training = set(in_use[in_use["side"] == "train"]["kit"])
        assert not training & set(rows[rows["part"] == "held_out"]["kit"])
        bound = rows[rows["synthetic"] | rows["source"].isin(settings.not_in_test)]
        assert set(bound["part"]) <= {"train", "unlabelled", "excluded"}
        test = rows[rows["part"] == "test"]
        assert not test["duplicate_group"].duplicated().any()
        total = rows[~rows["synthetic"]].groupby("label").size()
        for label, clips in test.groupby("label").size().items():
            assert clips <= min(settings.test_per_class, settings.max_test_share * total[label])


@pytest.mark.parametrize("seed", range(8))
def test_splits_of_random_collections_have_all_properties(seed: int) -> None:
    catalog = collection(seed)
    settings = params(
        seed=seed,
        not_in_test=("noisy",),
        judge_share=0.1 * (seed % 2),
        reference_share=0.1 * (seed % 2),
        test_per_class=(5, 20, 60)[seed % 3],
    )
    table, report = make_splits(catalog, settings)
    check(catalog, table, settings)
    for name, counts in report["parts"].items():
        rows = table["part"].to_numpy() == name
        assert sum(counts.values()) == rows.sum()
        assert counts["kick"] == (rows & (catalog["label"] == "kick")).sum()


@pytest.mark.parametrize("seed", range(3))
def test_duplicates_across_kits_stay_together_or_are_dropped(seed: int) -> None:
    rows = even(12, 4)
    copies = [(kit.replace("a/", "b/"), label) for kit, label in rows]
    catalog = catalogue(rows + copies, [*range(len(rows))] * 2)
    settings = params(seed=seed)
    table, report = make_splits(catalog, settings)
    check(catalog, table, settings)
    assert report["kits_sharing_duplicates"] == 24
    assert all(report["parts"]["test"][label] >= 12 for label in CLASSES)


def test_plenty_of_clips_give_a_full_balanced_test_and_few_leftovers() -> None:
    catalog = catalogue(even(60, 3))
    table, report = make_splits(catalog, params())
    assert [report["parts"]["test"][label] for label in CLASSES] == [20] * 8
    assert (table["part"] == "test_rest").sum() <= 8 * 3
    assert report["too_few"] == {} and report["not_measured"] == []
    for label in CLASSES:
        assert 0.12 * 180 <= report["parts"]["validation"][label] <= 0.18 * 180


def test_the_test_part_has_many_kits() -> None:
    catalog = catalogue(even(30, 20))
    table, _ = make_splits(catalog, params())
    tested = catalog[table["part"] == "test"]
    assert tested.groupby("label")["kit"].nunique().min() >= 4
    assert tested.groupby(["label", "kit"]).size().max() <= 5


def test_a_large_kit_is_not_used_up_by_the_test() -> None:
    large = [("a/large", label) for label in CLASSES for _ in range(100)]
    catalog = catalogue(even(40, 4) + large)
    table, _ = make_splits(catalog, params())
    for column in ("part", "part_1", "part_2"):
        assert set(table[column][catalog["kit"] == "a/large"]) == {"train"}


def test_rare_classes_keep_training_clips() -> None:
    catalog = catalogue(even(30, 8, CLASSES[:6]) + even(10, 3, ("shaker",)))
    table, report = make_splits(catalog, params())
    for column in ("part", "part_1", "part_2"):
        counts = table[column][catalog["label"] == "shaker"].value_counts()
        assert counts["test"] == 12
        assert counts["train"] >= 30 * 0.3
    assert list(report["too_few"]) == ["tom"]


def test_repeats_have_different_test_kits() -> None:
    catalog = catalogue(even(60, 3))
    table, report = make_splits(catalog, params())
    kits = [set(catalog["kit"][table[column] == "test"]) for column in ("part", "part_1", "part_2")]
    assert not kits[0] & kits[1] and not kits[0] & kits[2] and not kits[1] & kits[2]
    assert [split["test_kits_used_before"] for split in report["splits"].values()] == [0, 0, 0]


def test_one_seed_gives_one_split_and_another_gives_another() -> None:
    catalog = collection(1)
    first, repeated, other = (make_splits(catalog, params(seed=seed))[0] for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, repeated)
    assert (first["part"] != other["part"]).any()


def test_a_further_repeat_does_not_change_the_others() -> None:
    catalog = collection(2)
    two, three = (make_splits(catalog, params(repeats=repeats))[0] for repeats in (2, 3))
    pd.testing.assert_frame_equal(two, three[two.columns])


def test_classes_that_kits_cannot_divide_are_trained_on_and_reported() -> None:
    catalog = catalogue(
        even(10, 5, ("kick", "snare"))
        + [("a/cymbals", "crash")] * 40  # enough clips, one kit
        + [(f"a/rides {number}", "ride") for number in range(7)]  # too few clips
        + [("synth/machine", "clap")] * 50  # never held out
    )
    table, report = make_splits(catalog, params())
    assert list(report["too_few"]) == ["hat", "crash", "ride", "clap", "shaker", "tom"]
    assert report["too_few"]["crash"].startswith("each kit that has some of its 40 labelled clips")
    assert report["too_few"]["ride"].startswith("7 labelled clips that may be held out")
    assert report["too_few"]["clap"].startswith("0 labelled clips that may be held out")
    assert [entry["what"] for entry in report["not_measured"]][:2] == ["class hat", "class crash"]
    for label in ("crash", "ride", "clap"):
        assert set(table["part"][catalog["label"] == label]) == {"train"}
    assert report["parts"]["test"]["kick"] == report["parts"]["test"]["snare"] == 20


def test_a_class_of_two_kits_has_one_for_training_and_one_for_the_test() -> None:
    rows = even(6, 5, ("kick", "snare"))
    catalog = catalogue(rows + [("a/claps", "clap")] * 6 + [("a/more claps", "clap")] * 5)
    table, report = make_splits(catalog, params())
    assert "clap" not in report["too_few"]
    assert report["validation_lacks"] == ["clap"]
    for column in ("part", "part_1", "part_2"):
        assert set(table[column][catalog["kit"] == "a/claps"]) == {"train"}
        assert table[column][catalog["kit"] == "a/more claps"].value_counts().to_dict() == {
            "test": 4,
            "test_rest": 1,
        }


def test_a_collection_of_one_kit_is_trained_on_and_nothing_is_measured() -> None:
    catalog = catalogue(even(1, 30))
    table, report = make_splits(catalog, params())
    assert set(table["part"]) == {"train"}
    assert list(report["too_few"]) == list(CLASSES)
    assert "the 240 labelled sounds lie in one kit (a/0)" in report["untested"]
    assert "at least 8 of a class in three kits" in report["untested"]
    assert report["not_measured"][0] == {"what": "every classifier", "why": report["untested"]}


def test_kits_without_enough_sounds_of_a_class_are_trained_on_and_nothing_is_measured() -> None:
    """27 sounds in 10 kits, none with 8 of a class."""
    labels = [CLASSES[number % 4] for number in range(27)]
    table, report = make_splits(
        catalogue([(f"a/{number % 10}", label) for number, label in enumerate(labels)]), params()
    )
    assert set(table["part"]) == {"train"}
    assert "the 27 labelled sounds lie in 10 kits" in report["untested"]


def test_a_collection_that_can_be_tested_needs_no_advice() -> None:
    assert make_splits(catalogue(even(10, 5)), params())[1]["untested"] is None


def test_captures_of_one_machine_in_several_sources_are_on_one_side() -> None:
    machines = [
        (kit, label) for kit in ("a/TR-808", "b/RolandTR808", "c/808 Kit") for label in CLASSES for _ in range(9)
    ]
    catalog = catalogue(even(12, 5) + machines)
    captures = catalog["kit"].isin({kit for kit, _ in machines})
    for seed in range(4):
        settings = params(seed=seed)
        table, report = make_splits(catalog, settings)
        check(catalog, table, settings)
        assert report["machines"] == {"Roland TR-808": ["a/TR-808", "b/RolandTR808", "c/808 Kit"]}
        assert report["kits"] == 13
        for column in ("part", "part_1", "part_2"):
            sides = table[column][captures].replace({"test_rest": "test"})
            assert len(set(sides)) == 1


def test_judge_and_reference_have_separate_kits() -> None:
    catalog = catalogue(even(60, 3))
    table, report = make_splits(catalog, params(judge_share=0.2, reference_share=0.2))
    check(catalog, table, params(judge_share=0.2, reference_share=0.2))
    for part in ("judge", "reference"):
        assert all(0.15 * 180 <= report["parts"][part][label] <= 0.25 * 180 for label in CLASSES)


def test_duplicates_are_dropped_from_the_subset_of_lower_priority() -> None:
    rows: list[tuple[str, str | None]] = [
        ("a/tested", "kick"),  # 0: in the test part, so its copies 4 and 6 are excluded
        ("a/tested", "snare"),  # 1: in test_rest, so it is excluded in favour of its copy 5
        ("a/tested", None),  # 2: held out, which does not exclude its copy 7
        ("a/validated", "kick"),  # 3
        ("a/validated", "kick"),  # 4
        ("a/trained", "snare"),  # 5
        ("a/trained", None),  # 6
        ("a/trained", None),  # 7
    ]
    catalog = catalogue(rows, [0, 1, 2, 3, 0, 1, 0, 2])
    side = np.array(["test"] * 3 + ["validation"] * 2 + ["train"] * 3)
    part = assign_parts(catalog, side, np.array([1, 0, 0, 0, 0, 0, 0, 0]), np.random.default_rng(0))
    assert part.tolist() == [
        "test",
        "excluded",
        "held_out",
        "validation",
        "excluded",
        "train",
        "excluded",
        "unlabelled",
    ]


def test_fewer_than_two_classes_raise_an_error_with_advice() -> None:
    with pytest.raises(UserError, match=r"only kick has labelled sounds.*data/annotations\.csv"):
        make_splits(catalogue([("a/1", "kick"), ("a/2", "kick"), ("a/3", None)]), params())
    with pytest.raises(UserError, match="none has labelled sounds"):
        make_splits(catalogue([("a/1", None)]), params())
    with pytest.raises(UserError):
        make_splits(catalogue([]), params())


def test_settings_that_leave_no_training_clips_raise_errors() -> None:
    assert issubclass(SplitParams, Params)
    with pytest.raises(ValueError, match=r"must not exceed 0\.6"):
        params(validation_share=0.3, judge_share=0.3, reference_share=0.3)
    with pytest.raises(ValueError, match="not_in_tests"):
        params(not_in_tests=())


def test_no_source_makes_up_most_of_a_test() -> None:
    """A single source of complete kits has the lowest cost otherwise, but must not dominate the test part."""
    rows = [(f"machines/{kit}", label) for kit in range(30) for label in CLASSES for _ in range(4)]
    rows += [(f"{source}/{label}", label) for source in "abcd" for label in CLASSES for _ in range(12)]
    catalog = catalogue(rows)
    table, _ = make_splits(catalog, params())
    tested = catalog[table["part"] == "test"]
    assert tested["label"].value_counts().to_dict() == dict.fromkeys(CLASSES, 20)
    assert (tested["source"] == "machines").groupby(tested["label"]).mean().max() <= 0.7


def test_loops_and_rolls_are_in_no_part() -> None:
    catalog = catalogue([*even(12, 6), *[("a/0", None)] * 3, *[("a/11", None)] * 3])
    catalog.loc[catalog["label"].isna(), "sequence"] = ["loop", "roll", "multi_hit"] * 2
    table, report = make_splits(catalog, params())
    loops = table[catalog["sequence"].notna()]
    assert (loops.drop(columns="clip_id") == "excluded").all(axis=None)
    assert report["parts"]["excluded"]["unlabelled"] == 6
    assert report["parts"]["unlabelled"]["unlabelled"] == report["parts"]["held_out"]["unlabelled"] == 0
