"""Watching: whether the model in place still says what happens, before labels are final."""

from __future__ import annotations

from churn.monitoring.alarm import Alarm, Strange, Watched, alarm_of, strangeness, watch
from churn.monitoring.chances import expected_average_precision
from churn.monitoring.development import Development, Reference
from churn.monitoring.nowcast import Nowcast, nowcast
from churn.monitoring.settings import MonitoringSettings
from churn.monitoring.tallying import counted, reference
from churn.monitoring.watching import Counted, Days, Night, watched_days
