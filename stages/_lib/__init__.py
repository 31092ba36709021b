"""Start-up, run time, paths and plan of the stages. In no stage's dependencies: no output depends on it."""
