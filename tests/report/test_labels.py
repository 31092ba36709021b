import base64
import dataclasses
import re
from collections.abc import Callable

import numpy as np
import pytest

from drumspace.report.charts import Line, line_chart, scatter
from drumspace.report.inputs import Inputs
from drumspace.report.page import render
from drumspace.report.sections import labels, maps
from drumspace.taxonomy import CLASSES

Make = Callable[..., Inputs]


def test_each_map_stands_with_its_figures_and_the_purest_is_named(make_inputs: Make) -> None:
    section = maps.context(make_inputs())
    assert [(entry["feature"], len(entry["maps"])) for entry in section["features"]] == [("mel", 3), ("pretrained", 3)]
    assert section["features"][0]["maps"][1]["title"] == "UMAP 2-D, with labels"
    assert section["best"] is not None
    assert (section["best"]["feature"], section["best"]["supervision"]) == ("pretrained", "labels")
    assert [label for label, _ in section["colours"]] == list(CLASSES)


def test_the_thesis_ratio_is_read_both_ways(make_inputs: Make) -> None:
    inputs = make_inputs()
    first, second = labels.context(inputs)["comparisons"]
    (reading, cells), (second_reading, second_cells) = (row[2:] for row in first["rows"] if row[:2] == ("spec", 3))
    assert (reading, second_reading) == ("thesis", "knn")
    assert [cell["thesis"] for cell in cells] == [0.1383, 0.1384, 0.1371, 0.1355, 0.1444]
    assert cells[2]["labelled"] == pytest.approx(0.6 + 0.2 * 0.7)
    assert cells[2]["held_out"] == pytest.approx(0.6 + 0.2 * 0.3)
    assert [cell["labelled"] for cell in second_cells] == pytest.approx([0.75, 0.77, 0.79, 0.81, 0.83])
    # Cells that were not run are None.
    assert all(cell["labelled"] is None for *_, row in second["rows"] for cell in row)


def test_the_best_cell_of_each_method_and_the_best_method_first(make_inputs: Make) -> None:
    section = labels.context(make_inputs())
    assert section["columns"] == [("clip", 0.5), ("clip", 0.1), ("kit", 0.5)]
    assert [entry["method"] for entry in section["best"]] == ["hybrid", "knn", "classifier"]
    # Figures of single files are no cells of this table.
    assert section["best"][2]["cells"][2]["feature"] == "fused"
    assert section["best"][0]["cells"][1] is None
    assert section["best"][1]["cells"][1]["accuracy"] == 0.7


def test_a_page_with_and_without_labels(make_inputs: Make) -> None:
    page = render(make_inputs())
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    assert "121 got one" in text
    joined = " ".join(text.split())
    assert "Cross-validated over 83 kits" in joined and "the target is not kept" in joined
    assert "91 % (86 to 96 %) are right" in joined
    assert "150 of the sounds without a label belong to one of the classes" in joined
    assert "classifier 0.870 (0.850–0.890) n 461 0.840 (0.820–0.860)" in joined
    assert "macro recall of 0.121" in " ".join(text.split())
    assert "needs 20 labels in this order for the accuracy of 40 labels in random order (50 %)" in text
    assert "odd &lt;one&gt;.wav" in page
    empty = dataclasses.replace(
        make_inputs(),
        manifold={}, maps={}, propagation={"rows": [], "negative_control": {"macro_recall": None, "chance": 0.125}},
    )  # fmt: skip
    assert "No maps were made" in render(empty)


def test_a_chart_follows_light_and_dark_and_is_the_same_each_time() -> None:
    lines = [Line("a <b>", [1, 2, 4], [0.1, 0.4, 0.5], [0.0, 0.3, 0.4], [0.2, 0.5, 0.6])]
    first, again = (line_chart(lines, "x", "y", "alt", log_x=True, level=(0.125, "chance")) for _ in range(2))
    assert first == again
    svg = base64.b64decode(first.image.split(",")[1]).decode()
    assert "prefers-color-scheme:dark" in svg
    assert "currentColor" in svg
    assert "a &lt;b&gt;" in svg
    assert not re.search(r"20\d\d-\d\d-\d\d", svg)


def test_a_map_is_drawn_for_any_number_of_points() -> None:
    rng = np.random.default_rng(0)
    for count in (1, 5, 3000):
        classes = rng.integers(-1, 8, count)
        assert scatter(rng.standard_normal((count, 3)), classes).startswith("data:image/png;base64,")
