"""Near-duplicates among clips, by fingerprint and waveform."""
