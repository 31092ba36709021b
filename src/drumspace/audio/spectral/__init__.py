"""Spectrograms, MFCC, CQT pictures and inversion."""
