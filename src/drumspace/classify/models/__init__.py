"""One classifier a file."""
