"""Archives are unpacked into numbered files: what is unsafe or damaged in them has a reason, the rest is read."""

import gzip
import io
import os
import random
import zipfile
from functools import partial
from pathlib import Path

import pytest
from tiny_packages import tar

from drumspace.dataset.ingest.scan import archives
from drumspace.dataset.ingest.scan.archives import Member, unpack
from drumspace.errors import UserError

tar_bytes = partial(tar, mode="w")


def zip_bytes(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """Zip archive of files and symbolic links."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, target)
    return stream.getvalue()


def read(folder: Path, data: bytes, name: str = "a.zip") -> dict[str, bytes | str]:
    """Content of each member that is unpacked, or the reason for which it is rejected ('' if it is passed over)."""
    (folder / name).write_bytes(data)
    (folder / "unpacked").mkdir(exist_ok=True)
    members: list[Member] = list(unpack(folder / name, folder / "unpacked"))
    return {"/".join(member.parts): member.file.read_bytes() if member.file else member.reason for member in members}


FILES = {"kit/x.wav": b"sound", "kit/font.sf2": b"font", "kit/drumkit.xml": b"<k/>", "kit/loop.rx2": b"?"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", zip_bytes(FILES)),
        ("a.h2drumkit", gzip.compress(tar_bytes(FILES))),
        ("a.h2drumkit", tar_bytes(FILES)),
        ("a.tar.gz", gzip.compress(tar_bytes(FILES))),
        ("a.zip", tar_bytes(FILES)),  # told apart by content
    ],
)
def test_sounds_fonts_and_documents_are_unpacked(tmp_path: Path, name: str, data: bytes) -> None:
    assert read(tmp_path, data, name) == {**FILES, "kit/loop.rx2": ""}


@pytest.mark.parametrize("make", [tar_bytes, zip_bytes])
def test_nothing_is_written_outside_and_links_are_not_followed(tmp_path: Path, make: object) -> None:
    assert callable(make)
    folder = tmp_path / "in"
    folder.mkdir()
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"secret")
    files = {"../evil.wav": b"1", "/tmp/evil.wav": b"2", "a/../../b.wav": b"3", "..\\c.wav": b"4", "kit/x.wav": b"5"}
    members = read(folder, make(files, {"link.wav": str(secret), "folder": str(tmp_path)}))
    assert members.pop("kit/x.wav") == b"5"
    assert members.pop("folder") == ""
    assert "a link or device" in str(members.pop("link.wav"))
    assert len(members) == 4 and {"its path leads outside the archive"} == set(members.values())
    written = [path.relative_to(tmp_path).parts for path in tmp_path.rglob("*.wav")]
    assert len(written) == 2 and all(parts == ("secret.wav",) or parts[:2] == ("in", "unpacked") for parts in written)


def test_sizes_and_numbers_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = zip_bytes({f"{number}.wav": bytes(1000) for number in range(5)})
    monkeypatch.setattr(archives, "MAX_BYTES", 3500)
    members = read(tmp_path, data)
    assert [name for name, content in members.items() if content == bytes(1000)] == ["0.wav", "1.wav", "2.wav"]
    assert "unpacks to more than" in str(members[""])
    monkeypatch.setattr(archives, "MAX_BYTES", 10_000)
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 999)
    assert all("unpacks to more than" in str(content) for content in read(tmp_path, data).values())
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 1000)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 4)
    assert "more than 4 files" in str(read(tmp_path, data)[""])


def test_the_unused_content_of_a_tar_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 5000)
    members = read(tmp_path, gzip.compress(tar_bytes({"a.wav": b"1", "zeros.bin": bytes(100_000), "b.wav": b"2"})))
    assert members["a.wav"] == b"1" and "b.wav" not in members
    assert "the rest was not read" in str(members[""])


def test_a_member_larger_than_the_archive_states_is_rejected(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"a.wav": bytes(100_000), "b.wav": b"fine"}))
    size = (100_000).to_bytes(4, "little")
    assert data.count(size) == 2
    data = data.replace(size, (10).to_bytes(4, "little"))
    members = read(tmp_path, bytes(data))
    assert "damaged" in str(members["a.wav"]) and members["b.wav"] == b"fine"
    assert sum(path.stat().st_size for path in (tmp_path / "unpacked").rglob("*.wav")) == 4


def test_damage_costs_only_what_is_damaged(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"a.wav": os.urandom(500), "b.wav": b"fine"}))
    data[100] ^= 0xFF
    members = read(tmp_path, bytes(data))
    assert "damaged in the archive" in str(members["a.wav"]) and members["b.wav"] == b"fine"
    cut = read(tmp_path, gzip.compress(tar_bytes({"a.wav": b"1", "b.wav": os.urandom(5000)}))[:-2000], "cut.h2drumkit")
    assert cut.pop("a.wav") == b"1" and all("damaged" in str(reason) or "end" in str(reason) for reason in cut.values())
    for nothing in (b"no archive at all", b"", b"PK\3\4"):
        (reason,) = read(tmp_path, nothing).values()
        assert "neither zip nor tar" in str(reason) or reason == "empty file"


@pytest.mark.parametrize(
    "data",
    [zip_bytes({"a.wav": b"1" * 50}), gzip.compress(tar_bytes({"a.wav": b"1" * 50}), mtime=0)],
    ids=["zip", "tar"],
)
def test_an_archive_cut_or_damaged_anywhere_is_read_or_has_a_reason(tmp_path: Path, data: bytes) -> None:
    for size in range(1, len(data) - 1):
        assert all(content for content in read(tmp_path, data[:size]).values())
    rng = random.Random(0)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(3):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        read(tmp_path, bytes(damaged))  # no damage raises an error


def test_encrypted_and_nested_archives_have_a_reason(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"a.wav": b"hidden", "inner.zip": b"PK"}))
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + offset] |= 1
    members = read(tmp_path, bytes(data))
    assert "encrypted" in str(members["a.wav"]) and "unpack the outer one" in str(members["inner.zip"])


def test_names_of_other_systems_are_read(tmp_path: Path) -> None:
    data = zip_bytes({"Trommel xx.wav": b"1", "kit\\hat.wav": b"2", "__MACOSX/._x.wav": b"3", ".git/x.wav": b"4"})
    data = data.replace(b"Trommel xx.wav", "Trommel ä.wav".encode())  # UTF-8 without its flag
    assert read(tmp_path, data) == {"Trommel ä.wav": b"1", "kit/hat.wav": b"2"}


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("スネア ソロ01.wav", "cp932"),
        ("军鼓/底鼓 1.wav", "gb2312"),
        ("Бочка 1.wav", "cp866"),
        ("Händeklatschen.wav", "cp437"),
        ("Große Trommel é.wav", "cp437"),
        ("Ändern ßü.wav", "utf-8"),
        ("スネア.wav", "utf-8"),
    ],
)
def test_names_in_the_encoding_of_a_country_are_read(tmp_path: Path, name: str, encoding: str) -> None:
    raw = name.encode(encoding)
    stand_in = ("~" * (len(raw) - 4) + ".wav").encode()
    data = zip_bytes({stand_in.decode(): b"sound"}).replace(stand_in, raw)
    assert read(tmp_path, data) == {name: b"sound"}


def test_a_second_file_of_one_name_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "a.h2drumkit").write_bytes(tar_bytes({"a.wav": b"1"})[:1024] + tar_bytes({"a.wav": b"2"}))
    first, second = unpack(tmp_path / "a.h2drumkit", tmp_path / "unpacked")
    assert first.file and first.file.read_bytes() == b"1"
    assert second.file is None and "another file of this name" in second.reason


def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archives, "_copy", fail)
    with pytest.raises(UserError, match="no space is left"):
        read(tmp_path, zip_bytes({"a.wav": b"1"}))
