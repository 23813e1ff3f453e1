"""The report of a backtest as one HTML page, of the same parts as that of a night."""

from __future__ import annotations

from churn.report.backtest.document import write_backtest

__all__ = ["write_backtest"]
