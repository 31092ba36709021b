"""What the stages that train generators share: which clips they learn from, and where their checkpoints lie."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from common import CHECKPOINTS, CLIPS, SPLITS, Stage
from drumspace.dataset.labelled import LabelledClips
from drumspace.dataset.roles import Roles
from drumspace.params import Params
from drumspace.training.checkpoints import Checkpoints, fingerprint
from drumspace.training.precision import accelerator, mixed_precision


@dataclass(frozen=True)
class Training:
    """A training on the generators' clips."""

    data: LabelledClips
    rows: np.ndarray
    """int [n]: the clips, labelled or not."""
    work: Stage

    @classmethod
    def open(cls, work: Stage) -> "Training":
        """Read clips and split."""
        data = LabelledClips(CLIPS, SPLITS)
        return cls(data, Roles.read(data, pd.read_parquet(SPLITS)).generators, work)

    @property
    def pcm(self) -> Callable[[np.ndarray], np.ndarray]:
        """Row numbers → int16 [n, num_samples]."""
        return self.data.clips.__getitem__

    def checkpoints(self, settings: Params, **parts: Any) -> Checkpoints:
        """Keyed by settings, clips, precision, processes, code, and `parts`: whatever else the training depends on."""
        key = fingerprint(
            settings=settings.model_dump(),
            clips=self.data.ids[self.rows].tolist(),
            precision=mixed_precision(),
            processes=accelerator().num_processes,
            **parts,
        )
        return Checkpoints(CHECKPOINTS / self.work.name / (self.work.item or ""), key)

    def report(self, step: int, values: dict[str, float]) -> None:
        """What a training tells goes to the stage's run."""
        self.work.run.metrics(values, step=step)
