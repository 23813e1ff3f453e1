"""Rebalancing, learners, calibration, contributions and the model bundle."""
