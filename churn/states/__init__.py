"""Status events to non-overlapping spans of service states."""
