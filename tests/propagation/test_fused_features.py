import numpy as np

from drumspace.propagation.fused_features import fuse_features, pooled, within_kit


def test_segments_are_means_and_grow() -> None:
    feature = np.arange(2 * 3 * 10, dtype=np.float16).reshape(2, 3, 10)
    found = pooled(feature, 3).reshape(2, 3, -1)
    assert found.shape[2] == 3
    np.testing.assert_allclose(found[0, 0, 0], feature[0, 0, :1].mean())
    np.testing.assert_allclose(found[1, 2, 2], feature[1, 2, 4:].mean())
    assert np.array_equal(pooled(feature[:, :, 0], 3), feature[:, :, 0].astype(np.float32))
    # Segments shorter than a frame are one.
    assert pooled(feature, 64).reshape(2, 3, -1)[0, 0, :3].tolist() == [0, 1, 2]


def test_features_count_alike_whatever_their_size_and_scale() -> None:
    rng = np.random.default_rng(0)
    wide = rng.standard_normal((80, 500)) * 1000
    narrow = rng.standard_normal((80, 3)) * 0.001
    kits = np.arange(80)
    both = fuse_features([wide, narrow], 4, 200, kits, 0)[:, :80]
    # Squared distances are the sum of what each gives; each gives half.
    alone = fuse_features([narrow], 4, 200, kits, 0)[:, :3]
    np.testing.assert_allclose(np.square(both).sum(axis=1).mean(), 2 * np.square(alone).sum(axis=1).mean(), rtol=0.02)


def test_what_a_kit_has_in_common_is_taken_away() -> None:
    rng = np.random.default_rng(1)
    kits = np.repeat(["a", "b"], 200)
    own = rng.standard_normal((400, 3))
    level = np.where(kits == "a", 50.0, -50.0)[:, None]
    left = within_kit(own + level, kits)
    assert abs(left[kits == "a"].mean() - left[kits == "b"].mean()) < 3
    # A kit of one sound tells little of its level.
    alone = within_kit(np.concatenate([own, [[50.0, 50, 50]]]), np.append(kits, "c"))
    assert alone[-1].mean() > 35


def test_one_seed_gives_the_same_space() -> None:
    rng = np.random.default_rng(2)
    features = [rng.standard_normal((60, 40)), rng.standard_normal((60, 6, 12))]
    kits = np.arange(60) % 7
    assert np.array_equal(fuse_features(features, 4, 10, kits, 3), fuse_features(features, 4, 10, kits, 3))
