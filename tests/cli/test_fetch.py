"""The command `fetch` records what the settings leave open, and refuses another content afterwards."""

from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tiny_packages import tar, wav

from drumspace.cli.main import main

DRUMS = tar({"kick.wav": wav()})


@pytest.fixture
def params(tmp_path: Path) -> Path:
    (tmp_path / "drums.tar").write_bytes(DRUMS)
    fields = 'sha256: null, archive: tar, licence: null, root: "", layout: kit'
    path = tmp_path / "params.yaml"
    path.write_text(f"""\
sources:
  drums: {{kind: url, address: "file://{tmp_path}/drums.tar", {fields}, optional: false}}
  none: {{kind: url, address: "file://{tmp_path}/none.tar", {fields}, optional: true}}
""")
    return path


def fetch(params: Path, *options: str, cache: str = "cache") -> Result:
    folder = params.parent
    paths = ["--params", str(params), "--hashes", str(folder / "hashes.yaml"), "--cache", str(folder / cache)]
    return CliRunner().invoke(main, ["fetch", *paths, *options])


def test_a_first_download_is_recorded_and_a_change_refused(params: Path) -> None:
    hashes = params.parent / "hashes.yaml"
    early = fetch(params)
    assert (early.exit_code, hashes.exists()) == (1, False)
    assert "the source `drums` is not available: no SHA-256 of file://" in early.stderr
    recorded = fetch(params, "--record")
    assert (recorded.exit_code, recorded.stdout) == (0, "drums: available\n")
    assert "none: file://" in recorded.stderr
    assert "none.tar does not exist" in recorded.stderr
    text = hashes.read_text()
    assert text.endswith(f"file://{params.parent}/drums.tar: {sha256(DRUMS).hexdigest()}\n")
    assert fetch(params).exit_code == 0

    (params.parent / "drums.tar").write_bytes(tar({"snare.wav": wav()}))
    assert fetch(params).exit_code == 0  # from the cache
    for options in ((), ("--record",)):
        changed = fetch(params, *options, cache="empty")
        assert changed.exit_code == 1
        assert f", not {sha256(DRUMS).hexdigest()}: its content has changed" in changed.stderr
        assert hashes.read_text() == text


def test_faults_of_the_settings_are_named(params: Path) -> None:
    params.write_text(params.read_text().replace("archive: tar", "archive: rar", 1))
    result = fetch(params, "--record")
    assert result.exit_code == 1
    assert "line 2: `sources.drums.archive` is 'rar'" in result.stderr
