"""All tables: the mean recall of the negative control, and the selection of clips by source."""

import logging

import numpy as np
import pandas as pd
import pytest

from drumspace.propagation.all_tables import control_metrics, from_sources, select_sounds

CATALOG = pd.DataFrame({"source": ["a", "b", "a"], "kit": ["a/1", "b/1", "a/2"], "duplicate_group": [0, 1, 2]})


def test_recall_is_averaged_over_shares_of_a_half_and_more() -> None:
    rows = [{"labelled_share": share, "macro_recall": recall} for share, recall in ((0.9, 0.2), (0.5, 0.1), (0.1, 0.0))]
    figures = control_metrics("thesis", rows, 8)
    assert (figures["table"], figures["chance"]) == ("thesis", 0.125)
    assert figures["macro_recall"] == pytest.approx(0.15)
    assert figures["n"] == 2
    assert [entry["labelled_share"] for entry in figures["shares"]] == [0.1, 0.5, 0.9]
    assert control_metrics("thesis", rows[2:], 8)["macro_recall"] == 0.0


def test_clips_are_selected_by_source_and_an_unknown_source_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        mask = from_sources(["a", "gone"], CATALOG)
    assert mask.tolist() == [True, False, True]
    assert "exclude the source `gone`" in caplog.text
    sounds = select_sounds(CATALOG, np.array([4, 5, 6]), mask)
    assert (sounds.rows.tolist(), sounds.labels.tolist(), sounds.kits.tolist()) == ([0, 2], [4, 6], ["a/1", "a/2"])
