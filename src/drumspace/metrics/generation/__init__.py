"""Generated sounds beside real ones: kernel distance, FAD, coverage, descriptors, reconstruction errors."""
