"""Maps of one feature: saved, loaded, and extended by new sounds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from drumspace.io.parquet import write_parquet
from drumspace.maps.components import Components
from drumspace.maps.reduce import project_new_points

NEAREST = 5
"""Neighbours of a new sound whose coordinates on a map are averaged."""


@dataclass(frozen=True)
class Atlas:
    """Principal components of a feature, the clips' points in them, and the clips' coordinates on each map."""

    components: Components
    points: np.ndarray
    """float32 [n, components]."""
    coordinates: dict[str, np.ndarray]
    """float32 [n, dims] by name of map, such as umap_2_none."""

    def save(self, folder: Path, clip_ids: np.ndarray) -> None:
        """Write points.safetensors (mean, axes, points) and maps.parquet (clip_id, a column <map>_<axis> an axis)."""
        tensors = {"mean": self.components.mean, "axes": self.components.axes, "points": self.points}
        save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, folder / "points.safetensors")
        columns = {
            f"{name}_{axis}": values[:, axis]
            for name, values in self.coordinates.items()
            for axis in range(values.shape[1])
        }
        write_parquet(folder / "maps.parquet", pd.DataFrame({"clip_id": clip_ids, **columns}))

    @classmethod
    def load(cls, folder: Path) -> "Atlas":
        """Read the files that `save` writes."""
        tensors = load_file(folder / "points.safetensors")
        table = pd.read_parquet(folder / "maps.parquet")
        columns: dict[str, list[str]] = {}
        for column in table.columns.drop("clip_id"):
            columns.setdefault(column.rsplit("_", 1)[0], []).append(column)
        coordinates = {name: table[axes].to_numpy(dtype=np.float32) for name, axes in columns.items()}
        return cls(Components(tensors["mean"], tensors["axes"]), tensors["points"], coordinates)

    def project(self, features: np.ndarray, name: str) -> np.ndarray:
        """Coordinates of new clips on the map `name`, float32 [m, dims], from their features [m, …]."""
        return project_new_points(self.points, self.coordinates[name], self.components.project(features), NEAREST)
