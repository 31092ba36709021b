"""Whether generated sounds are training clips again, by the test that finds near-duplicates among files."""

from collections.abc import Callable

import numpy as np

from drumspace.audio.decode.clip import find_onset
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.duplicates.near_duplicates import group_near_duplicates
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams


def to_pcm(waves: np.ndarray) -> np.ndarray:
    """float [n, T] in [-1, 1] → int16; what exceeds is clipped."""
    return np.round(np.clip(waves, -1, 1) * 32767).astype(np.int16)


class Copies:
    """Near-duplicates among sounds, and between sounds and training clips."""

    def __init__(
        self, pcm: Callable[[np.ndarray], np.ndarray], rows: np.ndarray, audio: AudioParams, params: DuplicateParams
    ) -> None:
        """pcm: row numbers [n] → int16 [n, T]; rows: the training clips."""
        self._pcm, self._rows, self._params = pcm, rows, params
        self._rate, self._onset_db = audio.sample_rate, audio.onset_db
        self._lead = round(audio.lead_ms / 1000 * audio.sample_rate)

    def _from_onset(self, wave: np.ndarray) -> np.ndarray:
        begin = max(0, find_onset(wave, self._onset_db) - self._lead)
        return np.pad(wave[begin:], (0, begin))

    def of(self, waves: np.ndarray) -> dict[str, float]:
        """Of sounds, float [n, T], the share in a group with a training clip (copies) or another (near_duplicates).

        Sounds are moved to their onset first, as training clips were. Groups are connected: what is like a sound that
        is like a training clip is in its group.
        """
        made, n = to_pcm(np.stack([self._from_onset(wave) for wave in waves])), len(waves)

        def both(index: np.ndarray) -> np.ndarray:
            return np.concatenate([made[index[index < n]], self._pcm(self._rows[index[index >= n] - n])])

        group = group_near_duplicates(both, n + len(self._rows), self._rate, self._params, progress=False)
        among = np.bincount(group[:n], minlength=group.max() + 1)
        return {
            "copies": float(np.isin(group[:n], group[n:]).mean()),
            "near_duplicates": float((among[group[:n]] > 1).mean()),
        }
