from collections.abc import Callable

import numpy as np
import pytest

from drumspace.maps.reduce import project_new_points, tsne_coordinates, umap_coordinates
from drumspace.maps.settings import TsneParams, UmapParams
from drumspace.metrics.maps.faithfulness import neighbour_purity

UMAP = UmapParams(neighbours=15, min_dist=0.1, target_weight=0.5)
TSNE = TsneParams(perplexity=15)
Clouds = tuple[np.ndarray, np.ndarray]
Places = Callable[[np.ndarray, int], np.ndarray]
REDUCERS: dict[str, Places] = {
    "umap": lambda points, dims: umap_coordinates(points, dims, UMAP, seed=0),
    "tsne": lambda points, dims: tsne_coordinates(points, dims, TSNE, seed=0),
}


@pytest.mark.parametrize("method", REDUCERS)
@pytest.mark.parametrize("dims", [2, 3])
def test_clouds_stay_apart_and_one_seed_gives_one_map(method: str, dims: int, three_clouds: Clouds) -> None:
    points, labels = three_clouds
    coordinates = REDUCERS[method](points, dims)
    assert coordinates.shape == (len(points), dims)
    assert neighbour_purity(coordinates, labels, np.arange(len(labels)) % 2 == 0, 5) == 1.0
    assert np.array_equal(coordinates, REDUCERS[method](points, dims))


@pytest.mark.parametrize("method", REDUCERS)
def test_equal_points_share_coordinates(method: str, three_clouds: Clouds) -> None:
    points, _ = three_clouds
    twice = np.concatenate([points, points[:30]])
    coordinates = REDUCERS[method](twice, 2)
    assert np.array_equal(coordinates[:30], coordinates[len(points) :])
    assert np.array_equal(coordinates, REDUCERS[method](twice, 2))


@pytest.mark.parametrize("method", REDUCERS)
@pytest.mark.parametrize("count", [1, 4, 6])
def test_a_handful_of_points_has_a_map(method: str, count: int, three_clouds: Clouds) -> None:
    coordinates = REDUCERS[method](three_clouds[0][:count], 2)
    assert coordinates.shape == (count, 2)
    assert np.isfinite(coordinates).all()


def test_labels_pull_apart_what_the_sounds_do_not() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((150, 4)).astype(np.float32)
    labels = np.arange(150) % 2
    plain = umap_coordinates(points, 2, UMAP, seed=0)
    supervised = umap_coordinates(points, 2, UMAP, seed=0, labels=labels)
    test_points = np.arange(150) % 3 == 0
    assert neighbour_purity(plain, labels, test_points, 5) < 0.65
    assert neighbour_purity(supervised, labels, test_points, 5) > 0.95
    # A few labels move the map too, and where a point has none it is no class of its own.
    some = umap_coordinates(points, 2, UMAP, seed=0, labels=np.where(test_points, labels, -1))
    assert np.isfinite(some).all()
    assert not np.array_equal(some, plain)


def test_new_points_come_to_their_own_cloud(three_clouds: Clouds) -> None:
    points, labels = three_clouds
    coordinates = umap_coordinates(points[:90], 2, UMAP, seed=0)
    new = project_new_points(points[:90], coordinates, points[90:], k=5)
    centres = np.stack([coordinates[labels[:90] == index].mean(axis=0) for index in range(3)])
    nearest = np.linalg.norm(new[:, None] - centres[None], axis=2).argmin(axis=1)
    assert np.array_equal(nearest, labels[90:])
    np.testing.assert_allclose(
        project_new_points(points[:90], coordinates, points[:1], k=1), coordinates[:1], atol=1e-6
    )
