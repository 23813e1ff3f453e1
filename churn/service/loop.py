"""Cases as a closed loop, by the unit that handled them, the level reached, the level promised."""

from __future__ import annotations

import pandas as pd

from churn.service.settings import ServiceSettings

BY = ("unit", "level", "service_level")
_HOURS, _DAYS = 3_600.0, 86_400.0
_SUMS = ("opened", "finished", "open", "overdue", "due", "on_time", "asked", "satisfied")


def loop(
    jobs: pd.DataFrame, since: pd.Timestamp, day: pd.Timestamp, settings: ServiceSettings
) -> pd.DataFrame:
    """Return how complaints, orders and faults went by unit, level and service level.

    Parameters
    ----------
    jobs
        :func:`churn.service.jobs.jobs` of these kinds as rows, with ``opened, finished, due``
        (timestamps) and ``repeat`` (of faults).
    since
        What happened from then on counts; what is open counts since whenever.

    Returns
    -------
    DataFrame
        A row per ``by`` (of :data:`BY`), ``kind`` and ``value`` on record: ``opened, finished,
        open, overdue, hours_to_answer`` and ``days_to_finish`` (means), ``on_time_share`` (of
        orders due), ``right_first_time`` (of faults), ``asked`` and ``satisfied_share``; what is
        over nothing is null.
    """
    told = _flags(jobs, since, day, settings)
    parts = [_by(told, name) for name in BY]
    return pd.concat(parts, ignore_index=True)


def _flags(
    jobs: pd.DataFrame, since: pd.Timestamp, day: pd.Timestamp, settings: ServiceSettings
) -> pd.DataFrame:
    complaint, order, fault = (jobs["kind"] == kind for kind in ("complaint", "order", "fault"))
    is_open, recent = jobs["finished"].isna(), jobs["opened"] >= since
    done = jobs["finished"] >= since
    too_long = complaint & (jobs["opened"] < day - pd.Timedelta(days=settings.complaint_days))
    due = order & (jobs["due"] >= since) & (jobs["due"] < day)
    asked = done & jobs["satisfied"].notna()
    answered = pd.to_datetime(jobs["answered_at"])
    return jobs.assign(
        opened_n=recent,
        finished_n=done,
        open_n=is_open,
        overdue_n=is_open & (too_long | (order & (jobs["due"] < day))),
        due_n=due,
        on_time_n=due & (jobs["finished"] <= jobs["due"]),
        asked_n=asked,
        satisfied_n=asked & jobs["satisfied"].eq(True),  # noqa: FBT003 - pandas' signature
        hours=_took(jobs["opened"], answered, _HOURS).where(answered >= since),
        days=_took(jobs["opened"], jobs["finished"], _DAYS).where(done),
        first=(~jobs["repeat"].eq(True)).astype("float64").where(fault & recent),  # noqa: FBT003 - pandas' signature
    )


def _took(begun: pd.Series, ended: pd.Series, unit: float) -> pd.Series:
    return (ended - begun).dt.total_seconds() / unit


def _by(told: pd.DataFrame, name: str) -> pd.DataFrame:
    """Sum by kind and the values of a column, most opened first."""
    known = told.dropna(subset=[name])
    summed = known.groupby(["kind", name], sort=True).agg(
        **{each: (f"{each}_n", "sum") for each in _SUMS},
        hours_to_answer=("hours", "mean"),
        days_to_finish=("days", "mean"),
        right_first_time=("first", "mean"),
    )
    summed[list(_SUMS)] = summed[list(_SUMS)].astype("int64")
    rows = summed.rename_axis(["kind", "value"]).reset_index()
    rows = rows[(rows[["opened", "finished", "open", "due"]] > 0).any(axis=1)]
    shares = {
        "on_time_share": rows["on_time"] / rows["due"].where(rows["due"] > 0),
        "satisfied_share": rows["satisfied"] / rows["asked"].where(rows["asked"] > 0),
    }
    rows = rows.assign(by=name, **shares).drop(columns=["on_time", "due", "satisfied"])
    return rows.sort_values(["kind", "opened"], ascending=[True, False], kind="stable")
