"""Scores of surveys: told of regions always, of people from a smallest number on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from churn.engines import Engine
from churn.service import ServiceSettings, jobs, quality

NIGHT = date(2025, 3, 10)


def test_a_manager_is_not_judged_by_few_customers(engine: Engine, rows_as_tables: Any) -> None:
    """Five surveys are told, four are counted and not averaged; the region has all of them."""
    lines = [f"{manager}{n}" for manager, many in (("m", 5), ("f", 4)) for n in range(many)]
    known = rows_as_tables(
        {
            "subscribers": [
                {"subscriber_id": line, "region": "east", "account_manager": line[0]}
                for line in lines
            ],
            "surveys": [
                {"subscriber_id": line, "answered_on": "2025-02-20", "score": 80} for line in lines
            ],
        }
    ).known_at(NIGHT)
    settings = ServiceSettings()
    rows = engine.to_arrow(jobs(known, 2 * settings.survey_days)).to_pandas()
    told = quality(rows.assign(risk=None), NIGHT, settings).satisfaction.set_index("value")
    assert told["surveys"].to_dict() == {"east": 9, "f": 4, "m": 5}
    assert told.loc[["east", "m"], "score"].tolist() == [80, 80]
    assert pd.isna(told.loc["f", "score"])
