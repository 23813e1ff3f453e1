"""From scores to a list under budget and contact rules."""
