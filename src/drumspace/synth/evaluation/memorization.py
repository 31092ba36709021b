"""Memorization test: whether generated sounds are near-duplicates of training clips, or of each other."""

from collections.abc import Callable

import numpy as np

from drumspace.audio.decode.onset import trim_to_onset
from drumspace.audio.format.levels import to_pcm
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.duplicates.near_duplicates import group_near_duplicates
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams


class MemorizationTest:
    """Search for near-duplicates of training clips, by the method that groups the catalogue's clips."""

    def __init__(
        self,
        read_pcm: Callable[[np.ndarray], np.ndarray],
        rows: np.ndarray,
        audio: AudioParams,
        params: DuplicateParams,
    ) -> None:
        """`read_pcm`: row numbers [n] → int16 [n, T]; `rows`: the training clips."""
        self._read_pcm, self._rows, self._audio, self._params = read_pcm, rows, audio, params

    def measure(self, waves: np.ndarray) -> dict[str, float]:
        """Shares of the sounds, float [n, T], in a near-duplicate group.

        `memorization`: with a training clip; `near_duplicates`: with another of the sounds. Sounds are moved to their
        onset first, as training clips are. Groups are connected components: a sound that resembles a sound that
        resembles a training clip is in the clip's group.
        """
        rate = self._audio.sample_rate
        sounds, n = to_pcm(np.stack([trim_to_onset(wave, rate, self._audio) for wave in waves])), len(waves)

        def read(index: np.ndarray) -> np.ndarray:
            return np.concatenate([sounds[index[index < n]], self._read_pcm(self._rows[index[index >= n] - n])])

        group = group_near_duplicates(read, n + len(self._rows), rate, self._params, progress=False)
        sizes = np.bincount(group[:n], minlength=group.max() + 1)
        return {
            "memorization": float(np.isin(group[:n], group[n:]).mean()),
            "near_duplicates": float((sizes[group[:n]] > 1).mean()),
        }
