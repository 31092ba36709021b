"""From files to clips and catalogue: scan, naming rules, decoding, shards."""
