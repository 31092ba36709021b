"""Spectral transforms: spectrogram, mel spectrogram, MFCC, constant-Q rainbowgram, and inversion of magnitudes.

May be imported by every package above audio.
"""
