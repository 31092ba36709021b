"""Where latents to decode are drawn from, a file each: N(0, I), or what was fitted to the encoder's own latents."""
