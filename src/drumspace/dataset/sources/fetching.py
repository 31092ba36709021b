"""Fetch all sources into one folder, which is replaced as a whole or not at all."""

import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from drumspace.dataset.sources.cache import Cache
from drumspace.dataset.sources.record import Context, Fetched, Record, Unavailable
from drumspace.dataset.sources.recorded import RecordedHashes
from drumspace.dataset.sources.registry import fetcher
from drumspace.dataset.sources.settings import AddressedSource, FolderSource, Source, SynthSource
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import write_json

log = logging.getLogger(__name__)


class SourceError(UserError):
    """Error of a source that is not available and not optional; `name` is its key in `sources`."""

    def __init__(self, name: str, reason: str) -> None:
        """Build the message from the source's name and the reason."""
        super().__init__(
            f"the source `{name}` is not available: {reason}. Correct the source, set `optional: true` in it "
            "to go on without it, or remove it."
        )
        self.name = name


def fetch_all(
    sources: Mapping[str, Source],
    out: Path,
    downloads: Path,
    sample_rate: int = 44100,
    num_samples: int = 44100,
    retry_seconds: float = 1.0,
    recorded: RecordedHashes | None = None,
) -> dict[str, Record]:
    """Write out/<name>/… for each source and out/sources.json; return the content of sources.json.

    `out` is replaced after all sources were fetched; after an error it is unchanged. `downloads` is the folder of
    cached archives. `sample_rate` (Hz) and `num_samples` are the format of the drum machine's clips.
    `recorded`: hashes of what the settings give none for (None: there are none). Raises
    SourceError if a source that is not optional is not available, and UserError if no source has a sound.
    """
    records: dict[str, Record] = {}
    sounds = 0
    # Folders come first, so that a wrong path is reported before any download.
    names = sorted(sources, key=lambda name: not isinstance(sources[name], FolderSource))
    with atomic_folder(out) as folder, logging_redirect_tqdm(), tqdm(names, unit="source") as bar:
        cache, recorded = Cache(downloads), recorded or RecordedHashes()
        context = Context(cache, sample_rate, num_samples, bar.set_postfix_str, retry_seconds, recorded)
        for name in bar:
            bar.set_description(f"fetching {name}", refresh=False)
            bar.set_postfix_str("")
            source = sources[name]
            try:
                fetched = fetcher(source.kind)(source, folder / name, context)
            except Unavailable as error:
                shutil.rmtree(folder / name, ignore_errors=True)
                if not source.optional:
                    raise SourceError(name, str(error)) from error
                log.warning("the source %s is skipped: %s", name, error)
                records[name] = _record(source, None, str(error), None)
                continue
            sounds += fetched.sounds
            for remark in fetched.remarks:
                log.warning("the source %s: %s", name, remark)
            records[name] = _record(source, fetched, None, f"{out.as_posix()}/{name}")
        if not sounds:
            raise UserError(
                "no source in `sources` has a sound: put files into your own folder, or correct one of the "
                "skipped sources."
            )
        records = {name: records[name] for name in sources}
        write_json(folder / "sources.json", {name: asdict(record) for name, record in records.items()})
    return records


def fetch_ahead(
    sources: Mapping[str, Source], downloads: Path, recorded: RecordedHashes, retry_seconds: float = 1.0
) -> Iterator[tuple[str, str | None]]:
    """Download the sources of kinds git and url into the cache, and unpack each once to check it.

    Yields the name of each, and the reason if it is not available, else None. `recorded` gets the hashes that the
    settings leave open if it is recording.
    """
    downloads.mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        if not isinstance(source, AddressedSource):
            continue
        with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=downloads) as folder:
            context = Context(Cache(downloads), 0, 0, lambda text: None, retry_seconds, recorded)
            try:
                fetcher(source.kind)(source, Path(folder) / name, context)
            except Unavailable as error:
                yield name, str(error)
            else:
                yield name, None


def _record(source: Source, fetched: Fetched | None, reason: str | None, path: str | None) -> Record:
    is_folder = isinstance(source, FolderSource)
    is_synth = isinstance(source, SynthSource)
    return Record(
        kind=source.kind,
        status="skipped" if fetched is None else "folder" if is_folder else "fetched",
        reason=reason,
        package=None if isinstance(source, FolderSource | SynthSource) else source.package,
        version=fetched.version if fetched else None,
        sha256=fetched.sha256 if fetched else None,
        licence=None if isinstance(source, SynthSource) or (fetched and fetched.licence_missing) else source.licence,
        licence_files=fetched.licence_files if fetched else {},
        remarks=list(fetched.remarks) if fetched else [],
        files=fetched.sounds if fetched and not is_folder else None,
        path=source.path if isinstance(source, FolderSource) else path,
        layout="kit" if isinstance(source, SynthSource) else source.layout,
        labels=source.labels if isinstance(source, FolderSource) else None,
        synthetic=is_synth,
    )
