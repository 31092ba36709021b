"""Fused features: time segments, scaling of the features and the mean of a kit."""

import numpy as np

from drumspace.propagation.fused_features import fuse_features, pool_segments, subtract_kit_mean, without_kit_means


def test_segments_are_means_of_growing_length() -> None:
    feature = np.arange(2 * 3 * 10, dtype=np.float16).reshape(2, 3, 10)
    segments = pool_segments(feature, 3).reshape(2, 3, -1)
    assert segments.shape[2] == 3
    np.testing.assert_allclose(segments[0, 0, 0], feature[0, 0, :1].mean())
    np.testing.assert_allclose(segments[1, 2, 2], feature[1, 2, 4:].mean())
    assert np.array_equal(pool_segments(feature[:, :, 0], 3), feature[:, :, 0].astype(np.float32))
    # No segment is shorter than a frame.
    assert pool_segments(feature, 64).reshape(2, 3, -1)[0, 0, :3].tolist() == [0, 1, 2]


def test_features_of_any_size_and_scale_have_equal_weight() -> None:
    rng = np.random.default_rng(0)
    wide = rng.standard_normal((80, 500)) * 1000
    narrow = rng.standard_normal((80, 3)) * 0.001
    kits = np.arange(80)
    both = fuse_features([wide, narrow], 4, 200, kits, 0)[:, :80]
    # Each feature contributes half of the squared distances.
    alone = fuse_features([narrow], 4, 200, kits, 0)[:, :3]
    np.testing.assert_allclose(np.square(both).sum(axis=1).mean(), 2 * np.square(alone).sum(axis=1).mean(), rtol=0.02)


def test_the_mean_of_a_kit_is_subtracted() -> None:
    rng = np.random.default_rng(1)
    kits = np.repeat(["a", "b"], 200)
    own = rng.standard_normal((400, 3))
    level = np.where(kits == "a", 50.0, -50.0)[:, None]
    centred = subtract_kit_mean(own + level, kits)
    assert abs(centred[kits == "a"].mean() - centred[kits == "b"].mean()) < 3
    # The mean of a kit of one sound is subtracted only in part.
    alone = subtract_kit_mean(np.concatenate([own, [[50.0, 50, 50]]]), np.append(kits, "c"))
    assert alone[-1].mean() > 35


def test_one_seed_gives_the_same_space() -> None:
    rng = np.random.default_rng(2)
    features = [rng.standard_normal((60, 40)), rng.standard_normal((60, 6, 12))]
    kits = np.arange(60) % 7
    assert np.array_equal(fuse_features(features, 4, 10, kits, 3), fuse_features(features, 4, 10, kits, 3))


def test_features_of_a_single_file_do_not_depend_on_its_kit() -> None:
    rng = np.random.default_rng(3)
    features = [rng.standard_normal((60, 40))]
    first, second = (fuse_features(features, 4, 10, kits, 0) for kits in (np.arange(60) % 7, np.arange(60) % 5))
    assert np.array_equal(without_kit_means(first), without_kit_means(second))
    assert without_kit_means(first).shape == (60, 10)
    assert not np.array_equal(first, second)
