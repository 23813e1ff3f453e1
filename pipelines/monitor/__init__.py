"""``churn monitor``: what happened since past nights, against what their chances promised."""

from pipelines.monitor.watch import RECORD, Monitored, monitor

__all__ = ["RECORD", "Monitored", "monitor"]
