"""Archives at an address are streamed, checked by their SHA-256 and unpacked only if they are harmless."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback
from tiny_packages import Files, digest, tar, wav

from drumspace.dataset.sources.cache import Cache
from drumspace.dataset.sources.kinds import url
from drumspace.dataset.sources.record import Context, Unavailable
from drumspace.dataset.sources.recorded import RecordedHashes
from drumspace.dataset.sources.settings import UrlSource

FILES = {"top/Rock/kick.wav": wav(), "top/notes.txt": b"x"}
LICENCES = b'{"kick": {"license": "http://creativecommons.org/licenses/by/3.0/"}}'


def zipped(files: Files) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def source(address: str, sha256: str | None, **changes: Any) -> UrlSource:
    fields: dict[str, Any] = {"kind": "url", "optional": True, "licence": None, "root": "top", "layout": "kit"}
    return UrlSource(**fields | {"address": address, "sha256": sha256, "archive": "tar"} | changes)


def responder(data: bytes, length: int | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    """Response of a server: `data`, with another length in its header if `length` is given."""

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(data) if length is None else length))
        request.end_headers()
        request.wfile.write(data)

    return respond


@pytest.mark.parametrize(("kind", "data"), [("tar", tar(FILES)), ("zip", zipped(FILES))])
def test_an_archive_is_downloaded_once(
    tmp_path: Path, context: Context, tree: Callable, kind: str, data: bytes
) -> None:
    with Loopback(responder(data)) as server:
        drums = source(f"{server.address}/drums?download=1", digest(data), archive=kind)
        for out in ("out", "again"):
            fetched = url.fetch(drums, tmp_path / out, context)
            assert (fetched.sounds, fetched.version, fetched.sha256) == (1, None, digest(data))
            assert tree(tmp_path / out) == {"Rock/kick.wav": wav()}
    assert server.requests == ["/drums?download=1"]


def test_a_local_archive_is_read(tmp_path: Path, context: Context, tree: Callable) -> None:
    data = tar(FILES)
    (tmp_path / "drums.tar.gz").write_bytes(data)
    url.fetch(source(f"file://{tmp_path}/drums.tar.gz", digest(data)), tmp_path / "out", context)
    assert list(tree(tmp_path / "out")) == ["Rock/kick.wav"]
    with pytest.raises(Unavailable, match=r"none.tar does not exist$"):
        url.fetch(source(f"file://{tmp_path}/none.tar", digest(data)), tmp_path / "none", context)


def test_a_changed_archive_is_refused(tmp_path: Path, context: Context) -> None:
    data = tar(FILES)
    with Loopback(responder(data)) as server:
        address = f"{server.address}/drums.tar"
        with pytest.raises(Unavailable, match=f"^{address} has SHA-256 {digest(data)}, not 0{{64}}: its content has"):
            url.fetch(source(address, "0" * 64), tmp_path / "out", context)
    assert len(server.requests) == 1
    assert not (tmp_path / "out").exists()
    assert not list(context.cache.folder.iterdir())


@pytest.mark.parametrize("path", ["../evil.wav", "top/../../evil.wav", "/tmp/evil.wav"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_paths_outside_the_archive_are_refused(tmp_path: Path, context: Context, path: str, kind: str) -> None:
    files = {"top/a.wav": wav(), path: wav()}
    data = tar(files) if kind == "tar" else zipped(files)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/drums").write_bytes(data)
    drums = source(f"file://{tmp_path}/in/drums", digest(data), archive=kind)
    with pytest.raises(Unavailable, match="leads outside"):
        url.fetch(drums, tmp_path / "in/out", context)
    assert not list(tmp_path.rglob("evil.wav"))


@pytest.mark.parametrize("type_", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, context: Context, type_: bytes) -> None:
    stream = io.BytesIO(tar(FILES, mode="w"))
    with tarfile.open(fileobj=stream, mode="a") as archive:
        member = tarfile.TarInfo("top/x.wav")
        member.type, member.linkname = type_, "/etc/passwd"
        archive.addfile(member)
    (tmp_path / "drums").write_bytes(stream.getvalue())
    with pytest.raises(Unavailable, match=r"its archive has 'top/x.wav', which is a link or a device"):
        url.fetch(source(f"file://{tmp_path}/drums", digest(stream.getvalue())), tmp_path / "out", context)


def test_a_link_in_a_zip_file_is_refused(tmp_path: Path, context: Context) -> None:
    link = zipfile.ZipInfo("top/link.wav")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "drums", "w") as archive:
        archive.writestr("top/a.wav", wav())
        archive.writestr(link, "/etc/passwd")
    data = (tmp_path / "drums").read_bytes()
    with pytest.raises(Unavailable, match="which is a link"):
        url.fetch(source(f"file://{tmp_path}/drums", digest(data), archive="zip"), tmp_path / "out", context)


def test_a_damaged_archive_is_neither_used_nor_recorded(tmp_path: Path) -> None:
    (tmp_path / "drums").write_bytes(tar(FILES)[:100])
    recorded = RecordedHashes.load(tmp_path / "hashes.yaml", recording=True)
    context = Context(Cache(tmp_path / "downloads"), 0, 0, lambda text: None, 0, recorded)
    with pytest.raises(Unavailable, match="its archive is damaged"):
        url.fetch(source(f"file://{tmp_path}/drums", None), tmp_path / "out", context)
    assert not (tmp_path / "hashes.yaml").exists()


def test_failed_downloads_are_tried_again_where_it_may_help(tmp_path: Path, context: Context) -> None:
    data = tar(FILES)
    cases: list[tuple[Callable, str, int]] = [
        (lambda request: request.send_error(404), r"can't be fetched \(HTTP 404\)", 1),
        (lambda request: request.send_error(503), r"can't be fetched \(HTTP 503\)", 3),
        (responder(data[:-9], len(data)), f"broke off after {len(data) - 9:,} of {len(data):,} bytes", 3),
        (lambda request: None, "broke off|can't be reached", 3),
    ]
    for respond, message, attempts in cases:
        with Loopback(respond) as server, pytest.raises(Unavailable, match=message):
            url.fetch(source(f"{server.address}/drums", digest(data)), tmp_path / "out", context)
        assert len(server.requests) == attempts, message
    with pytest.raises(Unavailable, match="can't be reached"):
        url.fetch(source(f"{server.address}/drums", digest(data)), tmp_path / "out", context)
    assert not list(context.cache.folder.iterdir())


@pytest.mark.parametrize("target", ["http://192.0.2.1/drums", "file:///etc/passwd", "ftp://192.0.2.1/x"])
def test_redirections_to_unsafe_addresses_are_refused(tmp_path: Path, context: Context, target: str) -> None:
    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", target)
        request.end_headers()

    with Loopback(respond) as server, pytest.raises(Unavailable, match=r"HTTP 302|leads to an address without https"):
        url.fetch(source(f"{server.address}/drums", "0" * 64), tmp_path / "out", context)


def test_hashes_are_recorded_at_first_download_and_held_to(tmp_path: Path) -> None:
    (tmp_path / "drums").write_bytes(tar(FILES))
    (tmp_path / "licences").write_bytes(LICENCES)
    hashes = tmp_path / "hashes.yaml"
    addresses = {name: f"file://{tmp_path}/{name}" for name in ("drums", "licences")}
    companions = {"licenses.txt": {"address": addresses["licences"], "sha256": None}}
    drums = source(addresses["drums"], None, companions=companions, licence_files=["licenses.txt"])

    def fetch(out: str, recording: bool) -> None:
        recorded = RecordedHashes.load(hashes, recording)
        context = Context(Cache(tmp_path / f"downloads-{out}"), 0, 0, lambda text: None, 0, recorded)
        fetched = url.fetch(drums, tmp_path / out, context)
        assert fetched.licence_files == {"licences/licenses.txt": ""}
        assert (tmp_path / out / "licences/licenses.txt").read_bytes() == LICENCES

    with pytest.raises(
        Unavailable, match=f"no SHA-256 of {addresses['drums']} is known: run `drumspace fetch --record`"
    ):
        fetch("early", recording=False)
    fetch("first", recording=True)
    fetch("second", recording=False)
    (tmp_path / "licences").write_bytes(b"{}")
    for recording in (False, True):
        with pytest.raises(Unavailable, match=f"{addresses['licences']} has SHA-256 {digest(b'{}')}, not"):
            fetch(f"changed-{recording}", recording)
