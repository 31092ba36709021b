"""Files that a kit's document names are matched as people and programs of other systems write them."""

import unicodedata

import pytest

from drumspace.dataset.ingest.kit_documents.document import Reference
from drumspace.dataset.ingest.kit_documents.match_files import FileIndex, match_files

FILES = [
    ("kit", "Sample1.WAV"),
    ("kit", "deep", "2.flac"),
    ("kit", unicodedata.normalize("NFD", "é 3.wav")),
    ("4.wav",),
]


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("Sample1.WAV", FILES[0]),
        ("sample1.wav", FILES[0]),  # case
        ("./SAMPLE1.flac", FILES[0]),  # another suffix, since the kit was converted
        ("deep/2.flac", FILES[1]),
        ("deep\\2.wav", FILES[1]),  # Windows
        ("C:\\Users\\someone\\kit\\deep\\2.wav", FILES[1]),  # absolute paths of another machine
        ("C:/kits/Sample1.wav", FILES[0]),
        ("/home/someone/.hydrogen/data/drumkits/kit/Sample1.wav", FILES[0]),
        ("Samples/Sample1.wav", FILES[0]),  # a folder that was lost
        (unicodedata.normalize("NFC", "é 3.wav"), FILES[2]),
        ("../4.wav", FILES[3]),
        ("../../../4.wav", FILES[3]),
        ("gone.wav", None),
        ("/4.wav", None),  # outside the document's folder
        ("", None),
        ("..", None),
    ],
)
def test_a_path_is_matched_as_other_systems_write_it(written: str, file: tuple[str, ...] | None) -> None:
    reference = Reference(written, "Kick")
    by_file, missing = match_files([reference], ("kit",), FileIndex(FILES))
    assert (by_file, missing) == (({file: reference}, []) if file else ({}, [reference]))


def test_an_exact_path_comes_before_a_similar_one() -> None:
    files = [("Kick.wav",), ("kick.wav",), ("kick.flac",)]
    references = [Reference("C:/Kick.WAV", "Loose"), Reference("kick.wav", "Exact"), Reference("Kick.wav", "Other")]
    by_file, _ = match_files(references, (), FileIndex(files))
    assert {file: reference.instrument for file, reference in by_file.items()} == {
        ("Kick.wav",): "Other",
        ("kick.wav",): "Exact",
    }


def test_the_end_of_a_path_that_several_instruments_share_decides_nothing() -> None:
    references = [Reference("/x/kick/01.wav", "Kick"), Reference("/x/snare/01.wav", "Snare")]
    index = FileIndex([("01.wav",), ("snare", "01.wav")])
    by_file, missing = match_files(references, (), index)
    assert by_file == {("snare", "01.wav"): references[1]}
    assert missing == references[:1]


def test_instruments_may_share_a_file() -> None:
    references = [Reference("/x/01.wav", "Open"), Reference("/x/01.wav", "Pedal")]
    assert match_files(references, (), FileIndex([("01.wav",)])) == ({("01.wav",): references[0]}, [])
