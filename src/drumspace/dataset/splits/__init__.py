"""Splits by kit."""
