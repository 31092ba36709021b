"""Priors: distributions of latents that new sounds are decoded from. One plug-in per file: `Settings` and `Prior`.

May be imported by drumspace.synth.sampling alone, by name, through its registry. Imports drumspace.io.
"""
