"""Addresses that sources may be downloaded from: https, a file of this machine, or http to this machine itself."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def checked_address(address: str) -> str:
    """Return an address that is safe to download from. Raises ValueError for any other, with the remedy."""
    parts = urlsplit(address)
    if parts.username or parts.password:
        raise ValueError("remove the user name and the password: only public addresses are fetched")
    if any(character.isspace() for character in address):
        raise ValueError("remove the white space from the address")
    remote = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    if not (remote and parts.hostname) and not (parts.scheme == "file" and not parts.netloc and len(parts.path) > 1):
        raise ValueError("use an address that begins with https:// or file:///")
    return address


Address = Annotated[str, AfterValidator(checked_address)]
"""Setting that must be such an address."""
