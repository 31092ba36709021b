"""The report: one self-contained HTML file."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from drumspace.report.inputs import Inputs
from drumspace.report.sections import (
    adversarial,
    classes,
    classifiers,
    data,
    details,
    differences,
    gaps,
    headline,
    labels,
    latent,
    maps,
    methods,
    sounds,
    synthesis,
)

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """Section of the page: sections/<name>.html.jinja renders the values of `context`, under the name `it`."""

    name: str
    link: str
    """Title in the navigation bar."""
    title: str
    context: Callable[[Inputs], Any]


SECTIONS = (
    Section("data", "Data", "Data", data.context),
    Section("classes", "Classes", "Classes", classes.context),
    Section("sounds", "Sounds", "One sound of each class", sounds.context),
    Section("classifiers", "Classifiers", "Classifiers", classifiers.context),
    Section("differences", "Differences", "Significant differences and doubtful labels", differences.context),
    Section("details", "Details", "Second level: hats and kicks", details.context),
    Section("maps", "Maps", "Maps of the sounds", maps.context),
    Section("labels", "Labels", "Propagated labels", labels.context),
    Section("synthesis", "New sounds", "New sounds and their evaluation", synthesis.context),
    Section("latent", "Latent space", "Inside the VAE", latent.context),
    Section("adversarial", "VAE-GAN", "The VAE against discriminators", adversarial.context),
    Section("gaps", "Not measured", "Not measured", gaps.context),
    Section("methods", "Methods", "Methods", methods.context),
)
"""Sections in the order of the page. A new section is a module, a template and a line here."""


def count(value: int | None) -> str:
    """Whole number with thousands separators; an en dash for None."""
    return "–" if value is None else f"{value:,}"


def compact(value: int | None) -> str:
    """Number of parameters, such as 2.4 M; an en dash for None."""
    if value is None:
        return "–"
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return str(value)


def coded(text: str) -> Markup:
    """HTML of `text`: escaped, with text in backticks as <code>."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def render(inputs: Inputs) -> str:
    """HTML of the page, self-contained and without dates or hosts: the same inputs give the same text."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=count, compact=compact, coded=coded, log2=math.log2)
    environment.globals.update(zip=zip)
    contexts = {section.name: section.context(inputs) for section in SECTIONS}
    return environment.get_template("page.html.jinja").render(
        headline=headline.context(inputs),
        pads=contexts["sounds"],
        sections=[(section, contexts[section.name]) for section in SECTIONS],
        css=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
        js=Markup((FOLDER / "page.js").read_text(encoding="utf-8")),
    )
