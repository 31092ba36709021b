"""Sources of sounds, fetched by package name and checked by SHA-256."""
