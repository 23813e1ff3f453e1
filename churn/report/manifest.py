"""The manifest of an export: what went in, what came out, and that the counts reconcile."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

VERSION = 1
_CENT = 0.005


def manifest(
    as_of: date,
    *,
    inputs: Iterable[Mapping[str, Any]],
    settings_fingerprint: str,
    bundle_hash: str | None,
    targets: Mapping[str, Any] | None,
    last_notices: Mapping[str, int],
    files: Mapping[str, bytes],
    warnings: Mapping[str, Any] | None = None,
    accounts: Mapping[str, int] | None = None,
    service: Mapping[str, int] | None = None,
    inbound: Mapping[str, int] | None = None,
    movements: Mapping[str, Any] | None = None,
    loyalty: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    revision: int = 1,
) -> dict[str, Any]:
    """Return the manifest; the caller writes it, keys sorted, last of all files.

    Parameters
    ----------
    inputs
        One mapping per delivered file: ``table, partition, delivered_on, file, sha256`` and
        whatever else identifies it; sorted here.
    targets
        ``TargetList.totals``, or None on a night without a list.
    last_notices
        See :meth:`churn.report.parts.Notices.counts`.
    warnings
        See :meth:`churn.report.parts.EarlyWarnings.counts`.
    accounts
        See :meth:`churn.key_accounts.KeyAccounts.counts`.
    service
        See :meth:`churn.report.parts.Service.counts`.
    inbound
        What :func:`churn.report.inbound.inbound` counts.
    loyalty
        See :meth:`churn.report.parts.Loyalty.counts`.
    movements
        See :meth:`churn.progress.Movements.counts`.
    files
        Name -> content of every other file of the export.

    Raises
    ------
    ValueError
        If the totals of the list do not reconcile: a defect that must not be handed out.
    """
    if targets is not None:
        require_reconciled(targets)
    return {
        "version": VERSION,
        "as_of": as_of.isoformat(),
        "revision": revision,
        "inputs": sorted(
            (dict(row) for row in inputs), key=lambda row: sorted(map(str, row.items()))
        ),
        "settings_fingerprint": settings_fingerprint,
        "bundle_hash": bundle_hash,
        "counts": {
            "targets": None if targets is None else dict(targets),
            "last_notices": dict(last_notices),
            **({} if warnings is None else {"early_warnings": dict(warnings)}),
            **({} if service is None else {"service": dict(service)}),
            **({} if inbound is None else {"inbound": dict(inbound)}),
            **({} if loyalty is None else {"loyalty": dict(loyalty)}),
            **({} if movements is None else {"movements": dict(movements)}),
            **({} if accounts is None else {"key_accounts": dict(accounts)}),
        },
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        },
        "notes": list(notes),
    }


def require_reconciled(totals: Mapping[str, Any]) -> None:
    """Refuse totals that do not add up.

    Raises
    ------
    ValueError
        Naming the first equation that does not hold.
    """
    spend = totals["planned_spend"] + totals["withheld_spend"]
    checks = {
        "scored = selected + not selected": totals["scored"]
        == totals["selected"] + sum(totals["not_selected"].values()),
        "selected = listed + control": totals["selected"] == totals["listed"] + totals["control"],
        "listed = sum by cause": totals["listed"] == sum(totals["listed_by_cause"].values()),
        "listed = sum by action": totals["listed"] == sum(totals["listed_by_action"].values()),
        "planned + withheld spend within the budget": spend <= totals["budget_tonight"] + _CENT,
    }
    for equation, holds in checks.items():
        if not holds:
            raise ValueError(f"the list's totals do not reconcile: {equation}")
