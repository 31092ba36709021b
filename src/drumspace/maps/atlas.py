"""The maps of one feature on disk, and where new sounds belong on them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from drumspace.io.parquet import write_parquet
from drumspace.maps.components import Components
from drumspace.maps.reduce import place_new

NEAREST = 5
"""Points of a map that say where a new one goes."""


@dataclass(frozen=True)
class Atlas:
    """PcaInit components of a feature, the clips' points in them, and their places on each map."""

    components: Components
    points: np.ndarray
    """float32 [n, components]."""
    places: dict[str, np.ndarray]
    """float32 [n, dims] for each map, such as umap_2_none."""

    def save(self, folder: Path, clip_ids: np.ndarray) -> None:
        """points.safetensors (mean, axes, points) and maps.parquet: clip_id, and <map>_<axis> of each map."""
        tensors = {"mean": self.components.mean, "axes": self.components.axes, "points": self.points}
        save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, folder / "points.safetensors")
        axes = {
            f"{name}_{axis}": place[:, axis] for name, place in self.places.items() for axis in range(place.shape[1])
        }
        write_parquet(folder / "maps.parquet", pd.DataFrame({"clip_id": clip_ids, **axes}))

    @classmethod
    def load(cls, folder: Path) -> "Atlas":
        """What `save` left."""
        tensors = load_file(folder / "points.safetensors")
        table = pd.read_parquet(folder / "maps.parquet")
        columns: dict[str, list[str]] = {}
        for column in table.columns.drop("clip_id"):
            columns.setdefault(column.rsplit("_", 1)[0], []).append(column)
        places = {name: table[own].to_numpy(dtype=np.float32) for name, own in columns.items()}
        return cls(Components(tensors["mean"], tensors["axes"]), tensors["points"], places)

    def place(self, features: np.ndarray, name: str) -> np.ndarray:
        """float32 [m, dims]: where new clips with these features [m, …] belong on the map `name`."""
        return place_new(self.points, self.places[name], self.components.points(features), NEAREST)
