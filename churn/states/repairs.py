"""What real status events are like, what is made of it, and how often: one named rule each.

Spans already follow the rules; this counts where they had something to do. Of all events on
record, those of the first five rules and the spans that remain add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.language import Text
from churn.states.departures import departures
from churn.states.lines import CONTINUING, candidate_links, links, recorded_links
from churn.states.settings import StateSettings
from churn.states.spans import in_service, read_codes, spans
from churn.tables import Known

REPAIRS: Mapping[str, Text] = MappingProxyType(
    {
        "unknown_code": Text(
            "events whose code has no meaning: passed over (ingest refuses them)",
            "状态码无定义的事件：不计（入库时拒绝）",
        ),
        "repeated": Text("events on record twice: counted once", "重复的事件：只计一次"),
        "same_moment": Text(
            "events at the moment of another one: the state later in the order of states counts",
            "同一时刻的多个事件：以状态次序靠后者为准",
        ),
        "same_day": Text(
            "events undone on their own day: the day's last event counts",
            "同一天内又变更的事件：以当天最后一个为准",
        ),
        "no_change": Text(
            "events that name the state that holds already: merged",
            "与当前状态相同的事件：合并",
        ),
        "out_of_order": Text(
            "events delivered after a later one of the subscriber: put in their place",
            "晚于后续事件送达的事件：按生效时间归位",
        ),
        "before_activation": Text(
            "events before the activation on the books: kept; tenure counts from the activation",
            "早于资料表入网日期的事件：保留；在网时长自入网日起算",
        ),
        "no_first_state": Text(
            "activated subscribers whose record does not begin in service: nothing is assumed, "
            "they join the population with their first state in service",
            "已入网但记录并非始于在网状态的用户：不作推断，自首个在网状态起计入人群",
        ),
        "no_final_state": Text(
            "subscribers in service by their events but gone from the books: outcomes go by the "
            "events, the population leaves them out",
            "事件显示在网但资料表中已无的用户：结果以事件为准，目标人群剔除",
        ),
        "undone_within_lock": Text(
            "final ends undone within the lock period: the same holder came back",
            "锁定期内撤销的终止：视为原用户恢复",
        ),
        "issued_anew": Text(
            "numbers in service again after the lock period: another holder's, no return",
            "锁定期满后重新启用的号码：视为新用户，不算返网",
        ),
        "successor_on_record": Text(
            "subscribers whose line goes on under the successor on record",
            "按记录中的后继用户延续的用户",
        ),
        "successor_inferred": Text(
            "moved or migrated subscribers linked to their customer's one activation then",
            "移机改号或产品迁移后，与同一客户唯一新入网用户相连的用户",
        ),
        "successor_elsewhere": Text(
            "successors named by an event that is no transfer, move or migration: passed over",
            "非过户、移机改号、产品迁移事件上的后继用户：不计",
        ),
        "successor_contested": Text(
            "links set aside since a subscriber named several successors, or a successor had one",
            "因一对多或多对一而舍弃的关联",
        ),
        "successor_backwards": Text(
            "links into a subscriber that had passed on by then: dropped",
            "指向当时已转出用户的关联：舍弃",
        ),
    }
)
"""Every rule by its name: what it finds and what is made of it."""


def repairs(known: Known, settings: StateSettings) -> ir.Table:
    """Count what each rule found in what is known.

    Returns
    -------
    Table
        ``rule``, a key of :data:`REPAIRS`, and ``rows`` (int64), the events, subscribers or links
        that it tells of; one row per rule, in no order.
    """
    counts = {
        **_of_events(known.status_events, settings),
        **_of_the_books(known, settings),
        **_of_departures(known.status_events, settings),
        **_of_links(known, settings),
    }
    return ibis.union(
        *(
            rows.aggregate(rows=_.count().cast("int64")).select("rows", rule=ibis.literal(rule))
            for rule, rows in counts.items()
        )
    ).select("rule", "rows")


def _of_events(events: ir.Table, settings: StateSettings) -> dict[str, ir.Table]:
    """Find the events that left no trace of their own, and those that came late."""
    read = read_codes(events, settings)
    event_key = ["subscriber_id", "effective_at", "state"]
    moment = ["subscriber_id", "effective_at"]
    dated = read.select(*event_key, day=read.effective_at.date())
    events_once = dated.distinct()
    moments = events_once.select(*moment, "day").distinct()
    days = moments.select("subscriber_id", "day").distinct()
    begun = spans(events, settings).select("subscriber_id", day="start_on")
    return {
        "unknown_code": events.filter(~events.status.isin(sorted(settings.codes))),
        "repeated": _beyond_the_first(dated, event_key),
        "same_moment": _beyond_the_first(events_once, moment),
        "same_day": _beyond_the_first(moments, ["subscriber_id", "day"]),
        "no_change": days.anti_join(begun, ["subscriber_id", "day"]),
        "out_of_order": _delivered_late(events),
    }


def _beyond_the_first(rows: ir.Table, key: list[str]) -> ir.Table:
    ranked = rows.mutate(place=ibis.row_number().over(group_by=key))
    return ranked.filter(ranked.place > 0)


def _delivered_late(events: ir.Table) -> ir.Table:
    """Keep the events that came after a later one of the same subscriber had come."""
    each = events.group_by("subscriber_id", "delivered_on").agg(newest=_.effective_at.max())
    earlier = ibis.window(group_by="subscriber_id", order_by="delivered_on", rows=(None, -1))
    each = each.mutate(before=each.newest.max().over(earlier)).drop("newest")
    both = events.inner_join(each, ["subscriber_id", "delivered_on"])
    return both.filter(both.effective_at < both.before)


def _of_the_books(known: Known, settings: StateSettings) -> dict[str, ir.Table]:
    """Compare the events with the subscribers on the books."""
    books = known.subscribers.select("subscriber_id", "activated_on")
    events = read_codes(known.status_events, settings)
    # Numbers are pre-registered before they are activated: that order is the right one.
    events = events.filter(events.state != "preregistered")
    both = events.select("subscriber_id", "effective_at").inner_join(books, "subscriber_id")
    periods = spans(known.status_events, settings)
    order = ibis.window(group_by="subscriber_id", order_by="start_on")
    placed = periods.mutate(place=ibis.row_number().over(order))
    expected = in_service(placed.state) | (placed.state == "preregistered")
    begun = placed.filter((placed.place == 0) & expected)
    activated = books.filter(books.activated_on.notnull())
    ends_served = periods.filter(periods.end_on.isnull() & in_service(periods.state))
    gone = ends_served.anti_join(books, "subscriber_id")
    return {
        "before_activation": both.filter(both.effective_at.date() < both.activated_on),
        "no_first_state": activated.anti_join(begun, "subscriber_id"),
        "no_final_state": gone if known.has("subscribers") else gone.limit(0),
    }


def _of_departures(events: ir.Table, settings: StateSettings) -> dict[str, ir.Table]:
    fallen = departures(spans(events, settings), settings)
    back = fallen.filter(fallen.ended_on.notnull() & fallen.back_on.notnull())
    return {
        "undone_within_lock": back.filter(~back.issued_anew),
        "issued_anew": back.filter(back.issued_anew),
    }


def _of_links(known: Known, settings: StateSettings) -> dict[str, ir.Table]:
    read = read_codes(known.status_events, settings)
    both = (known.status_events, known.subscribers, settings)
    kept, candidates = links(*both), candidate_links(*both)
    on_record = recorded_links(known.status_events, settings)
    pair = ["subscriber_id", "successor_id"]
    return {
        "successor_on_record": kept.filter(~kept.inferred),
        "successor_inferred": kept.filter(kept.inferred),
        "successor_elsewhere": read.filter(
            read.successor_id.notnull() & ~read.state.isin(CONTINUING)
        ),
        "successor_contested": on_record.select(*pair).distinct().anti_join(candidates, pair),
        "successor_backwards": candidates.anti_join(kept, pair),
    }
