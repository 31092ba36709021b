import base64
import io
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drumspace.report import page as page_module
from drumspace.report.inputs import Inputs
from drumspace.report.page import SECTIONS, coded, compact, count, render
from drumspace.report.sections.sounds import typical_row
from drumspace.taxonomy import CLASSES

Make = Callable[..., Inputs]
VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """Elements of a page with their attributes; raises where one is closed that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def full(make_inputs: Make) -> tuple[Inputs, str]:
    inputs = make_inputs()
    return inputs, render(inputs)


def test_a_class_of_the_style_sheet_has_one_layout() -> None:
    """Two sections that each style a class of the same name would break each other's layout."""
    rules = (Path(page_module.__file__).parent / "page.css").read_text(encoding="utf-8").split("@media (max-width")[0]
    layouts = Counter(re.findall(r"^(\.[\w-]+) {[^}]*}", rules, flags=re.MULTILINE))
    assert [name for name, number in layouts.items() if number > 1] == []


def test_a_full_page(full: tuple[Inputs, str]) -> None:
    """One rendering, many properties: it is the slow part."""
    inputs, text = full
    page = Page(text)
    assert page.open == []
    assert len(text.encode()) < 8_000_000
    assert render(inputs) == text

    # Nothing is loaded from anywhere: only data and places in the page itself.
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert "url(" not in text
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "poster"):
            if name in attributes:
                assert (attributes[name] or "").startswith(("data:", "#"))
    assert any("default-src 'none'" in (meta.get("content") or "") for meta in page.all("meta"))

    # Every link and label leads somewhere.
    places = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(places) == len(set(places))
    assert {link["href"][1:] for link in page.all("a")} <= set(places)
    for _, attributes in page.elements:
        assert attributes.get("aria-labelledby", places[0]) in places

    # Each picture and player says what it is.
    images = page.all("img")
    maps, charts, generated = 6, 3, 4  # the fourth is the nearest training sound of a generated one
    assert len(images) == 4 * len(CLASSES) + maps + charts + generated
    assert all(len(image["alt"] or "") > 20 for image in images)
    assert all(
        attributes.get("aria-label") for _, attributes in page.elements if attributes.get("role") in ("img", "region")
    )
    assert all(button.get("aria-label") for button in page.all("button"))

    # The sounds are the clips, to the sample.
    players = {player.get("id"): player["src"] or "" for player in page.all("audio")}
    assert [name for name in players if name] == [f"audio-{label}" for label in CLASSES]
    for label in CLASSES:
        content = base64.b64decode(players[f"audio-{label}"].split(",")[1])
        pcm, rate = soundfile.read(io.BytesIO(content), dtype="int16")
        assert rate == inputs.audio.sample_rate
        np.testing.assert_array_equal(pcm, inputs.clips[np.array([typical_row(inputs.catalog, label)])][0])

    # What a reader is told.
    words = " ".join(page.words.split())
    assert "1 of 4 sources was skipped." in words
    assert "own/kit/<b>tall & thin</b>.wav" in words
    assert "<b>tall" not in text
    assert words.count("not run") >= 6
    assert "not measured" not in words.lower().replace("not measured", "", 2)  # the link and the title
    for section in SECTIONS:
        assert section.title in words
    for share in ("0.812 ± 0.021", "0.744 ± 0.034", "CC-BY-SA-4.0"):
        assert share in words


def test_a_null_figure_is_shown_as_not_measured_with_its_reason(make_inputs: Make) -> None:
    nothing = {"accuracy": None, "accuracy_ci95": None, "precision": None, "n": 0, "confusion": None}
    reason = "fewer than two classes can be tested"
    page = render(
        make_inputs(
            labels=("kick",),
            models={"svm": nothing, "cnn_spec": nothing},
            best=None,
            splits={"svm": {"accuracy_mean": None, "accuracy_sd": None, "n_splits": 0}},
            classes=[],
            not_measured=[{"what": "every classifier", "why": reason}],
        )
    )
    words = " ".join(Page(page).words.split())
    assert "No classifier could be measured" in words
    assert words.count("not measured") >= 12
    assert words.count(reason) == 2  # beside the table and among the gaps
    assert "None" not in words
    assert "nan" not in words.lower().split()


