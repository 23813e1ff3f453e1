"""From delivered files to canonical tables: reading, mapping, rules, quarantine.

Public: :func:`ingest`, :func:`check`, :func:`deliveries` and the settings of the mapping language.
"""

from __future__ import annotations

from churn.ingest.checking import Findings, check
from churn.ingest.identifiers import hashed_id
from churn.ingest.registry import deliveries
from churn.ingest.run import IngestReport, ingest
from churn.ingest.settings import IngestSettings
