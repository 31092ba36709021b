"""Section `adversarial`: each VAE-GAN compared with the VAE that it was started from, in metrics and in sounds."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from drumspace.report.audio_card import AudioCard, audio_card
from drumspace.report.charts import Chart, Line, line_chart
from drumspace.report.inputs import Inputs
from drumspace.report.sections.latent import card_row, first_by_class, step_cards
from drumspace.report.sections.synthesis import title_of

MONITORED = {"samples_coverage": "coverage", "samples_diversity": "diversity"}
"""Metrics of new sounds during the training that fall with a mode collapse, and their titles."""


def ratio(before: float | None, after: float | None) -> float | None:
    """After over before; None where one is missing or not positive, as kernel distances near 0 can be."""
    if before is None or after is None or min(before, after) <= 0:
        return None
    return after / before


def comparison(before: dict[str, Any], after: dict[str, Any], judge: str) -> list[dict[str, Any]]:
    """Rows of metrics of the VAE and the VAE-GAN: title, before, after, ratio, places, lower (whether less is better).

    `judge`: name of the first judge; metrics of the other judges follow its own.
    """

    def row(title: str, name: str, places: int, lower: bool, judge_name: str | None = None) -> dict[str, Any]:
        first, second = (each if judge_name is None else each["judges"][judge_name] for each in (before, after))
        values = first.get(name), second.get(name)
        return {
            "title": title,
            "before": values[0],
            "after": values[1],
            "ratio": ratio(*values),
            "places": places,
            "lower": lower,
        }

    others = [name for name in before["judges"] if name in after["judges"]]
    return [
        row(f"Kernel distance, {judge}", "kernel_distance", 4, True),
        *(row(f"Kernel distance, {name}", "kernel_distance", 4, True, name) for name in others),
        row(f"Coverage, {judge}", "coverage", 2, False),
        *(row(f"Coverage, {name}", "coverage", 2, False, name) for name in others),
        row("Class agreement", "class_agreement", 2, False),
        row("Buzz", "hop_periodicity", 3, True),
        row("MR-STFT of reconstructions", "mrstft", 2, True),
        row("Log-spectral distance of reconstructions (dB)", "log_spectral_distance", 1, True),
    ]


def describe_collapse(trained: dict[str, Any]) -> str:
    """Describe in words whether the training had a mode collapse, and when."""
    history, kept = trained["history"], f"the kept step {trained['steps']:,}"
    if not history:
        return "Mode collapse was not monitored: there were too few kits for it."
    steps = [check["step"] for check in history if check["collapsed"]]
    if trained["collapsed_at"] == history[0]["step"]:
        return "Mode collapse at all checks, the first of which was before the decoder changed: never diverse."
    if trained["collapsed_at"] is not None:
        side = "before" if trained["steps"] < trained["collapsed_at"] else "after"
        return f"Mode collapse from step {trained['collapsed_at']:,} to the end; {kept} is {side} its start."
    if steps:
        return f"Mode collapse at step {', '.join(f'{step:,}' for step in steps)}, and none at the end."
    return f"No mode collapse was found in any of {len(history)} checks."


def history_chart(key: str, history: list[dict[str, Any]]) -> Chart | None:
    """Chart of coverage and diversity of new sounds during the training."""
    if not history:
        return None
    steps = [check["step"] for check in history]
    lines = [Line(title, steps, [check[name] for check in history]) for name, title in MONITORED.items()]
    last = ", ".join(f"{title} {history[-1][name]:.2f}" for name, title in MONITORED.items())
    return line_chart(lines, "step", "relative to validation", f"New sounds of {key} during the training, last {last}.")


def pair_cards(
    label: str | None, names: tuple[str, str], waves: tuple[np.ndarray, np.ndarray], inputs: Inputs
) -> Iterator[AudioCard]:
    """Audio card of one sound of each model, with its waveform."""
    for name, pcm in zip(names, waves, strict=True):
        yield audio_card(title_of(name), pcm, label, inputs, True)


def sampled_rows(names: tuple[str, str], inputs: Inputs) -> list[dict[str, Any]]:
    """Row for each class: the reference's first clip, and the first new sound of each model."""
    real, before, after = (first_by_class(name, inputs) for name in ("reference", *names))
    rows = []
    for label in reversed(before):
        if label in after:
            cards = [audio_card(title_of("reference"), real[label], label, inputs, True)] if label in real else []
            cards += pair_cards(label, names, (before[label], after[label]), inputs)
            rows.append(card_row(label or "no class", cards))
    return rows


def reconstruction_rows(names: tuple[str, str], inputs: Inputs) -> list[dict[str, Any]]:
    """Row for each class: a real clip, and its reconstruction by each model."""
    before, after = (inputs.latent[name] for name in names)
    rows = []
    for about, first, second in zip(
        before.rows["reconstructions"], before.reconstructions, after.reconstructions, strict=True
    ):
        label = about["class"]
        real = audio_card("real, unseen in training", first[0], label, inputs, True)
        rows.append(card_row(label, [real, *pair_cards(label, names, (first[1], second[1]), inputs)]))
    return rows


def interpolation_rows(names: tuple[str, str], inputs: Inputs) -> list[dict[str, Any]]:
    """Row for each path and model: every second step between the same two clips."""
    rows = []
    for number, about in enumerate(inputs.latent[names[0]].rows["interpolation"]):
        for name in names:
            title = f"{about['path']}: {about['from']} to {about['to']}, {title_of(name)}"
            rows.append(card_row(title, step_cards(inputs.latent[name].interpolation[number], inputs)))
    return rows


def vaegan_context(key: str, trained: dict[str, Any], inputs: Inputs) -> dict[str, Any]:
    """Values for one VAE-GAN and the VAE that it was started from."""
    start, history = trained["starts_from"], trained["history"]
    names = (start, key)
    judge = str((inputs.synthesis.get("judge") or {}).get("name"))
    return {
        "key": key,
        "title": title_of(key),
        "start": start,
        "start_title": title_of(start),
        "trained": trained,
        "comparison": comparison(inputs.synthesis[start], inputs.synthesis[key], judge),
        "warm_up_steps": history[0]["step"] if history else 0,
        "collapse": describe_collapse(trained),
        "chart": history_chart(key, history),
        "sampled": sampled_rows(names, inputs),
        "reconstructions": reconstruction_rows(names, inputs),
        "interpolation": interpolation_rows(names, inputs),
    }


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template: `vaegans`, each with its VAE, where both were evaluated."""
    trained = inputs.synthesis.get("trained") or {}
    return {
        "vaegans": [
            vaegan_context(key, each, inputs)
            for key, each in trained.items()
            if each.get("starts_from")
            and all(name in inputs.latent and name in inputs.synthesis for name in (each["starts_from"], key))
        ]
    }
