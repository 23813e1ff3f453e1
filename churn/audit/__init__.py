"""The leak audit: checks with codes that find what the past could not have known.

Each file holds one kind of leak. They take Arrow, pandas, NumPy or Ibis and give findings; the
recipe does the reading.
"""

from __future__ import annotations

from churn.audit.codes import CODES
from churn.audit.columns import leaking_columns
from churn.audit.finding import Finding
from churn.audit.rows import audit_rows
from churn.audit.settings import Acceptance, AuditSettings
from churn.audit.verdict import Audit, judged
