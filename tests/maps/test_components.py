import numpy as np
from sklearn.decomposition import PCA

from drumspace.maps import components
from drumspace.maps.components import BLOCK, Components, blocks


def test_points_are_those_of_principal_components() -> None:
    rng = np.random.default_rng(0)
    features = (rng.standard_normal((200, 5, 4)) * rng.uniform(0.1, 3, (5, 4))).astype(np.float16)
    projected = Components.fit(features, 6).project(features)
    flat = features.reshape(200, -1).astype(np.float32)
    expected = PCA(6, svd_solver="full").fit_transform(flat)
    np.testing.assert_allclose(np.abs(projected), np.abs(expected), atol=1e-3)


def test_blocks_hold_every_row_once_in_order_and_none_is_small() -> None:
    features = np.arange(2 * BLOCK + 100, dtype=np.float32)[:, None]
    parts = list(blocks(features))
    assert np.array_equal(np.concatenate(parts), features)
    assert min(map(len, parts)) > BLOCK / 2


def test_several_blocks_give_nearly_the_axes_of_all(monkeypatch: object) -> None:
    rng = np.random.default_rng(1)
    features = (rng.standard_normal((400, 8)) * np.array([9, 6, 4, 1, 1, 1, 1, 1])).astype(np.float32)
    whole = Components.fit(features, 3)
    monkeypatch.setattr(components, "BLOCK", 100)  # type: ignore[attr-defined]
    parts = Components.fit(features, 3)
    similarity = np.abs(np.sum(whole.axes * parts.axes, axis=1))
    assert (similarity > 0.95).all()


def test_fewer_points_than_components_give_what_there_is() -> None:
    projected = Components.fit(np.eye(3, 10), 50).project(np.eye(3, 10))
    assert projected.shape == (3, 3)
    # All differences are kept: the three points have equal distances from each other.
    np.testing.assert_allclose(
        np.linalg.norm(projected[:, None] - projected, axis=2), 2**0.5 * (1 - np.eye(3)), atol=1e-6
    )
    np.testing.assert_allclose(projected.mean(axis=0), 0, atol=1e-6)
