"""From files to clips: sources, ingest, splits, access. May import metrics, audio, io."""
