"""Adversarial training of a VAE's decoder: settings, strategies, warm start, collapse monitor."""
