"""The lists of a night as files."""

from __future__ import annotations

from churn.report.columns import listed_of
from churn.report.expiring import write_expiring
from churn.report.flat import to_csv, to_parquet
from churn.report.key_accounts import write_key_accounts
from churn.report.kpis import write_kpis
from churn.report.loyalty import write_cards, write_loyalty
from churn.report.notes import gate_lines
from churn.report.parts import HandOut
from churn.report.service import write_callbacks, write_service
from churn.report.targets import write_targets
from churn.report.workbook import write_last_notices


def write_lists(night: HandOut) -> dict[str, bytes]:
    """Return the last notices and, where there is one, the list: content by name."""
    files = {"last_notices.xlsx": write_last_notices(night)}
    if night.warnings is not None:
        files["expiring.xlsx"] = write_expiring(night, night.warnings, night.actions)
    if night.accounts is not None:
        files["key_accounts.xlsx"] = write_key_accounts(night, night.accounts, night.actions)
    if night.indicators is not None:
        files["kpis.xlsx"] = write_kpis(night, night.indicators)
    if night.service is not None:
        files["service.xlsx"] = write_service(night, night.service)
        files["callbacks.csv"] = write_callbacks(night, night.service)
    if night.loyalty is not None:
        files["loyalty.xlsx"] = write_loyalty(night, night.loyalty)
        files["loyalty.csv"] = write_cards(night.loyalty)
    if night.tonight is not None and night.models is not None:
        gate = gate_lines(night.models.bundle.reports, night.language)
        files |= {
            "targets.csv": to_csv(night.tonight.frame, listed_of(night.tonight.frame)),
            "targets.parquet": to_parquet(night.tonight.frame, listed_of(night.tonight.frame)),
            "targets.xlsx": write_targets(night, night.tonight, gate),
        }
    return files | dict(night.acting)
