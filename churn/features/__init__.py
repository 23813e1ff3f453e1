"""What was knowable about a subscriber on the day, one family per file."""
