"""The VAE-GANs: what discriminators change of the VAE that each started from; to hear side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.report.audio_card import AudioCard, audio_card
from drumspace.report.charts import Chart, Line, line_chart
from drumspace.report.inputs import Inputs
from drumspace.report.sections.latent import Row
from drumspace.report.sections.synthesis import row_of

BESIDE = ("two_stage", "sets")
"""Of the groups of what was tried, those that go on from a trained VAE."""
WATCHED = {"samples_coverage": "coverage", "samples_diversity": "diversity"}
"""Of validation's samples: both fall where a generator makes ever fewer kinds of sounds."""


@dataclass(frozen=True)
class Figure:
    """One figure of both."""

    title: str
    before: float | None
    after: float | None
    places: int
    lower: bool
    """Whether less of it is better."""

    @property
    def ratio(self) -> float | None:
        """After, in relation to before. Two samples of one kind lie around 0: then there is none."""
        if self.before is None or self.after is None or min(self.before, self.after) <= 0:
            return None
        return self.after / self.before


@dataclass(frozen=True)
class Tried:
    """One change of the VAE-GAN."""

    title: str
    times: list[float]
    """Kernel distances of its samples, in relation to the VAE's, by judge."""
    coverage: list[float]
    """In relation to the VAE's."""
    error: float
    """Of sounds made anew: MR-STFT in relation to the VAE's."""
    buzz: float


@dataclass(frozen=True)
class Contents:
    """The VAE-GANs of this run, and what was tried on the data that comes with the project."""

    gans: list["VaeGan"]
    tried: list[Tried]
    judges: list[str]
    commits: list[str]
    summary: str


@dataclass(frozen=True)
class VaeGan:
    """One VAE-GAN beside its VAE."""

    key: str
    title: str
    start: str
    start_title: str
    trained: dict[str, Any]
    figures: list[Figure]
    alone: int
    """Steps in which discriminators learned alone."""
    collapse: str
    watched: Chart | None
    sampled: list[Row]
    reconstructions: list[Row]
    walks: list[Row]


def figures_of(before: dict[str, Any], after: dict[str, Any], judge: str) -> list[Figure]:
    """What is compared: distances as each judge hears them, and what is left of unseen sounds."""

    def both(title: str, name: str, places: int, lower: bool, judged_by: str | None = None) -> Figure:
        first, second = (of if judged_by is None else of["judges"][judged_by] for of in (before, after))
        return Figure(title, first.get(name), second.get(name), places, lower)

    others = [name for name in before["judges"] if name in after["judges"]]
    return [
        both(f"Kernel distance, {judge}", "kernel_distance", 4, True),
        *(both(f"Kernel distance, {name}", "kernel_distance", 4, True, name) for name in others),
        both(f"Coverage, {judge}", "coverage", 2, False),
        *(both(f"Coverage, {name}", "coverage", 2, False, name) for name in others),
        both("Class heard", "class_agreement", 2, False),
        both("Buzz", "hop_periodicity", 3, True),
        both("MR-STFT, made anew", "mrstft", 2, True),
        both("Log-spectral distance, made anew (dB)", "log_spectral_distance", 1, True),
    ]


def collapse_of(trained: dict[str, Any]) -> str:
    """What became of variety, in words."""
    history, kept = trained["history"], f"step {trained['steps']:,}, which was kept"
    if not history:
        return "Too few kits were there to watch it by: whether its sounds are of few kinds was not measured."
    found = [of["step"] for of in history if of["collapsed"]]
    if trained["collapsed_at"] == history[0]["step"]:
        return "Its samples have never been diverse: a mode collapse at all looks, the first before the decoder moved."
    if trained["collapsed_at"] is not None:
        return f"Mode collapse from step {trained['collapsed_at']:,} on, and to the end; {kept}, comes " + (
            "before it." if trained["steps"] < trained["collapsed_at"] else "after it began."
        )
    if found:
        return f"Mode collapse at step {', '.join(f'{step:,}' for step in found)}, and none at the end."
    return f"No mode collapse was found at any of {len(history)} looks."


def chart_of(key: str, history: list[dict[str, Any]]) -> Chart | None:
    """What validation's samples were like, step by step."""
    if not history:
        return None
    steps = [of["step"] for of in history]
    lines = [Line(title, steps, [of[name] for of in history]) for name, title in WATCHED.items()]
    last = ", ".join(f"{title} {history[-1][name]:.2f}" for name, title in WATCHED.items())
    return line_chart(lines, "step", "of validation sounds", f"Samples of {key} while it learned, at the end {last}.")


