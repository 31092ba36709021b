"""Dimensionality reduction (PCA, UMAP, t-SNE) and neighbours. May import training, dataset, metrics, audio, io."""
