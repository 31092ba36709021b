"""The root settings model of params.yaml, composed of the packages' own models, and overlays.

Imported by the command and the validate stage alone.
"""
