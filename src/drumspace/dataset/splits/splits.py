"""Splits that keep a kit, and every near-duplicate of its sounds, on one side.

Each kit goes to a side: train, test, validation, judge or reference. Where a group of near-duplicates lies on
several sides, the clips of all sides but one leave the split: they are `excluded`. (To weld kits that share a
sound together instead would weld half of a collection: drum machines are sampled that often.)

The parts `train`, `validation`, `test`, `test_rest`, `judge` and `reference` hold labelled clips alone.
`test` is balanced and has one clip of a group of near-duplicates; `test_rest` is what it leaves over of its
kits. Clips without a label are `unlabelled` where their kit trains, and else `held_out`: nothing may learn
from them.

A class that kits cannot divide (too few clips, or nearly all in one kit) is not divided by clip instead: its
clips train, or are `test_rest` where another class has their kit tested, and the report says that it is not
tested. A class of two kits has one in train and one in test, and none in validation.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.dataset.splits.settings import SplitParams
from drumspace.errors import UserError
from drumspace.taxonomy import CLASSES

PARTS = (
    "train",
    "validation",
    "test",
    "test_rest",
    "judge",
    "reference",
    "unlabelled",
    "held_out",
    "excluded",
)
PRECEDENCE = ("test", "judge", "reference", "validation", "train", "test_rest", "unlabelled", "held_out")
"""A group of near-duplicates stays on the side of its first part in this order."""
MAX_LOST_SHARE = 0.5
"""A side takes at most this share of the clips that a class still has to train on."""
TEST_PENALTY, SHARE_PENALTY, REUSE_PENALTY = 0.1, 0.5, 0.02
"""What a choice of kits pays, where a class of which nothing is chosen pays 1: for taking all of a class
beyond the test part's target, for taking a share twice, and for a kit that an earlier split tested on."""
KIT_SHARE, SOURCE_SHARE = 1 / 4, 1 / 2
"""What one kit, or one source, gives beyond this share of a class's test clips counts for nothing: kits differ more
than the sounds within one, so a test of few kits, or of one collection, says little of others."""
PASSES = 3


def make_splits(catalog: pd.DataFrame, params: SplitParams) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The table of splits and a report on it.

    `catalog` has the columns clip_id, source, kit, label, duplicate_group and synthetic. The table has its
    clips in its order: clip_id, part, and part_1, … for the further splits. The report: `parts` (clips of the
    first split by part and class), `splits` (for each column: kits a side, test kits that an earlier split
    had, test clips a class), `too_few` (for each class that is not tested: why), `validation_lacks`
    (classes), `kits`, `kits_sharing_duplicates`, `seed` and `not_measured`. Raises UserError where fewer than
    two classes are labelled.
    """
    labelled_classes = [label for label in CLASSES if (catalog["label"] == label).any()]
    if len(labelled_classes) < 2:
        labelled = f"only {labelled_classes[0]}" if labelled_classes else "none"
        raise UserError(
            f"Of the {len(CLASSES)} classes, {labelled} has labelled sounds: a classifier needs at least two. Add"
            f" sounds whose names say what they are to data/own, label some in data/annotations.csv"
            f" (path,label), or add to `sources` in params.yaml; the classes are {', '.join(CLASSES)}."
        )
    kits = Kits.count(catalog, params.not_in_test)
    target, too_few = targets(kits, params)
    table = pd.DataFrame({"clip_id": catalog["clip_id"].to_numpy()})
    tested = np.zeros(len(kits.names), dtype=np.int64)
    splits: dict[str, Any] = {}
    for repeat in range(params.repeats):
        column = f"part_{repeat}" if repeat else "part"
        rng = np.random.default_rng([params.seed, repeat])
        side = choose_sides(kits, target, tested, params, rng)
        table[column] = assign_parts(catalog, side[kits.clip_kit], target, rng)
        names, numbers = np.unique(side, return_counts=True)
        splits[column] = {
            "kits": dict(zip(names.tolist(), numbers.tolist(), strict=True)),
            "test_kits_used_before": int(((side == "test") & (tested > 0)).sum()),
            "test": _counts(catalog, table[column])["test"],
        }
        tested += side == "test"
    parts = _counts(catalog, table["part"])
    for number, label in enumerate(CLASSES):
        if target[number] and not all(split["test"][label] for split in splits.values()):
            too_few[label] = "no choice of kits leaves enough of it to train on"
    return table, {
        "parts": parts,
        "splits": splits,
        "too_few": too_few,
        "validation_lacks": [label for label in labelled_classes if not parts["validation"][label]],
        "not_measured": [{"what": f"class {label}", "why": why} for label, why in too_few.items()],
        "kits": len(kits.names),
        "kits_sharing_duplicates": int((kits.shared.sum(axis=1) > 0).sum()),
        "seed": params.seed,
    }


@dataclass(frozen=True)
class Kits:
    """What kits hold: arrays of a row a kit, a column a class; synthetic clips are not counted."""

    names: np.ndarray
    source: np.ndarray
    """Number of each kit's source."""
    clip_kit: np.ndarray
    """Row of each clip's kit."""
    clips: np.ndarray
    distinct: np.ndarray
    """Clips, near-duplicates within the kit counted once."""
    shared: np.ndarray
    """Clips of other kits with a near-duplicate in this one."""
    free: np.ndarray
    """Kits that may be held out: bool."""

    @classmethod
    def count(cls, catalog: pd.DataFrame, not_in_test: tuple[str, ...]) -> "Kits":
        """Count a catalogue's clips."""
        names, clip_kit = np.unique(catalog["kit"].to_numpy(dtype=str), return_inverse=True)
        synthetic = catalog["synthetic"].to_numpy(dtype=bool)
        bound = synthetic | catalog["source"].isin(not_in_test).to_numpy()
        free = np.bincount(clip_kit, weights=bound, minlength=len(names)) == 0
        number = {label: number for number, label in enumerate(CLASSES)}
        label = np.where(synthetic, -1, catalog["label"].map(number).fillna(-1)).astype(np.int64)

        _, group = np.unique(catalog["duplicate_group"].to_numpy(), return_inverse=True)
        cells, cell = np.unique(np.stack([clip_kit, group], axis=1), axis=0, return_inverse=True)
        in_cell = _table(cell.reshape(-1), label, len(cells))
        in_group = _table(group, label, group.max() + 1)
        shared, distinct = (np.zeros((len(names), len(CLASSES)), dtype=np.int64) for _ in range(2))
        np.add.at(shared, cells[:, 0], in_group[cells[:, 1]] - in_cell)
        np.add.at(distinct, cells[:, 0], np.minimum(in_cell, 1))
        sources = np.unique(catalog["source"].to_numpy(dtype=str), return_inverse=True)[1]
        source = np.zeros(len(names), dtype=np.int64)
        source[clip_kit] = sources
        return cls(names, source, clip_kit, _table(clip_kit, label, len(names)), distinct, shared, free)


