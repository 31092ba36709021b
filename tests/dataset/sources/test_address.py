"""Only public addresses by https, and those of this machine, are downloaded from."""

import pytest

from drumspace.dataset.sources.address import checked_address


@pytest.mark.parametrize(
    "address",
    ["https://github.com/a/b", "https://a.org:8443/x?download=1", "file:///srv/a.zip", "http://127.0.0.1:80/a"],
)
def test_safe_addresses_are_kept(address: str) -> None:
    assert checked_address(address) == address


@pytest.mark.parametrize(
    "address",
    ["http://a.org/x", "git@github.com:a/b", "ssh://a.org/x", "ext::sh -c x", "--upload-pack=x", "/srv/a.zip", "file://",
     "file://host/x", "https:///x", "https://me:secret@a.org/x", "https://a.org/a b", "http://127.0.0.1.a.org/x", ""],
)  # fmt: skip
def test_other_addresses_are_errors(address: str) -> None:
    with pytest.raises(ValueError, match=r"https://|remove"):
        checked_address(address)
