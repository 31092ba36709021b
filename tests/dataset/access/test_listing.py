from pathlib import Path

import pandas as pd
import pytest

from drumspace.dataset.access.listing import rows_of
from drumspace.errors import UserError

CATALOG = pd.DataFrame({"path": ["own/a.wav", "own/b.wav", "own/c.wav"]})


def listing(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_listed_clips_in_the_catalogues_order(tmp_path: Path) -> None:
    assert rows_of(listing(tmp_path, "label,path\nkick,own/c.wav\nsnare,own/a.wav\n"), CATALOG).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nown/a.wav\n", r"list.csv, line 1: the header must name `path`"),
        ("path\nown/a.wav\nown/d.wav\nown/e.wav\n", r"list.csv, line 3: no clip has the path 'own/d.wav', and 1 more"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=said):
        rows_of(listing(tmp_path, text), CATALOG)


def test_a_list_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        rows_of(tmp_path / "none.csv", CATALOG)
