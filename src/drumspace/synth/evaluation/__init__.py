"""Figures of generated sounds beside real ones. May import the rest of synth."""
