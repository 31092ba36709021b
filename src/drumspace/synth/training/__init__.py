"""Training of VAEs and VAE-GANs. May import synth.models, synth.losses, synth.discriminators, synth.sampling."""
