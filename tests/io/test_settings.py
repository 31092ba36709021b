"""Settings are read from params.yaml, and their errors name line, key and remedy."""

from pathlib import Path

import pytest
from pydantic import Field

from drumspace.io import settings
from drumspace.io.settings import Params, ParamsError, load, read_yaml


class Inner(Params):
    rate: int = Field(ge=1)


class Outer(Params):
    inner: Inner
    names: list[str]


GOOD = "# comment\nouter:\n  inner:\n    rate: 3\n  names: [a, b]\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_a_section_and_a_part_of_it(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert load(path, "outer", Outer) == Outer(inner=Inner(rate=3), names=["a", "b"])
    assert load(path, "outer.inner", Inner).rate == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("rate: 3", "rat: 3"), "line 4: unknown key `outer.inner.rat`"),
        (GOOD.replace("rate: 3", "rat: 3"), "`outer.inner.rate` is missing"),
        (GOOD.replace("rate: 3", "rate: fast"), "line 4: `outer.inner.rate` is 'fast'"),
        (GOOD.replace("rate: 3", "rate: 0"), "line 4: `outer.inner.rate` is 0: input should be greater"),
        (GOOD.replace("rate: 3", "rate: .nan"), "line 4: `outer.inner.rate`"),
        ("other: 1\n", "the section `outer` is missing"),
        ("outer: [\n", "is not valid YAML"),
        ("- 1\n", "must hold a mapping"),
        (GOOD + "outer: 1\n", "is not valid YAML"),
    ],
)
def test_errors_name_line_key_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ParamsError) as error:
        load(write(tmp_path, text), "outer", Outer)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_is_parsed_again_when_it_has_changed(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    content = read_yaml(path)
    content["outer"]["names"].append("c")
    assert read_yaml(path)["outer"]["names"] == ["a", "b"]
    write(tmp_path, GOOD.replace("[a, b]", "[other]"))
    assert read_yaml(path)["outer"]["names"] == ["other"]


def test_the_reader_with_line_numbers_is_used_for_errors_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, GOOD)

    def fail(path: Path) -> None:
        raise AssertionError(f"{path} was parsed with line numbers")

    monkeypatch.setattr(settings, "read_lines", fail)
    assert load(path, "outer.inner", Inner).rate == 3
    with pytest.raises(AssertionError):
        load(write(tmp_path, GOOD.replace("3", "0")), "outer.inner", Inner)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"params\.yaml does not exist"):
        read_yaml(tmp_path / "params.yaml")
