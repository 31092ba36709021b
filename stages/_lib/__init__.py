"""What all stage scripts share. In no stage's dependencies: no output depends on it."""
