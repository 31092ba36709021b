"""Inside the VAEs: what they are made of, what they keep of a sound, where their latents lie; to hear."""

from dataclasses import dataclass
from typing import Any

from drumspace.report.audio_card import AudioCard, audio_card
from drumspace.report.inputs import Inputs, Latent
from drumspace.report.sections.synthesis import row_of

FIRST = "vae"
"""The one that is shown in full; of the others reconstructions alone."""
AXES = 4
"""Of those that are described, so many can be heard; of a walk every other step: a page that opens at once."""
PARTS = {
    "encoder": "Encoder",
    "to_posterior": "Posterior: mean and variance",
    "from_latent": "Latent and class",
    "decoder": "Decoder",
}


@dataclass(frozen=True)
class Row:
    """Sounds in a row, and what they are."""

    title: str
    note: str
    clips: list[AudioCard]


@dataclass(frozen=True)
class Vae:
    """One VAE."""

    key: str
    title: str
    figures: dict[str, Any]
    trained: dict[str, Any]
    parts: list[tuple[str, list[dict[str, Any]]]]
    """Empty, as all that follows, of a VAE-GAN: it is made like the VAE it started from, and heard beside it."""
    reconstructions: list[Row]
    sampled: list[Row]
    walks: list[Row]
    directions: list[Row]


def latent_rows(name: str, latent: Latent, inputs: Inputs) -> tuple[list[Row], list[Row], list[Row]]:
    """Reconstructions, walks and directions of a VAE, as rows of clips."""
    anew = [
        Row(
            of["class"],
            "",
            [audio_card(what, pcm, of["class"], inputs, True) for what, pcm in zip(COLUMNS, row, strict=True)],
        )
        for of, row in zip(latent.told["reconstructions"], latent.reconstructions, strict=True)
    ]
    if name != FIRST:
        return anew, [], []
    walks = [
        Row(
            f"{of['path']}: {of['from']} to {of['to']}",
            "",
            [audio_card(f"step {number}", pcm, None, inputs) for number, pcm in enumerate(row, 1) if number % 2],
        )
        for of, row in zip(latent.told["walks"], latent.walks, strict=True)
    ]
    directions = [
        Row(
            f"axis {of['axis']}: " + (" to ".join(of["words"]) if of["words"] else "nothing measured"),
            f"from the middle of {of['shown']}; " + told(of),
            [audio_card(f"{2 * (number - len(row) // 2) / (len(row) // 2):+g} σ", pcm, None, inputs)
             for number, pcm in enumerate(row)],
        )
        for of, row in list(zip(latent.told["directions"], latent.directions, strict=True))[:AXES]
    ]  # fmt: skip
    return anew, walks, directions


COLUMNS = ("real, not learned from", "made anew")


def told(axis: dict[str, Any]) -> str:
    """What an axis changes, in words."""
    parts = []
    for name, change in axis["changes"].items():
        unit = "dB" if name == "noisiness" else "octaves"
        parts.append(f"{name} {change['per_step']:+.2f} {unit} (steadiness {change['steadiness']:+.2f})")
    return ", ".join(parts) + " a σ"


def sampled_rows(name: str, inputs: Inputs) -> list[Row]:
    """For each class the first sound of the reference and the first that was drawn."""
    sets = {}
    for key in ("reference", name):
        pcm, about = inputs.sounds.get(key, ([], []))
        sets[key] = {of["asked"]: wave for wave, of in reversed(list(zip(pcm, about, strict=True)))}
    rows = []
    for label, real in sets["reference"].items():
        drawn = sets[name].get(label)
        if drawn is not None:
            both = (("real", real), ("new", drawn))
            rows.append(Row(str(label), "", [audio_card(what, pcm, label, inputs, True) for what, pcm in both]))
    return rows[::-1]


def vae_of(name: str, latent: Latent, inputs: Inputs) -> Vae:
    """Everything of one VAE."""
    told, figures = (inputs.synthesis.get("trained") or {}).get(name) or {}, inputs.synthesis[name]
    title = row_of(name, {}).title
    if "starts_from" in told:
        return Vae(name, title, figures, told, [], [], [], [], [])
    blocks = latent.told["blocks"]
    parts = [(title, [block for block in blocks if block["part"] == part]) for part, title in PARTS.items()]
    anew, walks, directions = latent_rows(name, latent, inputs)
    return Vae(
        key=name,
        title=title,
        figures=figures,
        trained=told,
        parts=parts,
        reconstructions=anew,
        sampled=sampled_rows(name, inputs) if name == FIRST else [],
        walks=walks,
        directions=directions,
    )


def context(inputs: Inputs) -> list[Vae]:
    """The section from its inputs, the one shown in full first."""
    names = sorted((name for name in inputs.latent if name in inputs.synthesis), key=lambda name: name != FIRST)
    return [vae_of(name, inputs.latent[name], inputs) for name in names]
