"""Differentiable signal processing: STFT magnitudes, overlap-add, noise ratio, spectral peaks, post-processing.

Imports no other part of synth.
"""
