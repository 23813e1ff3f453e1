"""Learners that take little: for tests in which it does not matter how well models rank."""

from __future__ import annotations

from typing import Any

QUICK: dict[str, Any] = {
    "threads": 1,  # workers fill the machine
    "tree": {"doublings": 0, "rebalancing": {"methods": ["none"]}},
    "boosting": {"rounds": 40, "search": {"trials": 0}, "rebalancing": {"methods": ["none"]}},
    "network": {"hidden": [16], "members": 1, "steps": 100},
    "combination": {"replicates": 20},
}
"""The section ``learning`` of such a test's settings; one full night is the worked example's."""
