"""The notebook docs/walkthrough.ipynb runs on the artefacts of a pipeline run."""

import json
import sys
import types
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import pytest
from stages_of import ROOT

from drumspace.taxonomy import CLASSES


def code_cells() -> list[str]:
    """Sources of the notebook's code cells."""
    notebook = json.loads((ROOT / "docs" / "walkthrough.ipynb").read_text(encoding="utf-8"))
    assert all(not cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_the_notebook_gives_labels_a_map_and_eight_sounds(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").symlink_to(clone / "data")
    (tmp_path / "models").symlink_to(clone / "models")
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    # Jupyter brings IPython; a stand-in counts what the notebook would play.
    played: list[tuple[int, int]] = []
    display = types.SimpleNamespace(Audio=lambda wave, rate: (len(wave), rate), display=played.append)
    # matplotlib asks for the shell and the version.
    ipython = types.SimpleNamespace(display=display, get_ipython=lambda: None, version_info=(9, 0))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)

    names: dict[str, Any] = {}
    for source in code_cells():
        exec(compile(source, "walkthrough.ipynb", "exec"), names)

    catalogue, labels, positions, sounds = (names[name] for name in ("catalogue", "labels", "positions", "sounds"))
    assert len(labels) == 12
    assert set(labels["label"].dropna()) <= set(CLASSES)
    assert labels["confidence"].between(0, 1).all()
    assert sorted(positions["clip_id"]) == sorted(catalogue.table["clip_id"])
    assert sounds.shape == (8, catalogue.samples([0]).shape[1])
    assert pd.DataFrame(sounds).abs().max(axis=1).gt(0.01).all()
    assert played == [(sounds.shape[1], names["sample_rate"])] * 8
