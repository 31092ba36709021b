"""One section of the report a file, with a template of the same name."""
