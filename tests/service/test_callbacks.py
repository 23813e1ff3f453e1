"""The draw of call-backs: a share of every stratum, alike on every run, nobody twice."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from churn.service import sample


def jobs(n: int, region: str = "north", kind: str = "fault") -> pd.DataFrame:
    """Return finished jobs, each of a line of its own."""
    return pd.DataFrame(
        {
            "kind": kind,
            "job_id": [f"{region}-{place}" for place in range(n)],
            "subscriber_id": [f"s-{region}-{place}" for place in range(n)],
            "finished_at": pd.Timestamp("2025-03-01"),
            "topic": None,
            "region": region,
        }
    )


def test_a_tenth_of_every_stratum_is_drawn_and_never_none():
    """Forty in the north, three in the south: four and one."""
    drawn = sample(pd.concat([jobs(40), jobs(3, "south")], ignore_index=True), 0.1)
    assert Counter(drawn["region"]) == {"north": 4, "south": 1}


def test_the_draw_is_alike_whatever_the_order_of_rows():
    """Tomorrow's night does not draw another of the same jobs."""
    rows = jobs(50)
    turned = rows.sample(frac=1, random_state=3)
    assert sample(rows, 0.1)["job_id"].tolist() == sample(turned, 0.1)["job_id"].tolist()


def test_no_customer_is_called_twice():
    """Two jobs of one line count once."""
    rows = jobs(2).assign(subscriber_id="s")
    assert len(sample(rows, 1.0)) == 1


def test_without_jobs_nobody_is_called():
    """An empty week draws nobody."""
    assert sample(jobs(0), 0.1).empty
