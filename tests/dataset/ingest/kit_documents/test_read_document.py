"""Kit documents are told apart by their content; files that are no kits are left alone."""

from pathlib import Path

import pytest

from drumspace.dataset.ingest.kit_documents.document import KitDocument, Reference
from drumspace.dataset.ingest.kit_documents.read_document import read_document
from drumspace.dataset.ingest.kit_documents.xml_tree import UnreadableDocument


def read(folder: Path, name: str, text: str) -> KitDocument | None:
    """Document of this name and text."""
    (folder / "0").write_text(text)  # the copy of an archive's member has another name
    return read_document(folder / "0", name, lambda path: None)


def test_an_instrument_of_drumgizmo_names_its_files_once(tmp_path: Path) -> None:
    text = """<?xml version="1.0"?><instrument name="Kdrum" version="2.0"><samples>
      <sample name="k-1" power="0.1"><audiofile channel="AmbL" file="samples/1.wav" filechannel="1"/>
      <audiofile channel="AmbR" file="samples/1.wav" filechannel="2"/></sample>
      <sample name="k-2"><audiofile channel="AmbL" file="samples/2.wav" filechannel="1"/></sample>
    </samples></instrument>"""
    expected = (Reference("samples/1.wav", "Kdrum"), Reference("samples/2.wav", "Kdrum"))
    assert read(tmp_path, "kick.xml", text) == KitDocument(expected)


def test_a_kit_of_drumgizmo_has_title_and_licence(tmp_path: Path) -> None:
    text = """<drumkit version="2.0"><metadata><title>Big Kit</title><license>CC BY 4.0</license></metadata>
      <instruments><instrument name="Kick" file="kick.xml"/></instruments></drumkit>"""
    assert read(tmp_path, "Big.xml", text) == KitDocument((), "Big Kit", licence="CC BY 4.0")


def test_a_preset_of_decent_sampler_names_groups_and_keys(tmp_path: Path) -> None:
    text = """<DecentSampler minVersion="1.0"><groups>
      <group name="Kick"><sample path="Samples/a.wav" rootNote="36" loNote="36" hiNote="36"/></group>
      <group loNote="38" hiNote="38"><sample path="Samples/b.wav" name="Snare &amp; Rim"/></group>
      <group tags="hat"><sample path="Samples/c.wav" loNote="42" hiNote="42"/></group></groups></DecentSampler>"""
    assert read(tmp_path, "Kit.dspreset", text) == KitDocument(
        (
            Reference("Samples/a.wav", "Kick", (36, 36)),
            Reference("Samples/b.wav", "Snare & Rim", (38, 38)),
            Reference("Samples/c.wav", "hat", (42, 42)),
        )
    )


@pytest.mark.parametrize("text", ["<project><instrument/></project>", "no XML", "<!DOCTYPE a><a/>", "<a><b>"])
def test_another_xml_file_is_left_alone(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "session.xml", text) is None


@pytest.mark.parametrize("name", ["drumkit.xml", "DrumKit.XML", "Kit.dspreset"])
def test_a_kit_that_cannot_be_read_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableDocument, match="not valid XML"):
        read(tmp_path, name, "no XML")
