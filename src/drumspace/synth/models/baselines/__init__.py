"""Networks to compare with: the WaveGAN generator and MCNN, each with its training."""
