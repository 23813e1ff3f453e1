"""Metrics, profit, intervals and gates: arrays in, numbers out."""
