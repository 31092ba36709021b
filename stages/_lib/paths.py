"""Paths of all files that stages read and write, relative to the repository's root."""

import os
from pathlib import Path

PARAMS = Path("params.yaml")
PARAMS_CHECKED = Path("data/params-checked.txt")
RAW = Path("data/raw")
RECORDED_HASHES = Path("data/recorded_hashes.yaml")
CLIPS = Path("data/clips")
SPLITS = Path("data/splits.parquet")
FEATURES = Path("data/features")
CLASSIFIERS = Path("models/classify")
COMMITTEE = Path("models/committee")
DETAIL_MODELS = Path("models/details")
BEST = Path("models/best.json")
NOT_ONE_SHOTS = Path("data/review/not_one_shots.csv")
LABEL_ISSUES = Path("data/review/label_issues.csv")
METRICS = Path("reports/metrics")
PRETRAINED = Path("models/weights")
CHECKPOINTS = Path(".cache/checkpoints")
EMBEDDINGS = Path(".cache/embeddings")
# DVC sets DVC_ROOT to the user's repository also for `dvc exp run --temp`, whose copy has no ignored files. The files
# in these two folders are checked by their SHA-256 before use.
DOWNLOADS = Path(os.environ.get("DVC_ROOT", ".")) / ".cache/downloads"
WEIGHTS = Path(os.environ.get("DVC_ROOT", ".")) / ".cache/weights"
TIMINGS = Path("reports/timings.json")
MAPS = Path("data/maps")
LABELS = Path("data/labels/labels.parquet")
QUEUE = Path("data/review/queue.csv")
LISTINGS = Path("data/listings")
CONFLICTS = Path("data/review/conflicts.csv")
JUDGES = Path("models/judge")
WAVEGAN = Path("models/wavegan")
VAES = Path("models/vae")
PRIORS = Path("models/priors")
MCNN = Path("models/mcnn")
SOUNDS = Path("data/synthesis")
"""Samples for the report: <name>.npy, int16 [n, num_samples], described in sounds.json; for each VAE
<name>-{reconstructions,interpolation,directions}.npy, int16 [rows, columns, num_samples], described in latent.json;
judged.parquet, a row for each evaluated sound."""
