"""Package clients run with a time limit, and their errors are reported."""

import time
from pathlib import Path

import pytest
from tiny_packages import Clients

from drumspace.dataset.sources import client
from drumspace.dataset.sources.record import Unavailable


def test_output_is_returned_and_errors_are_raised(clients: Clients, tmp_path: Path) -> None:
    clients.program("tool", 'echo "$1 $LC_ALL"; pwd\n')
    program = client.require("tool")
    assert client.run("tool", [program, "x"], tmp_path).split() == ["x", "C", str(tmp_path)]
    clients.program("tool", "echo 'at /home/me' >&2; exit 3\n")
    with pytest.raises(client.ClientError) as error:
        client.run("tool", [program], tmp_path)
    assert str(error.value) == "tool failed (exit status 3)"
    assert error.value.stderr == "at /home/me\n"


def test_a_missing_client_raises_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"^npm is not installed on this machine$"):
        client.require("npm")


def test_a_hanging_client_is_terminated_and_progress_is_logged(
    clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(client, "LIMIT_SECONDS", 0.5)
    clients.program("tool", "head -c 2000000 /dev/zero > part; exec sleep 60\n")
    messages: list[str] = []
    start = time.monotonic()
    (tmp_path / "work").mkdir()
    with pytest.raises(Unavailable, match="did not finish within"):
        client.run("tool", [client.require("tool")], tmp_path / "work", messages.append)
    assert time.monotonic() - start < 10
    assert messages[-1] == "2 MB"
