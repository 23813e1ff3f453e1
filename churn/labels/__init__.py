"""Who left, why, and whether that is known for certain yet."""
