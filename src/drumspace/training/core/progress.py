"""Progress bar and clock of a training."""

import time

from tqdm import tqdm


def progress_bar(start: int, steps: int, title: str, enabled: bool) -> "tqdm[int]":
    """Iterate over the steps from `start` to `steps` - 1 with a bar on stderr."""
    return tqdm(
        range(start, steps),
        initial=start,
        total=steps,
        desc=title,
        unit="step",
        disable=not enabled,
        mininterval=0.5,
    )


class Stopwatch:
    """Seconds of training, those before an interruption included."""

    def __init__(self, seconds_before: float = 0.0) -> None:
        """Start now; `seconds_before` were spent before an interruption."""
        self._start = time.perf_counter() - seconds_before

    @property
    def seconds(self) -> float:
        """Seconds up to now."""
        return time.perf_counter() - self._start
