"""drumkit.xml is read in its three versions, as far as it can be, and rejected if it is unsafe."""

from pathlib import Path

import pytest

from drumspace.dataset.ingest.kit_documents.document import KitDocument
from drumspace.dataset.ingest.kit_documents.read_document import read_document
from drumspace.dataset.ingest.kit_documents.xml_tree import UnreadableDocument

ROWS = """<instrument><name>Kick &amp; Sub</name><filename>a.wav</filename></instrument>
<instrument><name>Snare é</name><layer><filename>b.wav</filename></layer></instrument>"""
EXPECTED = {"a.wav": "Kick & Sub", "b.wav": "Snare é"}


def read(folder: Path, data: bytes) -> KitDocument:
    """Document that is read from a drumkit.xml of these bytes."""
    (folder / "drumkit.xml").write_bytes(data)
    document = read_document(folder / "drumkit.xml", "drumkit.xml", lambda path: None)
    assert document is not None
    return document


def names(folder: Path, data: str | bytes) -> dict[str, str | None]:
    """Instrument of each file, the first that uses it."""
    document = read(folder, data.encode() if isinstance(data, str) else data)
    return {reference.file: reference.instrument for reference in reversed(document.references)}


def test_all_three_versions_of_the_format_are_read(tmp_path: Path) -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?>
    <drumkit_info xmlns="http://www.hydrogen-music.org/drumkit"><name>Kit</name><instrumentList>
      <instrument><name>Kick &amp; Sub</name><filename>bd.wav</filename></instrument>
      <instrument><layer><filename>sn1.flac</filename></layer><layer><filename>sn2.flac</filename></layer>
        <name>Snare</name></instrument>
      <instrument><name>Hat</name><instrumentComponent><component_id>0</component_id>
        <layer><filename>hh.wav</filename></layer></instrumentComponent></instrument>
      <instrument><name>Again</name><filename>bd.wav</filename></instrument>
      <instrument><name></name><filename>nameless.wav</filename></instrument>
      <instrument><name>Without a layer</name></instrument>
    </instrumentList></drumkit_info>"""
    expected = {"bd.wav": "Kick & Sub", "sn1.flac": "Snare", "sn2.flac": "Snare", "hh.wav": "Hat", "nameless.wav": None}
    assert names(tmp_path, text) == expected
    assert read(tmp_path, text.encode()).title == "Kit"


@pytest.mark.parametrize(
    "data",
    [
        f"<drumkit_info>{ROWS}</drumkit_info>\nid>0</id></x>\n".encode(),
        f"<drumkit_info>{ROWS}</drumkit_info><drumkit_info>".encode(),
        f"<drumkit_info>{ROWS}</drumkit_info>\0\0\0".encode(),
        f'<?xml version="1.0" encoding="UTF-8"?><drumkit_info>{ROWS}</drumkit_info>'.encode("latin-1"),
        f'<?xml version="1.0" encoding="windows-1252"?><drumkit_info>{ROWS}</drumkit_info>'.encode("cp1252"),
        f'<?xml version="1.0" encoding="utf-16"?><drumkit_info>{ROWS}</drumkit_info>'.encode("utf-16"),
        f'<?xml version="1.0" encoding="x-mac-nothing"?><drumkit_info>{ROWS}</drumkit_info>'.encode(),
        f"<drumkit_info>{ROWS.replace('&amp;', '&')}</drumkit_info>".encode(),
        f"<drumkit_info>{ROWS}\x0b<info>a < b</info></drumkit_info>".encode(),
        f"<drumkit_info><!-- <instrument> & -->{ROWS}<name>x\0</name></drumkit_info>".encode(),
    ],
)
def test_what_is_wrong_outside_the_instruments_costs_no_label(tmp_path: Path, data: bytes) -> None:
    assert names(tmp_path, data) == EXPECTED
    assert read(tmp_path, data).problem is None


def test_a_document_that_ends_early_is_read_so_far_with_a_reason(tmp_path: Path) -> None:
    data = f"<drumkit_info>\n{ROWS}\n<instrument><name>Ha".encode()
    assert names(tmp_path, data) == EXPECTED
    assert "not valid XML" in (read(tmp_path, data).problem or "")


def test_a_document_type_written_inside_a_text_is_only_text(tmp_path: Path) -> None:
    kit = "<instrument><name>A</name><filename>a.wav</filename></instrument>"
    assert names(tmp_path, f"<k><info>&lt;!DOCTYPE HTML></info>{kit}</k>") == {"a.wav": "A"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("tail", ["", "<stray"])
def test_a_document_type_declaration_is_rejected(tmp_path: Path, encoding: str, tail: str) -> None:
    (tmp_path / "secret").write_text("secret")
    kind = f'<!DOCTYPE k [<!ENTITY x SYSTEM "{tmp_path}/secret">]>'
    text = f"{kind}<k><instrument><name>&x;</name></instrument></k>{tail}"
    with pytest.raises(UnreadableDocument, match="document type"):
        read(tmp_path, text.encode(encoding))


@pytest.mark.parametrize("text", ["", "<k>", "no XML", "<k>&unknown;</k>", "\0\0"])
def test_a_file_without_any_instrument_is_rejected_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableDocument, match="line 1"):
        read(tmp_path, text.encode())


def test_huge_and_deep_files_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="more than 8 MiB"):
        read(tmp_path, b"<k>" + b" " * (8 << 20) + b"</k>")
    with pytest.raises(UnreadableDocument, match="too deep"):
        read(tmp_path, b"<k>" * 200_000)


@pytest.mark.parametrize("piece", [b"<", b"<!--", b"<a b=", b'<a "', b"<a\n", b"&#", b"]]>", b"<![CDATA["])
def test_malformed_text_takes_linear_time(tmp_path: Path, piece: bytes) -> None:
    text = b"<k><a/>" + piece * (1_000_000 // len(piece))
    with pytest.raises(UnreadableDocument):
        read(tmp_path, text)


def test_the_licence_is_that_of_the_kit_itself(tmp_path: Path) -> None:
    text = """<drumkit_info xmlns="http://www.hydrogen-music.org/drumkit"><name>Kit</name>
      <license> CC BY
        4.0 </license><imageLicense>GPL</imageLicense>
      <instrument><license>MIT</license><filename>a.wav</filename></instrument></drumkit_info>"""
    assert read(tmp_path, text.encode()).licence == "CC BY 4.0"
    assert read(tmp_path, b"<drumkit_info><name>Kit</name></drumkit_info>").licence == ""
