"""Splits that keep each kit, and all near-duplicates of its sounds, on one side.

Each kit is assigned to a side: train, test, validation, judge or reference. If a group of near-duplicates lies on
several sides, only the clips of one side stay; the others are `excluded` from the split. (Joining all kits that share
a sound would not work: popular drum machines would connect half of a collection.)

The parts `train`, `validation`, `test`, `test_rest`, `judge` and `reference` hold labelled clips only. `test` is
balanced by class and holds one clip per group of near-duplicates; `test_rest` holds the other labelled clips of the
test kits. Clips without a label are `unlabelled` if their kit is on the side train, otherwise `held_out`: they must
not be used for training. Loops, rolls and multi-hits (`sequence` of the catalogue) are `excluded`.

A class that cannot be divided by kits (too few clips, or nearly all in one kit) is not divided by clips instead. Its
clips are used for training, or lie in `test_rest` if their kit is tested for another class, and the report lists the
class as not tested. A class of two kits has one for training and one for the test, and none for validation.

Kits whose names tell the same drum machine count as one kit (see `machines`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.dataset.splits.machines import shared_machines
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
"""Priority of parts: a group of near-duplicates stays on the side of its first part in this order."""
MAX_LOST_SHARE = 0.5
"""Largest share of a class's remaining training clips that one side may remove."""
TEST_PENALTY, SHARE_PENALTY, REUSE_PENALTY = 0.1, 0.5, 0.02
"""Penalties of a selection of kits, relative to 1 for a class without any selected clip: for holding out all clips of a
class beyond the test target, for holding out twice a share, and for a kit in the test part of an earlier split."""
KIT_SHARE, SOURCE_SHARE = 1 / 4, 1 / 2
"""Largest share of a class's test clips credited to one kit or one source. Kits differ more than the sounds within one,
so a test on few kits or on one collection does not generalise to others."""
PASSES = 3


def make_splits(catalog: pd.DataFrame, params: SplitParams) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Build the table of splits and the content of split.json.

    `catalog` has the columns clip_id, source, kit, path, label, sequence, duplicate_group and synthetic. The table has
    the same rows with the columns clip_id, part, and part_1, … for further splits. Keys of the report: `parts` (clips
    of the first split by part and class), `splits` (per column: kits per side, test kits that an earlier split also
    had, test clips per class), `too_few` (untested class → reason), `untested` (what to add if no class can be tested,
    or None), `validation_lacks` (classes without validation clips), `kits`, `machines` (machine → its kits, if
    several), `kits_sharing_duplicates`, `seed` and `not_measured`. Raises UserError if fewer than two classes are
    labelled.
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
    untested = _advice(kits, params) if len(too_few) == len(CLASSES) else None
    not_measured = [{"what": "every classifier", "why": untested}] if untested else []
    return table, {
        "parts": parts,
        "splits": splits,
        "too_few": too_few,
        "untested": untested,
        "validation_lacks": [label for label in labelled_classes if not parts["validation"][label]],
        "not_measured": not_measured + [{"what": f"class {label}", "why": why} for label, why in too_few.items()],
        "kits": len(kits.names),
        "machines": kits.machines,
        "kits_sharing_duplicates": int((kits.shared.sum(axis=1) > 0).sum()),
        "seed": params.seed,
    }


def _advice(kits: "Kits", params: SplitParams) -> str:
    """Sentence that says what to add so that a class can be tested."""
    used = kits.clips.any(axis=1)
    where = f"{int(used.sum())} kits" if used.sum() != 1 else f"one kit ({kits.names[used][0]})"
    return (
        f"no class can be tested: the {int(kits.clips.sum())} labelled sounds lie in {where}, and a kit is not tested"
        f" on itself. Add labelled sounds of other kits, at least {params.min_per_class} of a class in three kits of"
        f" similar size: every folder in data/own is a kit"
    )


