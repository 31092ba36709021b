"""The VAE around an architecture: sampling layer, class conditioning, construction from settings."""
