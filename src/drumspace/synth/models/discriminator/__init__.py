"""Common parts of discriminators: output, layers, class head, and the set of several."""
