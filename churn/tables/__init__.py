"""The canonical tables, and what of them was known at a time."""
