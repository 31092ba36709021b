"""SoundFont 2 and 3 files: drum presets, and samples as audio."""
