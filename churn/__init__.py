"""Telecom churn and retention: from dirty extracts to tonight's target list."""

from __future__ import annotations

import os

__version__ = "0.1.0"

# OpenMP threads that wait spin by default: beside any other work on the machine one fit of the
# booster took 222 s instead of 19 s. Read when the runtime is loaded, so it is set before that.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
