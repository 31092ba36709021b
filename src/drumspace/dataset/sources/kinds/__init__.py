"""One kind of source a file, each with `fetch`."""
