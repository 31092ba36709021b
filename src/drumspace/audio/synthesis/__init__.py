"""The drum machine: procedural one-shots of the eight classes.

May be imported by dataset (as a source of clips) and synth (as a baseline generator).
"""
