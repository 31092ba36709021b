"""One strategy of adversarial training a file, each with `freeze`, `fakes` and `loss`."""
