"""Types of reports/metrics/manifold.json, for the stage that writes it and the report that reads it."""

from typing import Any, TypedDict


class MapQuality(TypedDict):
    """Figures of one map. What can't be measured is None."""

    method: str
    """umap or tsne."""
    dims: int
    supervision: str
    """none, or labels."""
    trustworthiness: float | None
    neighbour_overlap: float | None
    neighbour_purity: float | None
    k: int
    """Number of neighbours that the figures compare."""
    n: int
    """Clips behind trustworthiness and neighbour_overlap."""
    purity_n: int
    """Clips behind neighbour_purity."""


class MapRow(MapQuality):
    """Figures of one map of one feature."""

    feature: str


class ManifoldMetrics(TypedDict):
    """Content of manifold.json."""

    rows: list[MapRow]
    networks: dict[str, dict[str, Any]]
    """Network and weights behind the features `pretrained` and `learned`."""
