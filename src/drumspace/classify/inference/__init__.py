"""Trained classifiers in use: loading, embedding, prediction, labelling of files."""
