"""Where the stages of the map and of the labels leave what they make."""

from pathlib import Path

MAPS = Path("data/maps")
LABELS = Path("data/labels/labels.parquet")
QUEUE = Path("data/review/queue.csv")
LISTINGS = Path("data/listings")
CONFLICTS = Path("data/review/conflicts.csv")
