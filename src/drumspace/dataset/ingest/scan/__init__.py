"""Scan of sources for sounds: folders, archives, SoundFonts, kits."""
