"""What makes sounds, whichever way it was trained: one interface, one way of asking."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from drumspace.taxonomy import CLASSES

log = logging.getLogger("drumspace")

SILENT = 1e-4
"""Peak under which a sound is silent: -80 dB of full scale."""


class Generator(Protocol):
    """Makes sounds."""

    @property
    def conditional(self) -> bool:
        """Whether it can be asked for a class. One that can't is asked for all its sounds at once."""
        ...

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """`count` sounds in batches, float32 [b, num_samples] in [-1, 1]; one seed gives the same bytes."""
        ...


@dataclass(frozen=True)
class Drawn:
    """Sounds that were asked for, those that can be judged."""

    waves: np.ndarray
    """float32 [n, num_samples]."""
    asked: np.ndarray
    """int [n]: index of the class asked for; -1 where none was."""
    failures: list[dict[str, Any]]
    """{what, count}: sounds that were asked for and are missing, by reason."""


def draw(generator: Generator, counts: np.ndarray, seed: int, num_samples: int, silence: bool = False) -> Drawn:
    """counts[c] sounds of class c, or their sum of no class where the generator knows none.

    Sounds that are not finite, or silent (unless `silence` is what is asked for), are left out and counted; so is what
    is missing where the generator fails half way: the rest is judged.
    """
    parts: list[Drawn] = []
    missing: list[dict[str, Any]] = []
    wanted = list(enumerate(counts.tolist())) if generator.conditional else [(-1, int(counts.sum()))]
    for index, count in wanted:
        if not count:
            continue
        done, reason = 0, "not made, without a reason"
        try:
            for batch in generator.batches(CLASSES[index] if index >= 0 else None, count, seed):
                if batch.ndim != 2 or batch.shape[1] != num_samples or done + len(batch) > count:
                    raise ValueError(f"{batch.shape} after {done} of {count} sounds of {num_samples} samples")
                parts.append(sieve(batch, np.full(len(batch), index), silence))
                done += len(batch)
        except Exception as error:  # whatever breaks in a model: what it has made before is judged
            reason = f"failed: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
            log.warning("%s: %s", CLASSES[index] if index >= 0 else "all classes", reason)
        if done < count:
            missing.append({"what": reason, "count": count - done})
    empty = Drawn(np.empty((0, num_samples), dtype=np.float32), np.empty(0, dtype=np.int64), [])
    return Drawn(
        np.concatenate([part.waves for part in (empty, *parts)]),
        np.concatenate([part.asked for part in (empty, *parts)]),
        _summed([*(failure for part in parts for failure in part.failures), *missing]),
    )


def sieve(waves: np.ndarray, asked: np.ndarray, silence: bool = False) -> Drawn:
    """Sounds, float [n, num_samples], without those that can't be judged, which are counted."""
    finite = np.isfinite(waves).all(axis=1)
    loud = np.abs(np.nan_to_num(waves)).max(axis=1, initial=0) > SILENT
    kept = finite & (loud | silence)
    failures = [
        {"what": "not a number in it", "count": int((~finite).sum())},
        {"what": "silent", "count": 0 if silence else int((finite & ~loud).sum())},
    ]
    return Drawn(waves[kept].astype(np.float32), asked[kept], _summed(failures))


def _summed(failures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, int] = {}
    for failure in failures:
        found[failure["what"]] = found.get(failure["what"], 0) + failure["count"]
    return [{"what": what, "count": count} for what, count in found.items() if count]
