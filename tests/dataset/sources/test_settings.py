"""Settings of sources are parsed by kind, and their errors name the line."""

from pathlib import Path

import pytest

from drumspace.dataset.sources.registry import KINDS, fetcher
from drumspace.dataset.sources.settings import SourcesParams
from drumspace.io.settings import ParamsError, load

HASH = "0123456789abcdef" * 4
GOOD = f"""sources:
  own:
    kind: folder
    path: data/own
    layout: source/kit
    labels: null
    optional: true
    licence: null
  fox:
    kind: pip
    package: FoxDot
    version: 0.9.0
    sha256: {{0.9.0: {HASH}}}
    accept_unknown: false
    optional: false
    licence: MIT
    root: FoxDot
  sc:
    kind: npm
    package: "@a/sc"
    version: 1.0.0
    sha256: {{}}
    accept_unknown: true
    optional: true
    licence: null
    root: ""
    include: ["bd_*"]
  kits:
    kind: deb
    package: libkits-data
    sha256: {{}}
    accept_unknown: false
    optional: true
    licence: null
    root: usr/share
  machine:
    kind: synth
    seed: 1
    count: {{kick: 3, tom: 0}}
  repository:
    kind: git
    repository: https://github.com/a/b
    commit: {HASH[:40]}
    optional: true
    licence: null
    root: ""
    layout: one kit
  archive:
    kind: url
    address: https://zenodo.org/drums.zip
    sha256: null
    archive: zip
    optional: true
    licence: null
    root: ""
    layout: kit
    companions: {{licences.json: {{address: "https://zenodo.org/l", sha256: null}}}}
"""


def read(tmp_path: Path, text: str) -> SourcesParams:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    return load(path, "sources", SourcesParams)


def test_each_kind_is_read_in_order(tmp_path: Path) -> None:
    sources = read(tmp_path, GOOD)
    source_kinds = [(name, source.kind) for name, source in sources.items()]
    assert source_kinds == [
        ("own", "folder"),
        ("fox", "pip"),
        ("sc", "npm"),
        ("kits", "deb"),
        ("machine", "synth"),
        ("repository", "git"),
        ("archive", "url"),
    ]
    assert sources.root["sc"].include == ("bd_*",)
    assert sources.root["fox"].include == ("*",)
    assert sources.root["kits"].version is None


def test_every_kind_has_a_module_that_fetches() -> None:
    assert {fetcher(kind).__module__ for kind in KINDS.names()} == {f"{KINDS.package}.{kind}" for kind in KINDS.names()}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("optional: false", "optionally: false", "line 15: unknown key `sources.fox.optionally`"),
        ("kind: pip", "kind: pypi", "line 10: `sources.fox.kind` is 'pypi': use one of 'folder', 'pip'"),
        ("kind: synth", "kin: synth", "`sources.machine.kind` is missing"),
        (
            "version: 0.9.0",
            "version: 0.9",
            "line 12: `sources.fox.version` is 0.9: input should be a valid string",
        ),
        ("version: 0.9.0", "version: 0.9.1", "version 0.9.1 has no SHA-256: add it under `sha256`"),
        (HASH, HASH[1:], "line 13: `sources.fox.sha256.0.9.0` is '123456789"),
        ("layout: source/kit", "layout: flat", "line 5: `sources.own.layout` is 'flat'"),
        ("licence: MIT", "licence: GPL-2+, by kit", "line 16: `sources.fox.licence` is 'GPL-2+, by kit': use an SPDX"),
        ("kick: 3", "kik: 3", "unknown class kik; the classes are kick, snare"),
        ("kick: 3", "kick: 0", "all counts are 0"),
        ("kick: 3", "kick: -1", "line 39: `sources.machine.count.kick` is -1"),
        ("root: usr/share", "root: /usr/share", "line 35: `sources.kits.root`"),
        ("package: libkits-data", "package: --version", "line 30: `sources.kits.package`"),
        ("package: FoxDot", "package: -r/etc/passwd", "line 11: `sources.fox.package`"),
        ('"@a/sc"', "someone/repository", "line 20: `sources.sc.package`"),
        ("version: 1.0.0", 'version: "1.0.0 --x"', "line 21: `sources.sc.version`"),
        ("https://github.com/a/b", "git@github.com:a/b", "line 42: `sources.repository.repository`"),
        (f"commit: {HASH[:40]}", "commit: main", "line 43: `sources.repository.commit` is 'main'"),
        (f"commit: {HASH[:40]}", f"commit: {HASH[:7]}", "line 43: `sources.repository.commit`"),
        ("https://zenodo.org/drums", "http://zenodo.org/drums", "use an address that begins with https://"),
        ("https://zenodo.org/l", "/l", "line 57: `sources.archive.companions.licences.json.address` is '/l'"),
        ("archive: zip", "archive: rar", "line 52: `sources.archive.archive` is 'rar'"),
        ("licences.json:", "../licences.json:", "line 57: `sources.archive.companions.../licences.json"),
        ("  own:", "  ../own:", "line 2: `sources.../own"),
        ("  own:\n    kind: folder", "  own: 3\n  b:\n    kind: folder", "line 2: `sources.own` is 3"),
    ],
)
def test_errors_name_the_line_and_the_remedy(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(ParamsError) as error:
        read(tmp_path, GOOD.replace(old, new))
    assert message in str(error.value)
