"""Building blocks that classifiers share: front end, trunks with embeddings, the registry of models."""
