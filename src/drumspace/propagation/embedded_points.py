"""Points of any feature in any space: the feature itself, its principal components, or one of its maps."""

from pathlib import Path

import numpy as np

from drumspace.maps.atlas import Atlas


class EmbeddedPoints:
    """Reader of points by feature, space and rows; features and maps are read from disk when first used."""

    def __init__(self, features: Path, maps: Path) -> None:
        """features: folder of <feature>.npy; maps: folder with an atlas for each feature."""
        self._features, self._maps = features, maps
        self._atlases: dict[str, Atlas] = {}

    def __call__(self, feature: str, space: str, rows: np.ndarray) -> np.ndarray:
        """Points float32 [len(rows), d]; space: full, pca, or a map without labels such as umap_2."""
        if space == "full":
            values = np.load(self._features / f"{feature}.npy", mmap_mode="r")[rows]
            return np.asarray(values, dtype=np.float32).reshape(len(rows), -1)
        if feature not in self._atlases:
            self._atlases[feature] = Atlas.load(self._maps / feature)
        atlas = self._atlases[feature]
        return atlas.points[rows] if space == "pca" else atlas.coordinates[f"{space}_none"][rows]
