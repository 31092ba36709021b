"""Section `maps`: maps of every feature with their figures; the thesis's figure 8.1 for all features."""

from typing import Any

from drumspace.metrics.maps.contract import MapRow
from drumspace.report.charts import PALETTE, scatter
from drumspace.report.inputs import Inputs
from drumspace.taxonomy import CLASSES

TITLES = {
    "spec": "spectrogram",
    "mel": "mel spectrogram",
    "mfcc": "MFCC",
    "pretrained": "embedding of a published network",
    "learned": "embedding of a network trained in this run",
}


def _title(row: MapRow) -> str:
    method = {"umap": "UMAP", "tsne": "t-SNE"}.get(row["method"], row["method"])
    return f"{method} {row['dims']}-D" + (", with labels" if row["supervision"] == "labels" else "")


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template.

    features: for each feature its title, its network or None, and its maps (title, image, alt, figures);
    colours: (class, colour); n, k: sounds and neighbours of the figures; best: row of the highest neighbour purity.
    """
    rows = inputs.manifold.get("rows") or []
    networks = inputs.manifold.get("networks") or {}
    classes = inputs.catalog.set_index("clip_id")["label"].map({label: i for i, label in enumerate(CLASSES)})
    classes = classes.fillna(-1).astype(int)
    features = []
    for feature in [name for name in TITLES if name in inputs.maps]:
        table = inputs.maps[feature].set_index("clip_id")
        labels = classes.reindex(table.index).to_numpy()
        pictures = []
        for row in (row for row in rows if row["feature"] == feature):
            key = f"{row['method']}_{row['dims']}_{row['supervision']}"
            columns = [column for column in table.columns if column.rsplit("_", 1)[0] == key]
            if columns:
                alt = f"{TITLES[feature]}, {_title(row)}: one dot per sound, coloured by class"
                image = scatter(table[columns].to_numpy(), labels)
                pictures.append({"title": _title(row), "image": image, "alt": alt, "figures": row})
        network = networks.get(feature)
        features.append({"feature": feature, "title": TITLES[feature], "network": network, "maps": pictures})
    measured = [(row["neighbour_purity"], row) for row in rows if row["neighbour_purity"] is not None]
    return {
        "features": features,
        "colours": list(zip(CLASSES, PALETTE, strict=True)),
        "n": rows[0]["n"] if rows else 0,
        "k": rows[0]["k"] if rows else None,
        "best": max(measured, key=lambda pair: pair[0])[1] if measured else None,
    }
