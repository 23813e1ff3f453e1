"""Early warnings beside the models: commitments, silence, port-out queries, cheaper plans.

All but the downgrades that a model foresees rest on what was delivered alone, so they are told on
a night without a model too. Whether anybody is contacted for them is decided by the night's list,
and by nothing here.
"""

from __future__ import annotations

from churn.early_warnings.commitments import expiring
from churn.early_warnings.downgrades import downgrades
from churn.early_warnings.foreseen import foreseen
from churn.early_warnings.lines import line_facts
from churn.early_warnings.porting import port_queries
from churn.early_warnings.settings import EarlyWarningSettings
from churn.early_warnings.silence import silent, whole_months_end
