"""Reading clips, labels and subsets."""
