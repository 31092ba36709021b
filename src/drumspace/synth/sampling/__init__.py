"""New sounds from trained models: latents from priors, decoding, interpolation, sound files.

May import synth.models and synth.priors.
"""