def test_files_of_other_formats_are_counted_on_the_page(make_inputs: Make) -> None:
    inputs = make_inputs()
    inputs.ingest["passed_over"] = {".rx2": 12, ".rar": 1, ".txt": 30, "": 2}
    words = " ".join(Page(render(inputs)).words.split())
    assert "Files of other formats: 12 .rx2 files were not read; 1 .rar file was not read." in words
    assert "Files of other formats" not in " ".join(Page(render(make_inputs())).words.split())


def test_a_run_of_one_kit_has_a_page_that_says_what_to_add(make_inputs: Make) -> None:
    """Nothing can be held out: no classifier, no map, no label and no generated sound has a figure."""
    nothing = {
        "accuracy": None, "accuracy_ci95": None, "precision": None, "n": 0, "confusion": None,
        "validation": {"accuracy": None, "macro_recall": None, "n": 0}, "weights": "random", "trainable": "all",
    }  # fmt: skip
    inputs = make_inputs(
        models={"svm": nothing, "cnn_spec": nothing}, best=None, committee=None, classes=[], best_per_split=None,
        splits={"svm": {"accuracy_mean": None, "accuracy_sd": None, "n_splits": 0}}, confident_errors=[],
        pairs={"n": 0, "rows": []}, label={"model": "svm", "thresholds": {}, "n": 0, "unseen": None},
        not_measured=[{"what": "every classifier", "why": "fewer than two classes can be tested"}],
    )  # fmt: skip
    inputs.splits["part"] = "train"
    why = "no class can be tested: the 36 labelled sounds lie in one kit. Add labelled sounds of other kits"
    inputs.split.update(untested=why, not_measured=[{"what": "every classifier", "why": why}], validation_lacks=CLASSES)
    doubt = "3 folds need as many groups, and there are 1"
    inputs.label_issues.update(
        issues=None, accuracy_out_of_fold=None, not_measured=[{"what": "labels in doubt", "why": doubt}]
    )
    for row in inputs.manifold["rows"]:
        row.update(neighbour_purity=None, purity_n=0)
    inputs.propagation.update(
        rows=[], budget=[], negative_control={"macro_recall": None, "chance": 0.125, "shares": []},
        not_measured=[{"what": "the table `kits` of propagation", "why": "none of 36 labelled sounds can be held out"}],
    )  # fmt: skip
    inputs.propagation["labels"].update(
        dict.fromkeys(("precision", "precision_with_others", "coverage", "others_abstained", "threshold")),
        n=0, labelled=0, labelled_by={},
    )  # fmt: skip
    inputs.synthesis.clear()
    unheld = {"what": "generated sounds", "why": "0 real sounds are held out as a reference"}
    inputs.synthesis.update(judge={"name": "aisfx_cnn9", "accuracy": None, "n": 0}, judges={}, not_measured=[unheld])
    inputs.sounds.clear()
    words = " ".join(Page(render(inputs)).words.split())
    for reason in (why, doubt, "none of 36 labelled sounds can be held out", unheld["why"]):
        assert reason in words
    assert "No classifier could be measured" in words and "No generated sound was evaluated" in words
    assert "None" not in words and "nan" not in words.lower().split()


def test_one_class_and_no_classifier(make_inputs: Make) -> None:
    inputs = make_inputs(labels=("snare",), models={}, best=None, splits={}, classes=[])
    inputs.ingest["naming"] = {"precision": None, "coverage": None, "n": 0}
    page = Page(render(inputs))
    words = " ".join(page.words.split())
    # The class's own sound, one of the review queue, three to judge, and the training sound nearest to the one made.
    assert len(page.all("audio")) == 6
    assert "No sound of kick, hat, crash, ride, clap, shaker, tom" in words
    assert "classifiers.json holds no model" in words
    assert "no source has labels of its own" in words


def test_a_silent_clip_is_drawn(make_inputs: Make) -> None:
    inputs = make_inputs(labels=("kick",))
    inputs.clips._shards = {0: np.zeros((9, 44100), np.int16)}
    assert "nan" not in re.sub(r"base64,[^\"]*", "", render(inputs)).lower()


def test_numbers_as_words() -> None:
    assert [count(None), count(7), count(12345)] == ["–", "7", "12,345"]
    assert [compact(None), compact(950), compact(25_400), compact(80_753_615)] == [
        "–",
        "950",
        "25.4 k",
        "80.8 M",
    ]


def test_backticks_become_code_and_nothing_else_becomes_markup() -> None:
    assert str(coded("run `make <x>` & wait")) == "run <code>make &lt;x&gt;</code> &amp; wait"
