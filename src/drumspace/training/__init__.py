"""Training loops, independent of what is trained. May import metrics, audio, io."""
