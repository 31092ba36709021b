"""Source kind `deb`: packages of Debian and derived systems, downloaded by apt-get and unpacked by dpkg-deb."""

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from drumspace.dataset.sources import client, package
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.settings import DebSource
from drumspace.io.archives import Entry, tar_entries


def fetch(source: DebSource, out: Path, context: Context) -> Fetched:
    """Unpack the sounds of a Debian package into `out`, without installation. Raises Unavailable."""
    return package.fetch(source, out, context, partial(_download, source, context), _entries)


def _download(source: DebSource, context: Context, folder: Path) -> tuple[Path, str]:
    apt, dpkg = client.require("apt-get"), client.require("dpkg-deb")
    name = source.package if source.version is None else f"{source.package}={source.version}"
    try:
        client.run("apt-get", [apt, "download", "-qq", name], folder, context.report_progress)
    except client.ClientError as error:
        update = "run `apt-get update` as root, then `make fetch`"
        if "Unable to locate package" in error.stderr or "was not found" in error.stderr:
            raise Unavailable(f"apt-get has no package {name}: {update}") from error
        raise Unavailable(f"{error}; its package lists may be outdated: {update}", temporary=True) from error
    path = package.only_file(folder, "*.deb", "apt-get")
    fields = client.run("dpkg-deb", [dpkg, "--show", "--showformat=${Package} ${Version}", path], folder).split()
    if len(fields) != 2 or fields[0] != source.package:
        raise Unavailable(f"apt-get downloaded another package than {source.package}")
    return path, fields[1]


def _entries(path: Path) -> Iterator[Entry]:
    # dpkg-deb decompresses every format that Debian uses; its tar stream is checked like any other archive.
    command = [client.require("dpkg-deb"), "--fsys-tarfile", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            yield from tar_entries(process.stdout)
            # Only padding follows the end of the tar archive, but dpkg-deb fails with a broken pipe if it stays unread.
            while process.stdout.read(1 << 20):
                pass
        finally:
            if process.stdout is not None and not process.stdout.closed:
                process.stdout.close()
        if process.wait():
            raise Unavailable("its archive is damaged (dpkg-deb can't read it)")
