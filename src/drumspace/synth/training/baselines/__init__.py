"""Training of the baselines WaveGAN and MCNN."""
