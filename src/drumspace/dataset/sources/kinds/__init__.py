"""Kinds of sources, one per module, each with a function `fetch`."""
