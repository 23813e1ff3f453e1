"""``churn kpis``: the operator's own indicators, told from what was delivered."""

from __future__ import annotations

from datetime import date

from churn.report.terminal.kpis import kpi_lines
from pipelines.run import Run
from pipelines.standing import Records, indicators


def kpis(run: Run, as_of: date | None = None) -> str:
    """Return the indicators of the last whole month and of the running one, as lines."""
    told = indicators(Records(run, run.night(as_of)))
    settings = run.settings
    lines = kpi_lines(told, settings.targeting.value.currency, settings.language)
    return "\n".join(lines).rstrip("\n")
