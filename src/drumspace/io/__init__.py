"""Files: atomic writes, JSON, parquet, shards, model files, settings with line numbers, plug-ins by name.

Imports errors and taxonomy alone.
"""
