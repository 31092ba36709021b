"""Sounds of none of the classes, from which a classifier learns to reject: other drums, and sounds that are no drum."""

import hashlib
from dataclasses import dataclass

import numpy as np

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.training.embeddings import Pcm
from drumspace.classify.training.non_drums import non_drums
from drumspace.classify.training.settings import RejectionParams

SEED = 0


@dataclass(frozen=True)
class OtherSounds:
    """Sounds of none of the classes to train on."""

    rows: np.ndarray
    """Row numbers of clips, such as congas."""
    synthesised: np.ndarray
    """int16 [m, num_samples]: synthesised sounds that are no drum."""

    def __len__(self) -> int:
        """Number of sounds."""
        return len(self.rows) + len(self.synthesised)

    @property
    def digest(self) -> str:
        """SHA-256 of the synthesised sounds."""
        return hashlib.sha256(self.synthesised.tobytes()).hexdigest()

    def training_rows(self, num_clips: int) -> np.ndarray:
        """Row numbers of all sounds; the synthesised ones follow the `num_clips` clips of the catalogue."""
        return np.concatenate([self.rows, np.arange(num_clips, num_clips + len(self.synthesised))])

    def extend(self, pcm: Pcm, num_clips: int) -> Pcm:
        """`pcm` with the synthesised sounds as rows from `num_clips` on."""

        def both(rows: np.ndarray) -> np.ndarray:
            is_synthesised = rows >= num_clips
            if not is_synthesised.any():
                return pcm(rows)
            values = np.empty((len(rows), self.synthesised.shape[1]), dtype=np.int16)
            values[is_synthesised] = self.synthesised[rows[is_synthesised] - num_clips]
            values[~is_synthesised] = pcm(rows[~is_synthesised])
            return values

        return both


NONE = OtherSounds(np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.int16))


def other_sounds(rows: np.ndarray, params: RejectionParams, audio: AudioParams) -> OtherSounds:
    """Other drums in these rows and synthesised sounds; NONE if there are fewer than `min_others` of the former."""
    if len(rows) < params.min_others:
        return NONE
    return OtherSounds(rows, non_drums(params.non_drums, SEED, audio.sample_rate, audio.num_samples))
