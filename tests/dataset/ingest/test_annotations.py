"""Label files are parsed strictly."""

import unicodedata
from pathlib import Path

import pytest

from drumspace.dataset.ingest.annotations import read_annotations
from drumspace.errors import UserError


def write(folder: Path, text: str) -> Path:
    """Write a CSV file with this text."""
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    return folder / "labels.csv"


def test_rows_extra_columns_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, '\ufeffpath,who,label\n"a/b, c.wav",me,kick\na/d.wav,you,other\n')
    annotations = {name: item.label for name, item in read_annotations(path).items()}
    assert annotations == {"a/b, c.wav": "kick", "a/d.wav": "other"}


def test_a_file_with_a_header_only_has_no_labels(tmp_path: Path) -> None:
    assert read_annotations(write(tmp_path, "path,label\n")) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,label\na,kick\nb,Kick\n", "line 3: the label of b is 'Kick'; write kick, snare"),
        ("path,label\na,cowbell\n", "line 2: the label of a is 'cowbell'"),
        ("path,label\na,\n", "line 2: the label of a is ''"),
        ("path,label\na,kick\na,snare\n", "line 3: a is snare here and kick in"),
        ("a,kick\n", "line 1: the header must name `path` and `label`"),
        ("", "line 1: the header must name"),
    ],
)
def test_errors_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=r"labels\.csv") as error:
        read_annotations(write(tmp_path, text))
    assert message in str(error.value)


def test_a_source_may_leave_labels_blank(tmp_path: Path) -> None:
    path = write(tmp_path, "path,label\na,\nb,tom\n")
    assert list(read_annotations(path, blank_is_unknown=True)) == ["b"]


def test_a_missing_file_and_other_encodings_raise_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        read_annotations(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"path,label\nf\xfcr,kick\n")
    with pytest.raises(UserError, match="UTF-8"):
        read_annotations(tmp_path / "latin.csv")


@pytest.mark.parametrize("written", ["NFC", "NFD"])
def test_paths_match_whatever_their_form_of_unicode(tmp_path: Path, written: str) -> None:
    path = write(tmp_path, unicodedata.normalize(written, "path,label\nkit/mémoire バス.wav,kick\n"))
    annotations = read_annotations(path)
    for form in ("NFC", "NFD"):
        assert annotations[unicodedata.normalize(form, "kit/mémoire バス.wav")].label == "kick"
    assert annotations.get("kit/memoire バス.wav") is None


def test_two_forms_of_one_path_are_one_path(tmp_path: Path) -> None:
    rows = [f"{unicodedata.normalize(form, 'é.wav')},{label}\n" for form, label in (("NFC", "kick"), ("NFD", "tom"))]
    with pytest.raises(UserError, match=r"line 3: é\.wav is tom here and kick in .*line 2"):
        read_annotations(write(tmp_path, "path,label\n" + "".join(rows)))
