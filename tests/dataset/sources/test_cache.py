"""The download cache returns verified archives of accepted versions."""

from pathlib import Path

from tiny_packages import digest

from drumspace.dataset.sources.cache import Archive, Cache


def stored(cache: Cache, folder: Path, version: str, package: str = "kits") -> str:
    data = f"{package} {version}".encode()
    path = folder / f"{package}_{version}.deb"
    path.write_bytes(data)
    cache.store("deb", package, Archive(path, version, digest(data)))
    return digest(data)


def test_known_versions_come_first_unknown_ones_only_where_accepted(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert cache.find("deb", "kits", None, {}, True) is None
    hashes = {version: stored(cache, tmp_path, version) for version in ("1", "2", "3")}
    stored(cache, tmp_path, "0", package="other")

    def archive_path(version: str | None, known_sha256: dict[str, str], accept: bool) -> str | None:
        archive = cache.find("deb", "kits", version, known_sha256, accept)
        return archive.version if archive else None

    assert archive_path(None, {"3": hashes["3"], "2": hashes["2"]}, True) == "3"
    assert archive_path(None, {}, True) == "1"
    assert archive_path(None, {}, False) is None
    assert archive_path("2", hashes, False) == "2"
    assert archive_path("4", hashes, True) is None
    assert archive_path("2", {"2": hashes["1"]}, True) is None
    assert cache.find("npm", "kits", None, hashes, True) is None


def test_a_changed_archive_is_not_returned(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    sha256 = stored(cache, tmp_path, "1")
    archive = cache.find("deb", "kits", "1", {"1": sha256}, False)
    assert archive == Archive(cache.folder / sha256 / "kits_1.deb", "1", sha256)
    archive.path.write_bytes(b"other bytes")
    assert cache.find("deb", "kits", "1", {"1": sha256}, False) is None
    assert stored(cache, tmp_path, "1") == sha256
    assert cache.find("deb", "kits", "1", {"1": sha256}, False) == archive
