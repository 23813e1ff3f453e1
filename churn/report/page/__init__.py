"""The report of a night as one HTML page: parts in, bytes out."""
