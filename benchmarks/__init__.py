"""Measurements that are too long for tests, one module each, in folders by subject.

Run one from the repository root: `python -m benchmarks.speed.label`. Results go to reports/benchmarks/, from
which `python -m benchmarks.tables` fills the tables of the documents.
"""
