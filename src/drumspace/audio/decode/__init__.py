"""Decoding: from a sound file of any format to a mono clip that starts at its onset.

May be imported by the packages that read sound files: dataset, classify, synth and cli.
"""
