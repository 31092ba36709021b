"""Report samples: the sounds that the report plays, and the table of all evaluated sounds, written for the report."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from drumspace.audio.format.levels import to_pcm
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import write_json
from drumspace.io.parquet import write_parquet
from drumspace.synth.evaluation.evaluate_vae import LatentSamples
from drumspace.synth.sampling.generator import SoundSet
from drumspace.taxonomy import CLASSES

COLUMNS = ["sounds", "requested", "predicted", "confidence", "nearest", "distance"]
"""Columns of judged.parquet."""


@dataclass(frozen=True)
class ReportSamples:
    """Sounds of one set for the report."""

    pcm: np.ndarray
    """int16 [n, num_samples]."""
    rows: list[dict[str, str | None]]
    """For each sound `requested`, its class, and `nearest`, the id of the nearest training clip; or null."""

    @classmethod
    def select(cls, sounds: SoundSet, table: pd.DataFrame | None, count: int) -> "ReportSamples":
        """Select the first `count` sounds of each class; without classes, as many in all.

        `table`: a row for each sound, with the clip id of the nearest training clip in the column `nearest`.
        """
        chosen: list[int] = []
        for index in np.unique(sounds.requested):
            of_class = np.flatnonzero(sounds.requested == index)
            chosen += of_class[: count * (1 if index >= 0 else len(CLASSES))].tolist()
        rows = [
            {
                "requested": CLASSES[sounds.requested[row]] if sounds.requested[row] >= 0 else None,
                "nearest": None if table is None else str(table["nearest"].iloc[row]),
            }
            for row in chosen
        ]
        return cls(to_pcm(sounds.waves[chosen]), rows)


def write_report_samples(
    folder: Path,
    samples: dict[str, ReportSamples],
    latent_samples: dict[str, LatentSamples],
    tables: list[pd.DataFrame],
) -> None:
    """Write samples by set and by VAE, with JSON descriptions, and judged.parquet, a row for each evaluated sound."""
    with atomic_folder(folder) as temporary:
        for name, latent in latent_samples.items():
            for array in ("reconstructions", "interpolation", "directions"):
                np.save(temporary / f"{name}-{array}.npy", getattr(latent, array))
        write_json(temporary / "latent.json", {name: latent.rows for name, latent in latent_samples.items()})
        for name, sounds in samples.items():
            np.save(temporary / f"{name}.npy", sounds.pcm)
        write_json(temporary / "sounds.json", {name: sounds.rows for name, sounds in samples.items()})
        table = pd.concat([pd.DataFrame(columns=COLUMNS), *tables], ignore_index=True)
        write_parquet(temporary / "judged.parquet", table)
