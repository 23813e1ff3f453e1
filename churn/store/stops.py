"""Signals that asked this process to stop: whatever else breaks from then on is their doing."""

from __future__ import annotations

from types import FrameType
from typing import NoReturn


class Stopped(SystemExit):
    """A signal asked the run to stop; the code is 128 and the signal's number."""


asked: list[int] = []
"""The signals' numbers, the first first. Libraries may turn a stop into an error of their own."""


def stop(number: int, _frame: FrameType | None) -> NoReturn:
    """Handle a signal: note it, and end what runs.

    Raises
    ------
    Stopped
        Always.
    """
    asked.append(number)
    raise Stopped(128 + number)
