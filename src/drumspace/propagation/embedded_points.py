"""Points of any feature in any space: the feature itself, its principal components, or one of its maps."""

from pathlib import Path

import numpy as np

from drumspace.maps.atlas import Atlas


class EmbeddedPoints:
    """Function of feature, space and rows that reads features and maps from disk, each when it is first needed."""

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
