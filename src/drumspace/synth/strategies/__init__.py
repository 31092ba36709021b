"""Ways to train a VAE against discriminators, one a file: what is shown to them, and what the generator lessens."""
