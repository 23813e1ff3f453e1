"""Where expressions run: the only package that names an engine."""
