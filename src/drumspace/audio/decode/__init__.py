"""From a sound file to a mono clip: containers, decoding, onset."""
