"""Population times snapshots, joined with labels and features, split out of time."""