def sampled_rows(names: tuple[str, str], inputs: Inputs) -> list[Row]:
    """For each class the reference's first sound, and the first that either drew."""
    found = []
    for name in ("reference", *names):
        pcm, told = inputs.sounds.get(name, ([], []))
        found.append({of["asked"]: wave for wave, of in reversed(list(zip(pcm, told, strict=True)))})
    real, before, after = found
    rows = []
    for label in reversed(before):
        if label in after:
            first = (
                [audio_card(row_of("reference", {}).title, real[label], label, inputs, True)] if label in real else []
            )
            rows.append(
                Row(label or "no class", "", [*first, *clips(label, names, (before[label], after[label]), inputs)])
            )
    return rows


def clips(
    label: str | None, names: tuple[str, str], waves: tuple[np.ndarray, np.ndarray], inputs: Inputs
) -> Iterator[AudioCard]:
    """One sound of each, with its waveform."""
    for name, pcm in zip(names, waves, strict=True):
        yield audio_card(row_of(name, {}).title, pcm, label, inputs, True)


def reconstructed_rows(names: tuple[str, str], inputs: Inputs) -> list[Row]:
    """For each class a real sound, and what either makes of it."""
    before, after = (inputs.latent[name] for name in names)
    rows = []
    for of, first, second in zip(
        before.told["reconstructions"], before.reconstructions, after.reconstructions, strict=True
    ):
        real = audio_card("real, not learned from", first[0], of["class"], inputs, True)
        rows.append(Row(of["class"], "", [real, *clips(of["class"], names, (first[1], second[1]), inputs)]))
    return rows


def walk_rows(names: tuple[str, str], inputs: Inputs) -> list[Row]:
    """Each way as either goes it, every other step."""
    rows = []
    for place, of in enumerate(inputs.latent[names[0]].told["walks"]):
        for name in names:
            steps = inputs.latent[name].walks[place]
            title = f"{of['path']}: {of['from']} to {of['to']}, {row_of(name, {}).title}"
            each = [
                audio_card(f"step {number}", pcm, None, inputs) for number, pcm in enumerate(steps, 1) if number % 2
            ]
            rows.append(Row(title, "", each))
    return rows


def tried_of(found: dict[str, dict[str, Any]], start: dict[str, Any]) -> list[Tried]:
    """Each change that was heard, beside the VAE that all start from."""
    rows = []
    for title, of in found.items():
        if of["group"] in BESIDE and of.get("judges"):
            times, coverage = (
                [of["judges"][judge][name] / start["judges"][judge][name] for judge in start["judges"]]
                for name in ("kernel_distance", "coverage")
            )
            rows.append(Tried(title, times, coverage, of["mrstft"] / start["mrstft"], of["hop_periodicity"]))
    return rows


def summary_of(tried: list[Tried]) -> str:
    """What came of it, in a sentence."""
    least = min(tried, key=lambda of: max(of.times))
    said = " and ".join(f"{times:.2f}" for times in least.times)
    nearer = sum(max(of.times) < 1 for of in tried)
    return (
        f"{nearer} of {len(tried)} brought samples nearer to real sounds by every judge; the best, “{least.title}”, to "
        f"{said} times the VAE's distance."
    )


def context(inputs: Inputs) -> Contents:
    """The section from its inputs."""
    told = [of for of in inputs.tried.values() if of["group"] in ("start", *BESIDE)]
    start = next((of for of in told if of["group"] == "start"), None)
    tried = tried_of(inputs.tried, start) if start else []
    return Contents(
        gans=gans_of(inputs),
        tried=tried,
        judges=list(start["judges"]) if start else [],
        commits=sorted({of["commit"][:7] for of in told}),
        summary=summary_of(tried) if tried else "",
    )


def gans_of(inputs: Inputs) -> list[VaeGan]:
    """Those of this run."""
    trained, figures = inputs.synthesis.get("trained") or {}, inputs.synthesis
    judge = str((figures.get("judge") or {}).get("name"))
    found = []
    for key, of in trained.items():
        start = of.get("starts_from")
        if not start or any(name not in inputs.latent or name not in figures for name in (start, key)):
            continue
        names = (start, key)
        found.append(
            VaeGan(
                key=key,
                title=row_of(key, {}).title,
                start=start,
                start_title=row_of(start, {}).title,
                trained=of,
                figures=figures_of(figures[start], figures[key], judge),
                alone=of["history"][0]["step"] if of["history"] else 0,
                collapse=collapse_of(of),
                watched=chart_of(key, of["history"]),
                sampled=sampled_rows(names, inputs),
                reconstructions=reconstructed_rows(names, inputs),
                walks=walk_rows(names, inputs),
            )
        )
    return found
