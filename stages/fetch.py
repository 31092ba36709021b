"""Stage fetch: download or synthesise the sources of params.yaml into data/raw, with a record in sources.json."""

import _lib.bootstrap  # noqa: F401

import shutil
import time
from functools import partial

from _lib.paths import DOWNLOADS, PARAMS, RAW, RECORDED_HASHES
from _lib.runtime import stage
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.sources.fetching import SourceError, fetch_all
from drumspace.dataset.sources.recorded import RecordedHashes
from drumspace.dataset.sources.settings import SourcesParams, SynthSource
from drumspace.errors import UserError
from drumspace.io.settings import line_of

DAY = 24 * 3600.0


def main() -> None:
    """Run the stage."""
    with stage("fetch") as work:
        sources = work.section("sources", SourcesParams)
        recorded = RecordedHashes.load(RECORDED_HASHES)
        fetch = partial(fetch_all, dict(sources.items()), RAW, DOWNLOADS, recorded=recorded)
        if any(isinstance(source, SynthSource) for _, source in sources.items()):
            audio = work.section("audio", AudioParams)
            fetch = partial(fetch, sample_rate=audio.sample_rate, num_samples=audio.num_samples)
        _clear_leftovers()
        try:
            records = fetch()
        except SourceError as error:
            line = line_of(PARAMS, ("sources", error.name, "optional"))
            raise UserError(f"{PARAMS}, line {line}: {error}") from None
        work.run.metrics({"files": {name: record.files for name, record in records.items() if record.files}})


def _clear_leftovers() -> None:
    """Remove temporary folders of killed runs. Recent downloads stay, since another run may be using them."""
    for leftover in RAW.parent.glob(f".{RAW.name}.*.part"):
        shutil.rmtree(leftover, ignore_errors=True)
    for leftover in DOWNLOADS.glob(".*.part"):
        if time.time() - leftover.stat().st_mtime > DAY:
            shutil.rmtree(leftover, ignore_errors=True)


if __name__ == "__main__":
    main()