def _table(row: np.ndarray, label: np.ndarray, rows: int) -> np.ndarray:
    """How often each pair of row and class occurs, clips of class -1 left out: int64 [rows, classes]."""
    table = np.zeros((rows, len(CLASSES)), dtype=np.int64)
    np.add.at(table, (row[label >= 0], label[label >= 0]), 1)
    return table


def targets(kits: Kits, params: SplitParams) -> tuple[np.ndarray, dict[str, str]]:
    """Clips of each class for the test part, int64 [classes]; and why a class has none."""
    total, free = kits.clips.sum(axis=0), kits.clips[kits.free].sum(axis=0)
    lost_clips = (kits.clips + kits.shared)[kits.free]
    fits = ((kits.clips[kits.free] > 0) & (lost_clips <= MAX_LOST_SHARE * total)).any(axis=0)
    target = np.minimum(params.test_per_class, np.floor(params.max_test_share * total)).astype(np.int64)
    too_few = {}
    for number, label in enumerate(CLASSES):
        if free[number] < params.min_per_class or not target[number]:
            too_few[label] = (
                f"{free[number]} labelled clips that may be held out; split.min_per_class asks for"
                f" {params.min_per_class}"
            )
        elif not fits[number]:
            too_few[label] = (
                f"each kit that has some of its {free[number]} labelled clips has, or repeats, over half of them"
            )
        target[number] *= label not in too_few
    return target, too_few


def choose_sides(
    kits: Kits, test: np.ndarray, tested: np.ndarray, params: SplitParams, rng: np.random.Generator
) -> np.ndarray:
    """The side of each kit: train, test, judge, reference or validation.

    `test` [classes] is the test part's target, `tested` [kits] how many earlier splits have tested on a kit.
    """
    side = np.full(len(kits.names), "train", dtype="<U10")
    held_out = kits.clips[kits.free].sum(axis=0)
    shares = {
        "judge": params.judge_share,
        "reference": params.reference_share,
        "validation": params.validation_share,
    }
    for name in ("test", *shares):
        remaining = kits.clips[side == "train"].sum(axis=0)
        max_lost = np.where(test > 0, MAX_LOST_SHARE * remaining, np.inf)
        if name == "test":
            target = np.where(test > 0, np.maximum(test, np.floor(params.test_share * held_out)), 0)
            reuse = REUSE_PENALTY * tested
            penalty = TEST_PENALTY / np.maximum(held_out, 1)
            gain = np.minimum(kits.distinct, np.ceil(KIT_SHARE * test))
            several = np.array([len(np.unique(kits.source[kits.free & (row > 0)])) > 1 for row in gain.T])
            cap = np.where(several, np.ceil(SOURCE_SHARE * target), np.inf)
        else:
            target, reuse = np.where(test > 0, shares[name] * held_out, 0), np.zeros(len(tested))
            penalty = SHARE_PENALTY / np.maximum(shares[name] * held_out, 1)
            gain, cap = kits.clips, np.full(len(test), np.inf)
        if target.any():
            free = np.flatnonzero(kits.free & (side == "train") & gain.any(axis=1))
            loss = kits.clips + kits.shared
            by_source = np.zeros((len(free), kits.source.max() + 1, len(test)))
            by_source[np.arange(len(free)), kits.source[free]] = gain[free]
            costs = Costs(target, cap, penalty, max_lost)
            chosen = _choose(by_source, loss[free], costs, reuse[free], params.restarts, rng)
            side[free[chosen]] = name
    return side


