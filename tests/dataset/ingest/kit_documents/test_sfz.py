"""SFZ instruments: labels, keys and paths of their samples."""

import time
from pathlib import Path

import pytest

from drumspace.dataset.ingest.kit_documents import sfz
from drumspace.dataset.ingest.kit_documents.document import Reference
from drumspace.dataset.ingest.kit_documents.xml_tree import UnreadableDocument


def read(folder: Path, text: str | bytes, **others: str) -> list[Reference]:
    """References of an SFZ text that may include the documents `others`."""
    for name, content in {**others, "kit.sfz": text}.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def include(path: str) -> Path | None:
        return folder / path if (folder / path).is_file() else None

    return list(sfz.read(folder / "kit.sfz", include).references)


def test_regions_inherit_labels_keys_and_paths(tmp_path: Path) -> None:
    text = """// a kit
    <control> default_path=Samples/
    <global> ampeg_release=1
    <group> group_label=Kick key=36
    <region> sample=kick soft 1.wav hivel=63
    <region> sample=kick hard.wav lovel=64 // louder
    <group> lokey=38 hikey=40
    <region> region_label=Snare sample=sub\\sn=1.wav
    /* <region> sample=no.wav */
    <region> lokey=c#2 hikey=c#2 sample=crash.wav pan=10
    <region> sample=*sine key=99
    <curve> curve_index=7 v000=0
    """
    assert read(tmp_path, text) == [
        Reference("Samples/kick soft 1.wav", "Kick", (36, 36)),
        Reference("Samples/kick hard.wav", "Kick", (36, 36)),
        Reference("Samples/sub\\sn=1.wav", "Snare", (38, 40)),
        Reference("Samples/crash.wav", None, (37, 37)),
    ]


@pytest.mark.parametrize(("opcodes", "key"), [("note_offset=12", 48), ("octave_offset=-1", 24), ("note_offset=x", 36)])
def test_keys_are_moved_by_the_offsets_of_the_whole_document(tmp_path: Path, opcodes: str, key: int) -> None:
    text = f"<control> {opcodes}\n<region> sample=kick.wav key=36"
    assert read(tmp_path, text) == [Reference("kick.wav", None, (key, key))]


def test_a_group_ends_what_the_former_one_set(tmp_path: Path) -> None:
    text = "<group> key=36 group_label=Kick <region> sample=a.wav\n<group> key=38 <region> sample=b.wav"
    assert read(tmp_path, text) == [Reference("a.wav", "Kick", (36, 36)), Reference("b.wav", None, (38, 38))]


def test_definitions_and_included_documents_are_followed(tmp_path: Path) -> None:
    text = '#define $K 36\n#define $KIT Rock\n<group> key=$K\n#include "$KIT.sfz"\n#include "gone.sfz"'
    included = '<region> sample=$KIT/kick.wav\n#include "kit.sfz"\n#include "Rock.sfz"'
    assert read(tmp_path, text, **{"Rock.sfz": included})[0] == Reference("Rock/kick.wav", None, (36, 36))


@pytest.mark.parametrize(
    "regions",
    [
        [f"lokey={key} hikey={key + 11} sample=piano {key}.wav" for key in range(24, 96, 12)],
        [f"key={key} sample=Grand {note}{octave}.wav" for octave in (2, 3) for key, note in ((36, "C"), (38, "D#"))],
        [f"key={key} sample=rec {key}a.wav" for key in range(21, 108)],
    ],
)
def test_the_keys_of_a_melodic_instrument_say_nothing(tmp_path: Path, regions: list[str]) -> None:
    references = read(tmp_path, "\n".join(f"<region> {region}" for region in regions))
    assert len(references) == len(regions) and {reference.keys for reference in references} == {None}


def test_the_key_of_a_region_replaces_the_range_of_its_group(tmp_path: Path) -> None:
    text = "<group> lokey=20 hikey=100 <region> key=38 sample=a.wav <region> lokey=40 hikey=41 sample=b.wav"
    assert [reference.keys for reference in read(tmp_path, text)] == [(38, 38), (40, 41)]


@pytest.mark.parametrize(
    "text",
    [
        "<group>" + " ".join(f"x{number}=1" for number in range(40_000)) + "<region> sample=a" * 30_000,
        "\n".join(f"#define $V{number} 1" for number in range(900)) + "\n<region> sample=$V1$V2$V3" * 20_000,
        '#include "gone.sfz"\n' * 50_000,
        '#include "empty.sfz"\n' * 900,
    ],
    ids=["opcodes", "definitions", "missing", "empty"],
)
def test_large_documents_take_linear_time(tmp_path: Path, text: str) -> None:
    start = time.process_time()
    read(tmp_path, text, **{"empty.sfz": ""})
    assert time.process_time() - start < 5


def test_any_bytes_are_read_in_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(tmp_path, "<region> sample=é.wav key=36".encode("latin-1"))[0].file == "é.wav"
    assert read(tmp_path, bytes(range(256)) * 40) == []
    with pytest.raises(UnreadableDocument, match="too long"):
        doubled = "\n".join(f"#define $A{number + 1} $A{number}$A{number}" for number in range(30))
        read(tmp_path, f"#define $A0 ab\n{doubled}\n<region> sample=" + "$A1" * 3000)
    monkeypatch.setattr(sfz, "MAX_BYTES", 10)
    with pytest.raises(UnreadableDocument, match="more than"):
        read(tmp_path, "<region> sample=a.wav")
