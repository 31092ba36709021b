"""Published weights that networks start from."""
