"""Small archives, and simulated package clients that serve them without a network."""

import io
import shutil
import tarfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import soundfile

Files = dict[str, bytes]


def wav(value: float = 0.5) -> bytes:
    """WAV file of 64 equal samples."""
    stream = io.BytesIO()
    soundfile.write(stream, np.full(64, value, np.float32), 44100, format="WAV", subtype="PCM_16")
    return stream.getvalue()


def tar(files: Files, links: dict[str, str] | None = None, mode: str = "w:gz") -> bytes:
    """Tar archive of plain files and of links (name → target)."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return stream.getvalue()


def deb(package: str, version: str, files: Files, links: dict[str, str] | None = None) -> bytes:
    """Debian package: an ar archive of a version, a control tar and a data tar."""
    control = f"Package: {package}\nVersion: {version}\nArchitecture: all\nMaintainer: a\nDescription: b\n"
    members = {
        "debian-binary": b"2.0\n",
        "control.tar": tar({"./control": control.encode()}, mode="w"),
        "data.tar": tar(files, links, mode="w"),
    }
    data = b"!<arch>\n"
    for name, content in members.items():
        data += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        data += content + b"\n" * (len(content) % 2)
    return data


# Replaces dpkg-deb on machines without it; reads the output of deb().
DPKG_DEB = """
import io, sys, tarfile
data, at, members = open(sys.argv[-1], "rb").read(), 8, {}
if not data.startswith(b"!<arch>"):
    sys.exit(2)
while at < len(data):
    size = int(data[at + 48 : at + 58])
    members[data[at : at + 16].decode().strip()] = data[at + 60 : at + 60 + size]
    at += 60 + size + size % 2
if sys.argv[1] == "--fsys-tarfile":
    sys.stdout.buffer.write(members["data.tar"])
else:
    control = tarfile.open(fileobj=io.BytesIO(members["control.tar"])).extractfile("./control").read()
    fields = dict(line.split(": ") for line in control.decode().splitlines())
    print(fields["Package"], fields["Version"])
"""


def digest(data: bytes) -> str:
    """SHA-256 of the data in hexadecimal."""
    return sha256(data).hexdigest()


class Clients:
    """Simulated package clients, in a folder that comes first on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir(parents=True)

    def program(self, name: str, script: str) -> None:
        """Put a shell script on PATH."""
        path = self.folder / "bin" / name
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)

    def add_download(self, name: str, file: str, data: bytes, failures: int = 0, message: str = "broken") -> None:
        """Add a client that fails `failures` times with `message` and then writes `file` to its working directory."""
        home = self.folder / name
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        (home / file).write_bytes(data)
        self.program(
            name,
            f'echo "$@" >> "{home}.calls"\n'
            f'if [ $(wc -l < "{home}.calls") -le {failures} ]; then echo "{message}" >&2; exit 100; fi\n'
            f'cp "{home}/{file}" .\n',
        )

    def calls(self, name: str) -> list[str]:
        """Arguments of each call so far."""
        path = self.folder / f"{name}.calls"
        return path.read_text().splitlines() if path.exists() else []
