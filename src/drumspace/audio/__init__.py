"""Decoding, spectral transforms, synthesis. May import io."""
