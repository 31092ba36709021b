"""Download of one file by https, or copy of a local one, with its SHA-256."""

import hashlib
import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from drumspace.dataset.sources.address import checked_address
from drumspace.dataset.sources.record import Unavailable

TIMEOUT_SECONDS = 60.0
"""Longest silence of a server (s)."""
MAX_BYTES = 16 << 30
_CHUNK = 1 << 20
_GONE = frozenset({401, 403, 404, 410, 451})
"""Status codes after which another attempt is in vain."""


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirections only to addresses that settings may hold too: never from https to http."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        try:
            checked_address(newurl)
        except ValueError:
            raise Unavailable(f"{req.full_url} leads to an address without https") from None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def save_url(url: str, path: Path, report_progress: Callable[[str], None]) -> str:
    """Stream the content of `url` into the file `path` and return its SHA-256. Raises Unavailable."""
    request = urllib.request.Request(url, headers={"User-Agent": "drumspace"})
    digest = hashlib.sha256()
    size = 0
    try:
        with urllib.request.build_opener(_SafeRedirects).open(request, timeout=TIMEOUT_SECONDS) as response:
            expected = response.headers.get("Content-Length")
            with path.open("wb") as file:
                while data := response.read(_CHUNK):
                    size += len(data)
                    if size > MAX_BYTES:
                        raise Unavailable(f"{url} is larger than {MAX_BYTES >> 30} GiB")
                    digest.update(data)
                    file.write(data)
                    report_progress(f"{size / 1e6:.0f} MB")
    except urllib.error.HTTPError as error:
        raise Unavailable(f"{url} can't be fetched (HTTP {error.code})", temporary=error.code not in _GONE) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, FileNotFoundError):
            raise Unavailable(f"{url} does not exist") from error
        raise Unavailable(f"{url} can't be reached", temporary=True) from error
    except (TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException) as error:
        raise Unavailable(f"the download of {url} broke off ({type(error).__name__})", temporary=True) from error
    if expected is not None and expected.isdecimal() and size != int(expected):
        # http.client reports an early end only to callers that read all at once.
        raise Unavailable(f"the download of {url} broke off after {size:,} of {int(expected):,} bytes", temporary=True)
    return digest.hexdigest()