@dataclass(frozen=True)
class Costs:
    """What a choice of kits is held to, each an array of a figure a class."""

    target: np.ndarray
    cap: np.ndarray
    """What one source gives beyond it counts for nothing."""
    penalty: np.ndarray
    """Of each clip that is lost beyond the target."""
    max_lost: np.ndarray
    """Clips that may be lost."""


def _choose(
    gain: np.ndarray, loss: np.ndarray, costs: Costs, reuse: np.ndarray, restarts: int, rng: np.random.Generator
) -> np.ndarray:
    """Kits that bring each class to its target at the least cost: bool [kits].

    A class costs the share of its target that `gain` [kits, sources, classes] lacks, and its price for each clip of
    `loss` [kits, classes] beyond the target; a kit costs `reuse` [kits]. Local search: from no kit, each in random
    order is taken, or put back, where that lowers the cost; the best of `restarts` such orders, which are followed
    side by side.
    """
    sources, classes = gain.shape[1:]
    target = costs.target
    run = np.arange(restarts)
    selected = np.zeros((restarts, len(gain)), dtype=bool)
    change = np.hstack([gain.reshape(len(gain), -1), loss, reuse[:, None]])
    state = np.zeros((restarts, change.shape[1]))

    def cost(state: np.ndarray) -> np.ndarray:
        gained, lost_clips, reuse_cost = np.split(state, [sources * classes, (sources + 1) * classes], axis=1)
        credited = np.minimum(gained.reshape(-1, sources, classes), costs.cap).sum(axis=1)
        lack = np.clip(target - credited, 0, None) / np.maximum(target, 1)
        return lack.sum(axis=1) + np.clip(lost_clips - target, 0, None) @ costs.penalty + reuse_cost[:, 0]

    current_cost = cost(state)
    order = rng.permuted(np.tile(np.arange(len(gain)), (restarts, 1)), axis=1)
    for kit in np.tile(order, PASSES).T:
        was_selected = selected[run, kit]
        trial = state + np.where(was_selected, -1, 1)[:, None] * change[kit]
        trial_cost = cost(trial)
        allowed = was_selected | (trial[:, sources * classes : -1] <= costs.max_lost).all(axis=1)
        better = allowed & (trial_cost < current_cost - 1e-9)
        selected[run[better], kit[better]] ^= True
        state[better], current_cost[better] = trial[better], trial_cost[better]
    return selected[np.argmin(current_cost)]


def assign_parts(catalog: pd.DataFrame, side: np.ndarray, test: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The part of each clip: text [clips].

    `side` [clips] is the side of its kit; `test` [classes] is how many clips of each class the test part
    takes: of as many kits as can be, and one of a group of near-duplicates.
    """
    labelled = catalog["label"].isin(CLASSES).to_numpy()
    part = np.where(labelled, side, np.where(side == "train", "unlabelled", "held_out")).astype("<U10")

    pool = catalog.assign(row=np.arange(len(catalog))).iloc[rng.permutation(np.flatnonzero(part == "test"))]
    pool = pool.drop_duplicates("duplicate_group")
    pool = pool.assign(rank_in_kit=pool.groupby(["label", "kit"]).cumcount()).sort_values("rank_in_kit", kind="stable")
    chosen = pool[pool.groupby("label").cumcount() < pool["label"].map(dict(zip(CLASSES, test, strict=True)))]
    part[part == "test"] = "test_rest"
    part[chosen["row"].to_numpy()] = "test"

    rank = np.array([PRECEDENCE.index(name) for name in part])
    _, group = np.unique(catalog["duplicate_group"].to_numpy(), return_inverse=True)
    order = np.argsort(rank, kind="stable")
    first = order[np.unique(group[order], return_index=True)[1]]
    part[(side != side[first][group]) & (part != "held_out")] = "excluded"
    return part


def _counts(catalog: pd.DataFrame, part: pd.Series) -> dict[str, dict[str, int]]:
    """Clips by part and class, those of no class under `unlabelled`."""
    label = catalog["label"].where(catalog["label"].isin(CLASSES), "unlabelled").to_numpy()
    table = pd.crosstab(part.to_numpy(), label).reindex(index=PARTS, columns=[*CLASSES, "unlabelled"], fill_value=0)
    return {
        name: dict(zip(table.columns, row.tolist(), strict=True))
        for name, row in zip(PARTS, table.to_numpy(), strict=True)
    }
