"""Training of a classifier: its settings, training sets, augmentation, fitting."""
