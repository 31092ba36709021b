"""Download of an archive into the cache, with retries."""

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from drumspace.dataset.sources.cache import Archive
from drumspace.dataset.sources.record import Context, Unavailable

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 3


def download(kind: str, package: str, context: Context, attempt: Callable[[Path], Archive]) -> Archive:
    """Return the archive that `attempt` wrote into an empty folder and verified, moved into the cache.

    `kind` and `package` are the key by which the cache finds it again. Temporary failures are retried, MAX_ATTEMPTS
    attempts in all. Raises Unavailable.
    """
    retrying = Retrying(
        stop=stop_after_attempt(MAX_ATTEMPTS),
        wait=wait_exponential(multiplier=context.retry_seconds, max=30),
        retry=retry_if_exception(lambda error: isinstance(error, Unavailable) and error.temporary),
        before_sleep=lambda state: _log_retry(package, state),
        reraise=True,
    )
    return retrying(_once, kind, package, context, attempt)


def _once(kind: str, package: str, context: Context, attempt: Callable[[Path], Archive]) -> Archive:
    context.report_progress("downloading")
    context.cache.folder.mkdir(parents=True, exist_ok=True)
    # The folder lies inside the cache, so that `store` can move the archive without copying it.
    folder = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=context.cache.folder))
    try:
        return context.cache.store(kind, package, attempt(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _log_retry(package: str, state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("%s: %s; attempt %d of %d follows", package, error, state.attempt_number + 1, MAX_ATTEMPTS)
