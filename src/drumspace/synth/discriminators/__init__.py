"""One discriminator a file, each with `Settings` and `build`. May import synth.models.discriminator."""
