"""Hand-outs: workbooks, page, flat files, manifest; as bytes that never change by the day."""

from __future__ import annotations

from churn.report.backtest import write_backtest
from churn.report.columns import LAST_NOTICES, TARGETS, ListColumn
from churn.report.contacts import with_masked_contacts, with_own_ids
from churn.report.flat import to_csv, to_parquet
from churn.report.manifest import manifest, notice_counts, require_reconciled
from churn.report.masking import mask_name, mask_phone
from churn.report.page import write_page
from churn.report.verdicts import gate_lines
from churn.report.workbook import write_last_notices, write_targets

__all__ = [
    "LAST_NOTICES",
    "TARGETS",
    "ListColumn",
    "gate_lines",
    "manifest",
    "mask_name",
    "mask_phone",
    "notice_counts",
    "require_reconciled",
    "to_csv",
    "to_parquet",
    "with_masked_contacts",
    "with_own_ids",
    "write_backtest",
    "write_last_notices",
    "write_page",
    "write_targets",
]
