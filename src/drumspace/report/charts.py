"""Charts and maps as data URIs."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from drumspace.report.pictures import data_uri

INK = "#010203"
"""Placeholder for the text's colour, replaced by currentColor in the SVG."""
COLOURS = "svg{color:#1e1c19}@media(prefers-color-scheme:dark){svg{color:#ece8e1}}"
"""Text colours of page.css, repeated here since an embedded SVG does not inherit the page's styles."""
PALETTE = ("#e15759", "#4e79a7", "#f2b134", "#59a14f", "#9c6bb3", "#e377c2", "#8c6d4f", "#3fb8af")
"""Colours of the classes in the order of CLASSES; line charts use them in turn."""
GREY = "#a49d92"


@dataclass(frozen=True)
class Line:
    """Line of a chart with its 95 % interval, where it has one."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    """Bounds of the 95 % interval."""
    colour: str | None = None
    style: str = "-"
    mark: str = "o"


@dataclass(frozen=True)
class Chart:
    """Picture as a data URI, and its description in words."""

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
    """Line chart with interval bands, as SVG.

    level: height and name of a horizontal line; alt: description for readers who do not see the chart.
    """
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
    # Text as text, reproducible ids and no date: the same chart gives the same bytes.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue().replace(INK, "currentColor").replace("<defs>", f"<style>{COLOURS}</style><defs>", 1)
    return data_uri("image/svg+xml", svg.encode())


def scatter(positions: np.ndarray, classes: np.ndarray, size: int = 300) -> str:
    """PNG data URI of a map: unlabelled clips in grey below the labelled ones in their class's colour.

    positions: [n, 2 or 3], of which the first two dimensions are drawn; classes: int [n], -1 for none.
    """
    figure = Figure(figsize=(size / 100, size / 100), dpi=200)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    small = max(0.8, 14 * min(1.0, (600 / max(len(positions), 1)) ** 0.7))
    positions = _clip_outliers(positions[:, :2])
    unlabelled = classes < 0
    axes.scatter(positions[unlabelled, 0], positions[unlabelled, 1], s=small * 0.6, c=GREY, alpha=0.35, lw=0)
    labelled = np.flatnonzero(~unlabelled)
    # A random order, so that no class covers all others.
    labelled = np.random.default_rng(0).permutation(labelled)
    colours = np.array(PALETTE)[classes[labelled] % len(PALETTE)]
    axes.scatter(positions[labelled, 0], positions[labelled, 1], s=small, c=colours, lw=0)
    axes.margins(0.03)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", transparent=True, metadata={"Software": None})
    return data_uri("image/png", buffer.getvalue())


def _clip_outliers(positions: np.ndarray) -> np.ndarray:
    """Positions [n, 2] with the outer 1 % moved to the edge: outliers would squeeze all others together."""
    low, high = np.percentile(positions, [0.5, 99.5], axis=0)
    margin = 0.04 * (high - low)
    return np.clip(positions, low - margin, high + margin)
