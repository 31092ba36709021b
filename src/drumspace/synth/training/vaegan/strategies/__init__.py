"""One strategy of adversarial training a file, each with `freeze`, `generate` and `loss`."""
