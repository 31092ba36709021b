"""Section `latent`: the VAEs' layers, reconstruction errors, priors and principal axes, with sounds to play."""

from typing import Any

from drumspace.report.audio_card import audio_card
from drumspace.report.inputs import Inputs, Latent
from drumspace.report.sections.synthesis import title_of

FULL = "vae"
"""The VAE that is presented in full; of the others only reconstructions are played."""
AXES = 4
"""Principal axes that are played, and of a path every second step: more would slow down the page."""
PARTS = {
    "encoder": "Encoder",
    "to_posterior": "Posterior: mean and variance",
    "from_latent": "Latent and class",
    "decoder": "Decoder",
}
COLUMNS = ("real, unseen in training", "reconstruction")


def card_row(title: str, clips: list[Any], note: str = "") -> dict[str, Any]:
    """Row of audio cards for the macro `audio_cards`."""
    return {"title": title, "note": note, "clips": clips}


def reconstruction_rows(latent: Latent, inputs: Inputs) -> list[dict[str, Any]]:
    """Row for each class: a real clip and its reconstruction."""
    rows = []
    for about, columns in zip(latent.rows["reconstructions"], latent.reconstructions, strict=True):
        label = about["class"]
        cards = [audio_card(title, pcm, label, inputs, True) for title, pcm in zip(COLUMNS, columns, strict=True)]
        rows.append(card_row(label, cards))
    return rows


def interpolation_rows(latent: Latent, inputs: Inputs) -> list[dict[str, Any]]:
    """Row for each kind of path: every second step between two clips."""
    return [
        card_row(f"{about['path']}: {about['from']} to {about['to']}", step_cards(steps, inputs))
        for about, steps in zip(latent.rows["interpolation"], latent.interpolation, strict=True)
    ]


def step_cards(steps: Any, inputs: Inputs) -> list[Any]:
    """Audio cards of every second step of a path, int16 [steps, T]."""
    return [audio_card(f"step {number}", pcm, None, inputs) for number, pcm in enumerate(steps, 1) if number % 2]


def direction_rows(latent: Latent, inputs: Inputs) -> list[dict[str, Any]]:
    """Row for each of the first AXES principal axes: positions along it, in standard deviations of the latents."""
    rows = []
    for about, positions in list(zip(latent.rows["directions"], latent.directions, strict=True))[:AXES]:
        words = " to ".join(about["words"]) if about["words"] else "nothing measured"
        half = len(positions) // 2
        cards = [
            audio_card(f"{2 * (number - half) / half:+g} σ", pcm, None, inputs) for number, pcm in enumerate(positions)
        ]
        note = f"from the mean of {about['start_class']}; {describe_changes(about)}"
        rows.append(card_row(f"axis {about['axis']}: {words}", cards, note))
    return rows


def describe_changes(axis: dict[str, Any]) -> str:
    """Describe the change of each descriptor along an axis in words."""
    parts = []
    for name, change in axis["changes"].items():
        unit = "dB" if name == "noisiness" else "octaves"
        parts.append(f"{name} {change['per_step']:+.2f} {unit} (steadiness {change['steadiness']:+.2f})")
    return ", ".join(parts) + " per σ"


def first_by_class(key: str, inputs: Inputs) -> dict[str | None, Any]:
    """First sample of each requested class of a set, int16 [T], the last class first."""
    pcm, rows = inputs.sounds.get(key, ([], []))
    return {row["requested"]: wave for wave, row in reversed(list(zip(pcm, rows, strict=True)))}


def sampled_rows(name: str, inputs: Inputs) -> list[dict[str, Any]]:
    """Row for each class: the first clip of the reference and the first new sound."""
    generated = first_by_class(name, inputs)
    rows = []
    for label, real in first_by_class("reference", inputs).items():
        if label in generated:
            pair = (("real", real), ("new", generated[label]))
            rows.append(card_row(str(label), [audio_card(title, pcm, label, inputs, True) for title, pcm in pair]))
    return rows[::-1]


def vae_context(name: str, latent: Latent, inputs: Inputs) -> dict[str, Any]:
    """Values for one VAE; of a VAE-GAN only its metrics, since the next section plays it together with its VAE."""
    trained = (inputs.synthesis.get("trained") or {}).get(name) or {}
    values: dict[str, Any] = {
        "key": name,
        "title": title_of(name),
        "metrics": inputs.synthesis[name],
        "trained": trained,
        **{key: [] for key in ("parts", "reconstructions", "sampled", "interpolation", "directions")},
    }
    if "starts_from" in trained:
        return values
    layers = latent.rows["model_summary"]
    values["parts"] = [(title, [layer for layer in layers if layer["part"] == part]) for part, title in PARTS.items()]
    values["reconstructions"] = reconstruction_rows(latent, inputs)
    if name == FULL:
        values["sampled"] = sampled_rows(name, inputs)
        values["interpolation"] = interpolation_rows(latent, inputs)
        values["directions"] = direction_rows(latent, inputs)
    return values


def context(inputs: Inputs) -> list[dict[str, Any]]:
    """Values for the template: a dict for each VAE, the one that is presented in full first."""
    names = sorted((name for name in inputs.latent if name in inputs.synthesis), key=lambda name: name != FULL)
    return [vae_context(name, inputs.latent[name], inputs) for name in names]
