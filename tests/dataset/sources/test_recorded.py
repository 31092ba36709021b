"""Recorded hashes are kept in a sorted file, which is checked when it is read."""

from pathlib import Path

import pytest

from drumspace.dataset.sources.recorded import HEAD, RecordedHashes
from drumspace.errors import UserError


def test_hashes_are_written_in_order_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "hashes.yaml"
    recorded = RecordedHashes.load(path, recording=True)
    address = "https://example.org/" + "a" * 80 + "?download=1"
    recorded.add(address, "b" * 64)
    recorded.add("file:///a", "0123456789" * 4)
    assert path.read_text() == f"{HEAD}file:///a: {'0123456789' * 4!r}\n{address}: {'b' * 64}\n"
    again = RecordedHashes.load(path)
    assert (again.get(address), again.get("file:///a"), again.get("x")) == ("b" * 64, "0123456789" * 4, None)


def test_only_a_recording_one_writes(tmp_path: Path) -> None:
    path = tmp_path / "hashes.yaml"
    recorded = RecordedHashes.load(path)
    assert not recorded.recording
    recorded.add("file:///a", "0" * 40)
    assert not path.exists()


@pytest.mark.parametrize("value", ["12ab", "null", "1234567890123456789012345678901234567890"])
def test_another_value_than_a_hash_is_an_error(tmp_path: Path, value: str) -> None:
    path = tmp_path / "hashes.yaml"
    path.write_text(f"{HEAD}file:///a: {value}\n")
    with pytest.raises(UserError, match=r"hashes.yaml: the value of file:///a is neither a SHA-256 nor a commit"):
        RecordedHashes.load(path)
