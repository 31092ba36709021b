"""One prior of latents a file, each with `Settings` and `Prior`."""
