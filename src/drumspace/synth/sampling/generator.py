"""Generators: one interface for everything that makes sounds, and how a set of sounds is requested from it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from drumspace.taxonomy import CLASSES

log = logging.getLogger("drumspace")

SILENT = 1e-4
"""Peak below which a sound counts as silent: -80 dB of full scale."""


class Generator(Protocol):
    """A source of sounds: a trained model or a baseline."""

    @property
    def conditional(self) -> bool:
        """Whether sounds of a class can be requested. An unconditional generator gets one request for all sounds."""
        ...

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """Generate `count` sounds in batches, float32 [b, num_samples] in [-1, 1]; equal seeds give equal bytes."""
        ...


@dataclass(frozen=True)
class SoundSet:
    """Sounds that were requested from one generator and can be evaluated."""

    waves: np.ndarray
    """float32 [n, num_samples]."""
    requested: np.ndarray
    """int [n]: index of the requested class; -1 where no class was requested."""
    failures: list[dict[str, Any]]
    """{what, count}: number of requested sounds that are missing, by reason."""


def draw_sounds(
    generator: Generator, counts: np.ndarray, seed: int, num_samples: int, allow_silence: bool = False
) -> SoundSet:
    """Request counts[c] sounds of each class c, or their sum without a class from an unconditional generator.

    Sounds that are not finite, or silent unless `allow_silence`, are left out and counted. So are the missing sounds of
    a generator that fails half way; the sounds before the failure are kept.
    """
    parts: list[SoundSet] = []
    missing: list[dict[str, Any]] = []
    requests = list(enumerate(counts.tolist())) if generator.conditional else [(-1, int(counts.sum()))]
    for index, count in requests:
        if not count:
            continue
        done, reason = 0, "not generated, without a reason"
        try:
            for batch in generator.batches(CLASSES[index] if index >= 0 else None, count, seed):
                if batch.ndim != 2 or batch.shape[1] != num_samples or done + len(batch) > count:
                    raise ValueError(f"{batch.shape} after {done} of {count} sounds of {num_samples} samples")
                parts.append(drop_unusable(batch, np.full(len(batch), index), allow_silence))
                done += len(batch)
        except Exception as error:  # a model may fail in any way; the sounds before the failure are evaluated
            reason = f"failed: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
            log.warning("%s: %s", CLASSES[index] if index >= 0 else "all classes", reason, exc_info=True)
        if done < count:
            missing.append({"what": reason, "count": count - done})
    empty = SoundSet(np.empty((0, num_samples), dtype=np.float32), np.empty(0, dtype=np.int64), [])
    return SoundSet(
        np.concatenate([part.waves for part in (empty, *parts)]),
        np.concatenate([part.requested for part in (empty, *parts)]),
        _total([*(failure for part in parts for failure in part.failures), *missing]),
    )


def drop_unusable(waves: np.ndarray, requested: np.ndarray, allow_silence: bool = False) -> SoundSet:
    """Leave out and count sounds that are not finite or silent. waves: float [n, num_samples]; requested: int [n]."""
    finite = np.isfinite(waves).all(axis=1)
    loud = np.abs(np.nan_to_num(waves)).max(axis=1, initial=0) > SILENT
    kept = finite & (loud | allow_silence)
    failures = [
        {"what": "NaN or infinite samples", "count": int((~finite).sum())},
        {"what": "silent", "count": 0 if allow_silence else int((finite & ~loud).sum())},
    ]
    return SoundSet(waves[kept].astype(np.float32), requested[kept], _total(failures))


def _total(failures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sum the counts of equal reasons."""
    totals: dict[str, int] = {}
    for failure in failures:
        totals[failure["what"]] = totals.get(failure["what"], 0) + failure["count"]
    return [{"what": what, "count": count} for what, count in totals.items() if count]
