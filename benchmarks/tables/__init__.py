"""Tables of the documents, filled from reports/benchmarks/: python -m benchmarks.tables."""
