"""Service beside sales: complaints, orders, faults, satisfaction, and whom to call back."""

from __future__ import annotations

from churn.service.callbacks import sample, select
from churn.service.jobs import jobs
from churn.service.loop import BY
from churn.service.quality import Quality, quality
from churn.service.settings import ServiceSettings
