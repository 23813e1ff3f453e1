"""Prepaid inactivity: no recharge and no use for so many days is churn.

Churn is the day on which the silence reaches ``days`` days in service; days on hold, blocked or
suspended are passed over. It is *active*: nobody ended the service but its holder. If it is used or
recharged again within the win-back period it never left; a later return is counted. A subscriber
silent for long enough before the outcome window opens is *gone*. Ends of the service count as in
the default definition, and the first to happen decides.

Where only monthly sums tell of use, a month with any use counts as used from its first day to its
last: silence is found up to a month late, and a return up to a month early; the month in which the
label becomes final has no sum yet, so a return in it is not seen. Silence is counted from where the
records, or the service, begin: before, nobody can tell.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _
from pydantic import Field

from churn.frozen import Frozen
from churn.labels.deciding import judged
from churn.labels.definition import LabelDefinition, facts
from churn.labels.evidence import Evidence
from churn.labels.re_entry import repaired
from churn.labels.silence import ONE_DAY, UseTable, free_stretches, records_begin, uses
from churn.language import Text
from churn.states import departures, in_service


class InactivitySettings(Frozen):
    """The parameters of prepaid inactivity (``labels.inactivity:``)."""

    days: int = Field(
        90, gt=0, description="days in service without use or recharge that are churn"
    )
    use: tuple[UseTable, ...] = Field(
        ("usage_monthly",),
        min_length=1,
        description="tables that tell of use: usage_monthly by the month, and the only one to tell "
        "of recharges; calls by the day",
    )


def inactivity(settings: InactivitySettings) -> LabelDefinition:
    """Return prepaid inactivity with its parameters."""

    def judge(evidence: Evidence) -> ir.Table:
        ended = departures(evidence.spans, evidence.states)
        ended = ended.mutate(gone_from=_.left_on)
        silent = silences(evidence, settings).rename(gone_from="silent_from")
        fallen = ibis.union(ended, silent.select(*ended.columns))
        return repaired(evidence, judged(fallen, evidence.snapshot, evidence.time))

    def facts_of(evidence: Evidence, subscriber_id: str) -> ir.Table:
        used = uses(evidence.known, settings.use, recharges=True)
        last = used.filter(used.subscriber_id == subscriber_id).aggregate(last=_.last_on.max())
        silent = judged(silences(evidence, settings), evidence.snapshot, evidence.time)
        own = silent.filter(silent.subscriber_id == subscriber_id)
        return ibis.union(
            facts(last, ("last_use_on_record", last.last, None)),
            facts(
                own,
                ("silent_since", own.silent_from, None),
                ("silent_enough", own.left_on, ibis.literal(settings.days)),
            ).mutate(place=_.place + 1),
        )

    return LabelDefinition(
        name="inactivity",
        text=Text(
            f"no recharge and no use for {settings.days} days in service",
            f"在网连续{settings.days}天无充值、无使用",
        ),
        reads=("status_events", *dict.fromkeys(settings.use)),
        judge=judge,
        facts=facts_of,
    )


def silences(evidence: Evidence, settings: InactivitySettings) -> ir.Table:
    """Return the silences that were long enough, as departures.

    They have ``silent_from`` besides; ``left_on`` is the day on which the silence was long enough,
    ``back_on`` that of the next use.
    """
    line = {"group_by": "subscriber_id", "order_by": ["first_on", "last_on"]}
    used = _with_beginning(evidence, settings)
    reach = used.last_on.max().over(ibis.window(**line, preceding=None, following=0))
    gaps = used.select(
        "subscriber_id",
        silent_from=(reach + ONE_DAY).cast("date"),
        silent_until=used.first_on.lead().over(ibis.window(**line)),
    )
    long = gaps.silent_until.delta(gaps.silent_from, unit="day") >= settings.days
    gaps = gaps.filter(gaps.silent_until.isnull() | long)
    stretches = free_stretches(gaps, evidence.spans)
    so_far = ibis.window(
        group_by=["subscriber_id", "silent_from"], order_by="stretch_from", rows=(None, -1)
    )
    counted = stretches.mutate(before=stretches.days.sum().over(so_far).fill_null(0).cast("int64"))
    missing = settings.days - counted.before
    reached = counted.filter((missing > 0) & (missing <= counted.days))
    # The engine sums into 128 bits, which make no interval.
    further = (settings.days - reached.before - 1).cast("int32").as_interval("D")
    return reached.select(
        "subscriber_id",
        state=ibis.literal("silent"),
        cause=ibis.literal("active"),
        cause_assumed=ibis.literal(False),  # noqa: FBT003 - Ibis's signature
        back_on=reached.silent_until,
        ended_on=ibis.null("date"),
        left_on=(reached.stretch_from.cast("timestamp") + further).cast("date"),
        issued_anew=ibis.literal(False),  # noqa: FBT003 - Ibis's signature
        silent_from=reached.silent_from,
    )


def _with_beginning(evidence: Evidence, settings: InactivitySettings) -> ir.Table:
    """Add to the uses the day before records and service had both begun."""
    served = evidence.spans.filter(in_service(evidence.spans.state))
    begun = served.group_by("subscriber_id").agg(served_from=_.start_on.min())
    begun = begun.cross_join(records_begin(evidence.known, settings.use))
    begun = begun.filter(begun.begins_on.notnull())
    day = (ibis.greatest(begun.served_from, begun.begins_on) - ONE_DAY).cast("date")
    used = uses(evidence.known, settings.use, recharges=True)
    return ibis.union(used, begun.select("subscriber_id", first_on=day, last_on=day))
