"""``churn sample``: the extracts of a synthetic operator, and the truth behind them."""

from __future__ import annotations

from pathlib import Path

from churn.sample import generate


def sample(
    folder: Path,
    *,
    customers: int,
    months: int,
    seed: int,
    calls_per_month: float,
    campaign_share: float | None = None,
) -> str:
    """Write the world into ``folder`` and return a line about it."""
    report = generate(
        folder,
        customers=customers,
        months=months,
        seed=seed,
        calls_per_month=calls_per_month,
        campaign_share=campaign_share,
    )
    rows = ", ".join(f"{name} {count:,}" for name, count in sorted(report.rows.items()))
    return f"{folder}: {rows}"
