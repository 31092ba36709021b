"""From sounds to clips, in decoder processes."""

from collections.abc import Iterable, Iterator
from functools import partial

from drumspace.audio.decode.guarded import Failure
from drumspace.audio.decode.settings import DecodeParams
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.make_clip import Limits, Outcome, Task, make_clip, task_size
from drumspace.dataset.ingest.parallel import map_in_order


def make_clips(
    tasks: Iterable[Task],
    audio: AudioParams,
    limits: Limits,
    decode: DecodeParams,
    jobs: int | None,
    dask_address: str | None,
    with_loudness: bool = True,
) -> Iterator[Outcome]:
    """Outcomes in the order of the tasks.

    `decode`: limits of time and memory a file. `with_loudness`: whether the loudness is measured, a third of the time.
    """
    work = partial(make_clip, audio=audio, limits=limits, with_loudness=with_loudness)
    for outcome in map_in_order(work, tasks, task_size, decode, jobs, dask_address):
        yield outcome.reason if isinstance(outcome, Failure) else outcome
