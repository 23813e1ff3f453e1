"""Whom to call back: a stratified share of finished jobs, drawn alike on every run."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import numpy as np
import pandas as pd

from churn.draws import FINE, uniform
from churn.service.settings import ServiceSettings

_STRATA = ("kind", "region", "topic")
_ID_DIGITS = 16
KINDS = ("contact", "order", "fault")


def select(jobs: pd.DataFrame, night: date, settings: ServiceSettings) -> pd.DataFrame:
    """Return the jobs that may be called back: finished lately, not checked yet.

    Parameters
    ----------
    jobs
        :func:`churn.service.jobs.jobs` as rows.
    """
    since = pd.Timestamp(night - timedelta(days=settings.callback_days))
    finished = pd.to_datetime(jobs["finished_at"])
    lately = (finished >= since) & (finished < pd.Timestamp(night))
    checked = jobs["flag"].eq(True) & jobs["kind"].eq("contact")  # noqa: FBT003 - pandas' signature
    return jobs[lately & jobs["kind"].isin(KINDS) & ~checked]


def sample(jobs: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return a share of the jobs, of every kind, region and topic, and no customer twice.

    A job's draw depends on the job alone, so that the next night does not draw it anew. Of a
    stratum of n jobs ``ceil(share * n)`` are taken: no kind of work is never checked.

    Returns
    -------
    DataFrame
        The jobs drawn, with ``callback_id``, by kind, day and id.
    """
    names = [
        f"callback|{row.kind}|{row.job_id if isinstance(row.job_id, str) else row.subscriber_id}"
        f"|{row.finished_at:%Y-%m-%d}"
        for row in jobs.itertuples(index=False)
    ]
    ids = [hashlib.md5(n.encode(), usedforsecurity=False).hexdigest()[:_ID_DIGITS] for n in names]
    drawn = jobs.assign(callback_id=ids, draw=uniform(names, FINE))
    drawn = drawn.sort_values(["draw", "callback_id"]).drop_duplicates("subscriber_id")
    strata = drawn.groupby(list(_STRATA), dropna=False, sort=False)["draw"]
    least = np.ceil(strata.transform("size") * share)
    taken = drawn[strata.rank(method="first") <= least]
    order = ["kind", "finished_at", "callback_id"]
    return taken.sort_values(order, ignore_index=True).drop(columns="draw")
