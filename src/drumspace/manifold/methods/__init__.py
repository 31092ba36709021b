"""Ways to label a point from others, a file each."""
