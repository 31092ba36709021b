"""Maps of every feature, and how faithful each is: figure 8.1 of the thesis, for all of them."""

from dataclasses import dataclass
from typing import Any

from drumspace.report.charts import PALETTE, scatter
from drumspace.report.inputs import Inputs
from drumspace.taxonomy import CLASSES

TITLES = {
    "spec": "spectrogram",
    "mel": "mel spectrogram",
    "mfcc": "MFCC",
    "pretrained": "what a published network hears",
    "learned": "what a network trained here hears",
}


@dataclass(frozen=True)
class MapPicture:
    """One map."""

    title: str
    image: str
    alt: str
    figures: dict[str, Any]


@dataclass(frozen=True)
class FeatureMaps:
    """The maps of one feature."""

    feature: str
    title: str
    network: dict[str, Any] | None
    maps: list[MapPicture]


@dataclass(frozen=True)
class Maps:
    """What the section shows."""

    features: list[FeatureMaps]
    colours: list[tuple[str, str]]
    n: int
    k: int | None
    best: dict[str, Any] | None
    """The row whose neighbours are most often of one class."""


def _name(row: dict[str, Any]) -> str:
    method = {"umap": "UMAP", "tsne": "t-SNE"}.get(row["method"], row["method"])
    return f"{method} {row['dims']}-D" + (", with labels" if row["supervision"] == "labels" else "")


def context(inputs: Inputs) -> Maps:
    """The section from its inputs."""
    rows = inputs.manifold.get("rows") or []
    networks = inputs.manifold.get("networks") or {}
    classes = inputs.catalog.set_index("clip_id")["label"].map({label: i for i, label in enumerate(CLASSES)})
    classes = classes.fillna(-1).astype(int)
    found = []
    for feature in [name for name in TITLES if name in inputs.maps]:
        table = inputs.maps[feature].set_index("clip_id")
        own = classes.reindex(table.index).to_numpy()
        pictures = []
        for row in (row for row in rows if row["feature"] == feature):
            key = f"{row['method']}_{row['dims']}_{row['supervision']}"
            columns = [column for column in table.columns if column.rsplit("_", 1)[0] == key]
            if columns:
                alt = f"{TITLES[feature]}, {_name(row)}: a dot a sound, coloured by class"
                pictures.append(MapPicture(_name(row), scatter(table[columns].to_numpy(), own), alt, row))
        found.append(FeatureMaps(feature, TITLES[feature], networks.get(feature), pictures))
    measured = [row for row in rows if row.get("neighbour_purity") is not None]
    return Maps(
        features=found,
        colours=list(zip(CLASSES, PALETTE, strict=True)),
        n=rows[0]["n"] if rows else 0,
        k=rows[0]["k"] if rows else None,
        best=max(measured, key=lambda row: row["neighbour_purity"], default=None),
    )
