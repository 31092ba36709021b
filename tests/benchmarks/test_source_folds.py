"""No fold trains on a source, a kit or a near-duplicate that it tests."""

import numpy as np
import pandas as pd

from benchmarks._lib.source_folds import assign_sources, make_fold

RNG = np.random.default_rng(0)
N = 600
CATALOG = pd.DataFrame(
    {
        "source": RNG.choice(list("abcdefgh"), N, p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05]),
        "kit": RNG.integers(0, 9, N).astype(str),
        "duplicate_group": np.where(RNG.random(N) < 0.1, RNG.integers(0, 30, N), np.arange(N) + 1000),
        "other": RNG.random(N) < 0.1,
    }
)
CATALOG["kit"] = CATALOG["source"] + "/" + CATALOG["kit"]
LABELS = np.where(CATALOG["other"], -1, RNG.integers(0, 4, N))
TESTED = (LABELS >= 0) & (CATALOG["source"] != "h").to_numpy()


def test_every_labelled_clip_is_tested_once_and_sources_stay_whole() -> None:
    fold_of = assign_sources(CATALOG["source"].to_numpy(str)[TESTED], LABELS[TESTED], 3)
    assert set(fold_of) == set("abcdefg") and set(fold_of.values()) == {0, 1, 2}
    sizes = np.bincount([fold_of[source] for source in CATALOG["source"][TESTED]])
    assert sizes.max() < 1.5 * sizes.min()
    truth = np.where(TESTED, LABELS, -1)
    folds = [make_fold(CATALOG, LABELS, truth, fold_of, number, seed=0) for number in range(3)]
    assert sorted(np.concatenate([fold.test for fold in folds])) == np.flatnonzero(TESTED).tolist()
    for number, fold in enumerate(folds):
        seen = np.concatenate([fold.train, fold.validation])
        assert not any(fold_of.get(source) == number for source in CATALOG["source"].to_numpy()[seen])
        assert all(fold_of[source] == number for source in CATALOG["source"].to_numpy()[fold.test])
        groups, kits = CATALOG["duplicate_group"].to_numpy(), CATALOG["kit"].to_numpy()
        assert not np.isin(groups[seen], groups[fold.test]).any()
        assert not np.isin(groups[fold.train], groups[fold.validation]).any()
        assert len(fold.validation) and not np.isin(kits[fold.train], kits[fold.validation]).any()
        # A source without a fold is trained on, and neither tested nor used for choices.
        assert "h" in set(CATALOG["source"].to_numpy()[fold.train])
        assert "h" not in set(CATALOG["source"].to_numpy()[fold.validation])
        others = np.concatenate([fold.other, fold.train_other, fold.validation_other])
        assert CATALOG["other"].to_numpy()[others].all() and len(np.unique(others)) == len(others)
        assert set(kits[fold.validation_other]) <= set(kits[fold.validation])
        assert not np.isin(groups[fold.train_other], groups[np.concatenate([fold.other, fold.validation_other])]).any()
        assert len(fold.train_other) and len(fold.validation_other)
