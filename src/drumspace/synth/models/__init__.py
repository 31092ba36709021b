"""Networks of generators: the VAE and its architectures, discriminator layers, baselines. May import synth.dsp."""
