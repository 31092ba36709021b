"""Metrics of generated sounds: kernel distance, FAD, PRDC, diversity, descriptors, reconstruction errors.

`contract` has the types of synthesis.json. May be imported by synth and report.
"""
