"""One classifier a file, each with `Settings` and `build`.

May import classify.networks and what classify may import.
"""
