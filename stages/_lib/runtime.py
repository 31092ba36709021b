"""The frame of every stage: settings, logging, tracking, times, and messages for the user's errors."""

import logging
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from _lib.paths import METRICS, PARAMS, TIMINGS
from _lib.plan import duration, result_of
from drumspace.errors import UserError
from drumspace.io.json_files import explain_nan, read_json, write_json
from drumspace.io.settings import load, read_yaml
from drumspace.tracking import run as tracking

Model = TypeVar("Model", bound=BaseModel)
Scalar = TypeVar("Scalar", int, float, str)
log = logging.getLogger("drumspace")


class Stage:
    """A running stage: its settings, its tracked run and its times."""

    def __init__(self, name: str, item: str | None, run: tracking.Run) -> None:
        """`item` is the variant of a matrix stage, such as a model's name."""
        self.name, self.item, self.run = name, item, run
        self.times: dict[str, float] = {}

    def section(self, section: str, model: type[Model], **given: Any) -> Model:
        """One section of params.yaml, validated and tracked. `given`: fields that another section sets."""
        self.run.params({section: _at(read_yaml(PARAMS), section)})
        return load(PARAMS, section, model, **given)

    def value(self, key: str, kind: type[Scalar]) -> Scalar:
        """One scalar of params.yaml by its dotted name; the `validate` stage has validated it."""
        value = _at(read_yaml(PARAMS), key)
        self.run.params({key: value})
        return kind(value)

    def write_metrics(self, path: Path, metrics: dict[str, Any]) -> None:
        """Write a metrics file of reports/ and track its numbers; a NaN becomes null with a reason."""
        metrics = explain_nan(metrics)
        write_json(path, metrics)
        self.run.metrics(metrics)


def _at(tree: Any, section: str) -> Any:
    for part in section.split("."):
        tree = tree.get(part, {}) if isinstance(tree, dict) else {}
    return tree


@contextmanager
def stage(name: str, item: str | None = None) -> Iterator[Stage]:
    """Run the block as a stage: log, track and time it. A UserError ends the process with its message alone."""
    logging.basicConfig(level=logging.INFO, format="%(levelname).1s %(message)s", stream=sys.stderr)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    start = time.perf_counter()
    try:
        with tracking.stage_run(name, item) as run:
            work = Stage(name, item, run)
            yield work
            usage = resource.getrusage(resource.RUSAGE_SELF)
            children = resource.getrusage(resource.RUSAGE_CHILDREN)
            times = {
                "seconds": time.perf_counter() - start,
                "peak_memory_mib": max(usage.ru_maxrss, children.ru_maxrss) / 1024,
                **work.times,
            }
            run.metrics({"times": times})
            run.summary({path.stem: read_json(path) for path in METRICS.glob("*.json")})
            _record_times(name, item, times)
            title = f"{name} {item}" if item else name
            log.info("%s: done in %s; see %s", title, duration(times["seconds"]), result_of(name))
    except UserError as error:
        log.error("%s", error)
        sys.exit(1)


def _record_times(name: str, item: str | None, times: dict[str, float]) -> None:
    """Add the stage's times to reports/timings.json, which DVC does not track: no output may depend on times."""
    table = read_json(TIMINGS) if TIMINGS.exists() else {}
    table.setdefault(name, {})[item or "all"] = times
    write_json(TIMINGS, dict(sorted(table.items())))
