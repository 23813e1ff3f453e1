"""``churn monitor``: what happened since past nights, against what their chances promised."""

from pipelines.monitor.watch import Monitored, monitor

__all__ = ["Monitored", "monitor"]
