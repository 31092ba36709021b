"""Measurements of sounds: hits and tempo, loudness, pitch."""
