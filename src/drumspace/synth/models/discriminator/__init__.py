"""What discriminators share: output, layers, class head, and the set of several."""
