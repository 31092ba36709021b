"""Metrics of maps: trustworthiness, neighbour overlap and purity."""