@dataclass(frozen=True)
class Kits:
    """Counts of labelled clips by kit and class: arrays [kits, classes]. Synthetic clips are not counted.

    Kits of one drum machine are one kit, under the machine's name.
    """

    names: np.ndarray
    source: np.ndarray
    """Index of each kit's source: int [kits]."""
    clip_kit: np.ndarray
    """Index of each clip's kit: int [clips]."""
    clips: np.ndarray
    distinct: np.ndarray
    """Clips, with near-duplicates inside the kit counted once."""
    shared: np.ndarray
    """Clips of other kits that have a near-duplicate in this kit."""
    free: np.ndarray
    """Kits that may be held out: bool [kits]."""
    machines: dict[str, list[str]]
    """Names of the kits that are one here, by machine."""

    @classmethod
    def count(cls, catalog: pd.DataFrame, not_in_test: tuple[str, ...]) -> "Kits":
        """Count the clips of a catalogue; kits with synthetic clips or from `not_in_test` sources are not free."""
        machines = shared_machines(catalog)
        merged = {kit: name for name, members in machines.items() for kit in members}
        units = catalog["kit"].replace(merged).to_numpy(dtype=str)
        names, clip_kit = np.unique(units, return_inverse=True)
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
        return cls(names, source, clip_kit, _table(clip_kit, label, len(names)), distinct, shared, free, machines)


def _table(row: np.ndarray, label: np.ndarray, rows: int) -> np.ndarray:
    """Count pairs of row and class, without clips of class -1: int64 [rows, classes]."""
    table = np.zeros((rows, len(CLASSES)), dtype=np.int64)
    np.add.at(table, (row[label >= 0], label[label >= 0]), 1)
    return table


def targets(kits: Kits, params: SplitParams) -> tuple[np.ndarray, dict[str, str]]:
    """Target number of test clips per class, int64 [classes], and for each untested class the reason."""
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
    """Assign each kit to a side: train, test, judge, reference or validation.

    `test` [classes] is the target of the test part; `tested` [kits] is the number of earlier splits with the kit in
    their test part.
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
    """Targets and limits of a selection of kits: arrays [classes]."""

    target: np.ndarray
    cap: np.ndarray
    """Largest number of clips credited to one source."""
    penalty: np.ndarray
    """Penalty for each clip lost beyond the target."""
    max_lost: np.ndarray
    """Largest number of clips that may be lost."""


def _choose(
    gain: np.ndarray, loss: np.ndarray, costs: Costs, reuse: np.ndarray, restarts: int, rng: np.random.Generator
) -> np.ndarray:
    """Select the kits that reach the target of each class at the lowest cost: bool [kits].

    The cost of a class is the missing share of its target, where `gain` [kits, sources, classes] is credited, plus its
    penalty for each clip of `loss` [kits, classes] beyond the target; each selected kit adds `reuse` [kits]. Local
    search: starting from no kit, kits are visited in random order and added or removed if that lowers the cost.
    `restarts` random orders are searched in parallel, and the best result is returned.
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
    """Assign each clip to a part: text [clips].

    `side` [clips] is the side of the clip's kit; `test` [classes] is the number of test clips per class, drawn from
    as many kits as possible, one per group of near-duplicates.
    """
    labelled = catalog["label"].isin(CLASSES).to_numpy()
    part = np.where(labelled, side, np.where(side == "train", "unlabelled", "held_out")).astype("<U10")

    pool = catalog.assign(row=np.arange(len(catalog))).iloc[rng.permutation(np.flatnonzero(part == "test"))]
    pool = pool.drop_duplicates("duplicate_group")
    pool = pool.assign(rank_in_kit=pool.groupby(["label", "kit"]).cumcount()).sort_values("rank_in_kit", kind="stable")
    # As numbers: the labels of an empty pool would stay text.
    test_counts = pool["label"].map(dict(zip(CLASSES, test.tolist(), strict=True))).astype(np.float64)
    chosen = pool[pool.groupby("label").cumcount() < test_counts]
    part[part == "test"] = "test_rest"
    part[chosen["row"].to_numpy()] = "test"

    rank = np.array([PRECEDENCE.index(name) for name in part])
    _, group = np.unique(catalog["duplicate_group"].to_numpy(), return_inverse=True)
    order = np.argsort(rank, kind="stable")
    first = order[np.unique(group[order], return_index=True)[1]]
    part[(side != side[first][group]) & (part != "held_out")] = "excluded"
    part[catalog["sequence"].notna().to_numpy()] = "excluded"
    return part


def _counts(catalog: pd.DataFrame, part: pd.Series) -> dict[str, dict[str, int]]:
    """Count clips by part and class; clips without a class count as `unlabelled`."""
    label = catalog["label"].where(catalog["label"].isin(CLASSES), "unlabelled").to_numpy()
    table = pd.crosstab(part.to_numpy(), label).reindex(index=PARTS, columns=[*CLASSES, "unlabelled"], fill_value=0)
    return {
        name: dict(zip(table.columns, row.tolist(), strict=True))
        for name, row in zip(PARTS, table.to_numpy(), strict=True)
    }
