"""Critics of sounds, one a file: each gives scores, and the features of its layers for feature matching."""
