"""From sources of sound files to a catalogue of clips and its splits."""
