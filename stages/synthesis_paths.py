"""Where the stages of generators and of their judges leave what they make."""

from pathlib import Path

JUDGES = Path("models/judge")
WAVEGAN = Path("models/wavegan")
VAES = Path("models/vae")
PRIORS = Path("models/priors")
MCNN = Path("models/mcnn")
SOUNDS = Path("data/synthesis")
"""Sounds for the report: <name>.npy, int16 [n, num_samples], and sounds.json, which tells of each (synth.shown).
Of each VAE <name>-{reconstructions, walks, directions}.npy, int16 [rows, columns, num_samples], and latent.json."""
