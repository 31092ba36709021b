"""Generators of drum one-shots."""
