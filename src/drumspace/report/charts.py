"""Charts and maps as pictures inside the page."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from drumspace.report.pictures import data_uri

INK = "#010203"
"""Drawn as the text's colour, light or dark."""
COLOURS = "svg{color:#1e1c19}@media(prefers-color-scheme:dark){svg{color:#ece8e1}}"
"""A picture knows nothing of its page's colours: these are page.css's."""
PALETTE = ("#e15759", "#4e79a7", "#f2b134", "#59a14f", "#9c6bb3", "#e377c2", "#8c6d4f", "#3fb8af")
"""One colour a class, in the order of CLASSES; others use them in turn."""
GREY = "#a49d92"


@dataclass(frozen=True)
class Line:
    """One line of a chart."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    """Of its 95 % interval."""
    colour: str | None = None
    style: str = "-"
    mark: str = "o"


@dataclass(frozen=True)
class Chart:
    """A picture and what it shows, in words."""

    image: str
    alt: str


def line_chart(
    lines: Sequence[Line],
    x_title: str,
    y_title: str,
    alt: str,
    log_x: bool = False,
    y_range: tuple[float, float] | None = None,
    level: tuple[float, str] | None = None,
    size: tuple[float, float] = (6.0, 3.6),
) -> Chart:
    """Lines with their bands. `level`: a horizontal line and its name; `alt` is read out in the chart's place."""
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    for number, line in enumerate(lines):
        colour = line.colour or PALETTE[number % len(PALETTE)]
        axes.plot(line.x, line.y, line.style, marker=line.mark, markersize=3.5, color=colour, label=line.name, lw=1.6)
        if line.low is not None and line.high is not None:
            axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.15, lw=0)
    if level:
        axes.axhline(level[0], color=INK, lw=1, ls=(0, (4, 4)), alpha=0.6)
        axes.annotate(
            level[1], (1, level[0]), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8, color=INK
        )
    if log_x:
        ticks = sorted({x for line in lines for x in line.x})
        axes.set_xscale("log", base=2)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    if y_range:
        axes.set_ylim(*y_range)
    axes.set(xlabel=x_title, ylabel=y_title)
    axes.grid(color=GREY, alpha=0.25, lw=0.7)
    axes.legend(frameon=False, fontsize=8, labelcolor=INK)
    return Chart(_picture(figure, alt), alt)


def _picture(figure: Figure, name: str) -> str:
    for axes in figure.axes:
        axes.set_facecolor("none")
        axes.tick_params(colors=INK, labelsize=8)
        axes.xaxis.label.set(color=INK, fontsize=9)
        axes.yaxis.label.set(color=INK, fontsize=9)
        for side, spine in axes.spines.items():
            spine.set(visible=side in ("left", "bottom"), edgecolor=INK, alpha=0.4)
    buffer = io.StringIO()
    # Text stays text, ids are the same each time, and no date is written.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue().replace(INK, "currentColor").replace("<defs>", f"<style>{COLOURS}</style><defs>", 1)
    return data_uri("image/svg+xml", svg.encode())


def scatter(places: np.ndarray, classes: np.ndarray, size: int = 300) -> str:
    """A map [n, 2 or 3] as a PNG data URI: unlabelled clips grey beneath, the others in their class's colour.

    classes: int [n], -1 for none. Of three dimensions the first two are drawn.
    """
    figure = Figure(figsize=(size / 100, size / 100), dpi=200)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    small = max(0.8, 14 * min(1.0, (600 / max(len(places), 1)) ** 0.7))
    places = _within(places[:, :2])
    open_ = classes < 0
    axes.scatter(places[open_, 0], places[open_, 1], s=small * 0.6, c=GREY, alpha=0.35, lw=0)
    known = np.flatnonzero(~open_)
    # In a shuffled order, so that no class lies on top of all others.
    known = np.random.default_rng(0).permutation(known)
    axes.scatter(places[known, 0], places[known, 1], s=small, c=np.array(PALETTE)[classes[known] % len(PALETTE)], lw=0)
    axes.margins(0.03)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", transparent=True, metadata={"Software": None})
    return data_uri("image/png", buffer.getvalue())


def _within(places: np.ndarray) -> np.ndarray:
    """Places [n, 2] with the farthest hundredth at the edge: far from all others, it would press them together."""
    low, high = np.percentile(places, [0.5, 99.5], axis=0)
    room = 0.04 * (high - low)
    return np.clip(places, low - room, high + room)
