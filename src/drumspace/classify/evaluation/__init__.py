"""Comparison of classifiers on unseen kits: figures, pairs, committee, label issues. Imports no network."""
