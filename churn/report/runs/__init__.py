"""A training as the runs that the tracker keeps: parts in, plain entries out."""
