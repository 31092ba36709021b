"""Evaluation of generators and inversions: reports/metrics/synthesis.json and the report's samples.

May be imported by config (settings) and by stages. Imports synth.sampling, synth.models, dataset, metrics and audio.
Judges are passed in as functions.
"""
