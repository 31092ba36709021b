"""Encoders and decoders, a pair a file: features of a wave, and a wave of features."""
