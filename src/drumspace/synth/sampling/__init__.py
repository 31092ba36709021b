"""Sampling: latents from fitted priors, decoding by trained models, interpolation, sound files.

May be imported by synth.training (latent sources), synth.evaluation and cli. Imports synth.models and synth.priors.
"""
