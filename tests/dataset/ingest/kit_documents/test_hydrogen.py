"""drumkit.xml is read in its three versions and rejected if it is malformed or unsafe."""

from pathlib import Path

import pytest

from drumspace.dataset.ingest.kit_documents.hydrogen import UnreadableKit, read_kit


def names(folder: Path, text: str, encoding: str = "utf-8") -> dict[str, str]:
    """Instrument names that are read from a drumkit.xml with this text."""
    (folder / "drumkit.xml").write_text(text, encoding=encoding)
    return read_kit(folder / "drumkit.xml").instruments


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
    </instrumentList></drumkit_info>"""
    expected = {"bd.wav": "Kick & Sub", "sn1.flac": "Snare", "sn2.flac": "Snare", "hh.wav": "Hat"}
    assert names(tmp_path, text) == expected


def test_a_document_type_written_inside_a_text_is_only_text(tmp_path: Path) -> None:
    kit = "<instrument><name>A</name><filename>a.wav</filename></instrument>"
    assert names(tmp_path, f"<k><info>&lt;!DOCTYPE HTML></info>{kit}</k>") == {"a.wav": "A"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_declaration_is_rejected(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "secret").write_text("secret")
    kind = f'<!DOCTYPE k [<!ENTITY x SYSTEM "{tmp_path}/secret">]>'
    text = f"{kind}<k><instrument><name>&x;</name></instrument></k>"
    with pytest.raises(UnreadableKit, match="document type"):
        names(tmp_path, text, encoding)


@pytest.mark.parametrize("text", ["", "<k>", "no XML", "<k>&unknown;</k>", "\0\0"])
def test_broken_xml_is_rejected_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableKit, match="line 1"):
        names(tmp_path, text)


def test_a_huge_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(UnreadableKit, match="more than 8 MiB"):
        names(tmp_path, "<k>" + " " * (8 << 20) + "</k>")


def test_the_licence_is_that_of_the_kit_itself(tmp_path: Path) -> None:
    text = """<drumkit_info xmlns="http://www.hydrogen-music.org/drumkit"><name>Kit</name>
      <license> CC BY
        4.0 </license><imageLicense>GPL</imageLicense>
      <instrument><license>MIT</license><filename>a.wav</filename></instrument></drumkit_info>"""
    (tmp_path / "drumkit.xml").write_text(text)
    assert read_kit(tmp_path / "drumkit.xml").licence == "CC BY 4.0"
    (tmp_path / "drumkit.xml").write_text("<drumkit_info><name>Kit</name></drumkit_info>")
    assert read_kit(tmp_path / "drumkit.xml").licence == ""
