"""Faithfulness of maps."""
