"""Losses: reconstruction, KL, adversarial objectives. May import synth.dsp."""
