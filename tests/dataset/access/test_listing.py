"""Lists of clips are read in catalogue order, and their errors name the line."""

from pathlib import Path

import pandas as pd
import pytest

from drumspace.dataset.access.listing import listed_rows
from drumspace.errors import UserError

CATALOG = pd.DataFrame({"path": ["own/a.wav", "own/b.wav", "own/c.wav"]})


def listing(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_in_the_order_of_the_catalogue(tmp_path: Path) -> None:
    assert listed_rows(listing(tmp_path, "label,path\nkick,own/c.wav\nsnare,own/a.wav\n"), CATALOG).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nown/a.wav\n", r"list.csv, line 1: the header must name `path`"),
        ("path\nown/a.wav\nown/d.wav\nown/e.wav\n", r"list.csv, line 3: no clip has the path 'own/d.wav', and 1 more"),
    ],
)
def test_errors_name_the_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        listed_rows(listing(tmp_path, text), CATALOG)


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        listed_rows(tmp_path / "none.csv", CATALOG)
