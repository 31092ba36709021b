"""Training of a VAE: batches, augmentation, settings, validation."""
