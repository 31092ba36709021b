"""Pretrained weights: the table of files, and where they are found. May import dataset.sources and io."""
