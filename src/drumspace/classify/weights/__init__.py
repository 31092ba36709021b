"""Pretrained weights: the table of files, download, verification, loading. May import dataset.sources and io."""
