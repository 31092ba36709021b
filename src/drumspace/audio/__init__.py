"""Decoding, spectral transforms and the procedural drum machine."""
