"""How service went: complaints, orders, faults by region and topic, and the week's topics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from churn.service.loop import loop
from churn.service.settings import ServiceSettings

_WEEK, _WEEKS_BEFORE = 7, 4
_HOURS = 3_600.0


@dataclass(frozen=True)
class Quality:
    """What a night tells of service.

    Parameters
    ----------
    complaints, orders, faults
        By ``region`` and ``topic``, see the functions that make them.
    overdue
        Open complaints and orders past their time: ``kind, job_id, subscriber_id, topic, region,
        account_manager, opened_on, due_on, days`` (late), ``flag`` (escalated).
    topics
        ``kind, topic``, ``week`` (jobs of the last seven days), ``usual`` (a week, of the four
        before), ``lines``, ``revenue_at_risk``.
    satisfaction
        ``by`` (region or account_manager), ``value, surveys, score, before`` (mean of the days
        before).
    loop
        See :func:`churn.service.loop.loop`.
    """

    complaints: pd.DataFrame
    orders: pd.DataFrame
    faults: pd.DataFrame
    overdue: pd.DataFrame
    topics: pd.DataFrame
    satisfaction: pd.DataFrame
    loop: pd.DataFrame
    settings: ServiceSettings

    def counts(self) -> dict[str, int]:
        """Count what the sheets hold."""
        return {
            "complaints_open": int(self.complaints["open"].sum()),
            "orders": int(self.orders["due"].sum()),
            "faults": int(self.faults["opened"].sum()),
            "overdue": len(self.overdue),
        }


def quality(jobs: pd.DataFrame, night: date, settings: ServiceSettings) -> Quality:
    """Return how service went.

    Parameters
    ----------
    jobs
        :func:`churn.service.jobs.jobs` as rows, of at least twice ``survey_days``, with ``risk``
        (the chance of the line's leaving times its monthly bill; null: not scored).
    """
    day = pd.Timestamp(night)
    rows = jobs.assign(
        opened=pd.to_datetime(jobs["opened_at"]),
        finished=pd.to_datetime(jobs["finished_at"]),
        due=pd.to_datetime(jobs["due_on"]),
    )
    since = day - pd.Timedelta(days=settings.days)
    kinds = {kind: rows[rows["kind"] == kind] for kind in ("complaint", "order", "fault", "survey")}
    return Quality(
        complaints=_complaints(kinds["complaint"], since, day, settings),
        orders=_orders(kinds["order"], since, day),
        faults=_faults(kinds["fault"], since, settings),
        overdue=_overdue(rows, day, settings),
        topics=_topics(rows[rows["kind"].isin(["complaint", "fault"])], day),
        satisfaction=_satisfaction(kinds["survey"], day, settings),
        loop=loop(
            pd.concat(
                [kinds["complaint"], kinds["order"], _with_repeats(kinds["fault"], settings)]
            ),
            since,
            day,
            settings,
        ),
        settings=settings,
    )


def _complaints(
    rows: pd.DataFrame, since: pd.Timestamp, day: pd.Timestamp, settings: ServiceSettings
) -> pd.DataFrame:
    """Return opened, closed, open, overdue, escalated, and the mean days to close."""
    is_open = rows["finished"].isna()
    late = rows["opened"] < day - pd.Timedelta(days=settings.complaint_days)
    closed = rows["finished"] >= since
    took = (rows["finished"] - rows["opened"]).dt.total_seconds() / (24 * _HOURS)
    told = rows.assign(
        opened_n=rows["opened"] >= since,
        closed_n=closed,
        open_n=is_open,
        overdue_n=is_open & late,
        escalated_n=rows["flag"].eq(True) & (is_open | (rows["opened"] >= since)),  # noqa: FBT003 - pandas' signature
        days=took.where(closed),
    )
    sums = {name: (f"{name}_n", "sum") for name in ("opened", "closed", "open", "overdue")}
    return _by(told, **sums, escalated=("escalated_n", "sum"), days_to_close=("days", "mean"))


def _orders(rows: pd.DataFrame, since: pd.Timestamp, day: pd.Timestamp) -> pd.DataFrame:
    """Return what was due, on time, late, and still open past its day."""
    done = rows["finished"].notna()
    was_due = (rows["due"] >= since) & (rows["due"] < day)
    on_time = was_due & done & (rows["finished"] <= rows["due"])
    told = rows.assign(
        due_n=was_due,
        on_time_n=on_time,
        late_n=was_due & ~on_time,
        open_n=was_due & ~done,
    )
    names = ("due", "on_time", "late", "open")
    summed = _by(told, **{name: (f"{name}_n", "sum") for name in names})
    return summed.assign(on_time_share=summed["on_time"] / summed["due"].where(summed["due"] > 0))


def _faults(rows: pd.DataFrame, since: pd.Timestamp, settings: ServiceSettings) -> pd.DataFrame:
    """Return faults opened, restored, open, repeats, and the mean hours to repair."""
    ordered = _with_repeats(rows, settings)
    recent = ordered["opened"] >= since
    repeated = recent & ordered["repeat"]
    hours = (ordered["finished"] - ordered["opened"]).dt.total_seconds() / _HOURS
    told = ordered.assign(
        opened_n=recent,
        open_n=ordered["finished"].isna(),
        repeats_n=repeated,
        hours=hours.where(ordered["finished"] >= since),
    )
    names = ("opened", "open", "repeats")
    summed = _by(
        told, **{name: (f"{name}_n", "sum") for name in names}, hours_to_repair=("hours", "mean")
    )
    first = 1 - summed["repeats"] / summed["opened"].where(summed["opened"] > 0)
    return summed.assign(right_first_time=first)


def _with_repeats(rows: pd.DataFrame, settings: ServiceSettings) -> pd.DataFrame:
    """Add ``repeat``: whether a fault came shortly after another of its line."""
    ordered = rows.sort_values(["subscriber_id", "opened", "job_id"])
    gap = ordered.groupby("subscriber_id")["opened"].diff()
    return ordered.assign(repeat=gap <= pd.Timedelta(days=settings.repeat_days))


def _by(rows: pd.DataFrame, **measures: tuple[str, str]) -> pd.DataFrame:
    """Sum by region and topic, most first."""
    summed = rows.groupby(["region", "topic"], dropna=False, sort=True).agg(**measures)
    counts = [name for name, (_, how) in measures.items() if how == "sum"]
    summed[counts] = summed[counts].astype("int64")
    told = summed.reset_index()
    told = told[(told[counts] > 0).any(axis=1)]
    return told.sort_values(counts[0], ascending=False, kind="stable", ignore_index=True)


def _overdue(rows: pd.DataFrame, day: pd.Timestamp, settings: ServiceSettings) -> pd.DataFrame:
    """Return open complaints and orders past their time, the longest first."""
    is_open = rows[rows["finished"].isna() & rows["kind"].isin(["complaint", "order"])]
    allowed = is_open["opened"] + pd.Timedelta(days=settings.complaint_days)
    due = is_open["due"].where(is_open["kind"] == "order", allowed.dt.normalize())
    late = is_open.assign(due_on=due.dt.date, days=(day - due).dt.days, opened_on=is_open["opened"])
    late = late[late["days"] > 0]
    columns = [
        "kind", "job_id", "subscriber_id", "topic", "region", "account_manager", "opened_on",
        "due_on", "days", "flag",
    ]  # fmt: skip
    ordered = late.sort_values(["days", "job_id"], ascending=[False, True], ignore_index=True)
    return ordered[columns]


def _topics(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return what the week's complaints and faults are about, against a usual week."""
    week = day - timedelta(days=_WEEK)
    before = week - timedelta(days=_WEEK * _WEEKS_BEFORE)
    recent = rows[(rows["opened"] >= before) & (rows["opened"] < day)]
    now = recent["opened"] >= week
    risk = recent["risk"].astype("float64").where(now)
    told = recent.assign(now=now, then=~now, line=recent["subscriber_id"].where(now), risk=risk)
    told.loc[told.duplicated(["kind", "topic", "line"]), "risk"] = None
    summed = told.groupby(["kind", "topic"], dropna=False, sort=True).agg(
        week=("now", "sum"),
        usual=("then", "sum"),
        lines=("line", "nunique"),
        revenue_at_risk=("risk", lambda values: values.sum(min_count=1)),
    )
    summed = summed.reset_index()
    summed["usual"] = summed["usual"] / _WEEKS_BEFORE
    return summed.sort_values("week", ascending=False, kind="stable", ignore_index=True)


def _satisfaction(rows: pd.DataFrame, day: pd.Timestamp, settings: ServiceSettings) -> pd.DataFrame:
    """Return the mean score by region and by account manager, against the days before.

    Of an account manager nothing is told that few customers said.
    """
    since = day - pd.Timedelta(days=settings.survey_days)
    earlier = since - pd.Timedelta(days=settings.survey_days)
    recent = rows["opened"] >= since
    told = rows.assign(
        now=rows["score"].where(recent),
        then=rows["score"].where(~recent & (rows["opened"] >= earlier)),
    )
    parts = []
    for by in ("region", "account_manager"):
        means = told.dropna(subset=[by]).groupby(by, sort=True)
        summed = means.agg(
            surveys=("now", "count"),
            score=("now", "mean"),
            earlier=("then", "count"),
            before=("then", "mean"),
        )
        if by == "account_manager":
            for mean, count in (("score", "surveys"), ("before", "earlier")):
                summed[mean] = summed[mean].where(summed[count] >= settings.least_surveys)
        summed = summed.drop(columns="earlier")
        parts.append(summed.rename_axis("value").reset_index().assign(by=by))
    both = pd.concat(parts, ignore_index=True)
    return both[both["surveys"] > 0].reset_index(drop=True)
