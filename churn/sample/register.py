"""Who is on the books and how to reach them; surveys, visits and notices."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import NEVER, Lines
from churn.sample.writing import choice, codes, dates

Columns = dict[str, pa.Array]

PLAN_NAMES = tuple(plan[0] for plan in words.PLANS)
GROUPED = (3, 6, 7)  # key classes of units under one parent
REASONS = ("scheduled", "need", "change", "reaction")
VISIT_OUTCOMES = ("满意", "有意见", "需跟进")


def subscribers(lines: Lines, month: Month) -> Columns:
    """Return every line on the books at the end of the month."""
    rows = np.flatnonzero(lines.on_books(month.end))
    customer = lines.customer[rows]
    grouped = np.isin(lines.key_class[rows], GROUPED)
    group = codes("G", customer // 16, 6)
    activated = lines.activated[rows]
    ends = lines.contract_end[rows]
    account = customer * 10 + np.where(lines.business[rows], rows % 10, 0)
    return {
        "subscriber_id": pa.array(lines.numbers[rows]),
        "customer_id": codes("C", customer, 7),
        "account_id": codes("A", account, 8),
        "group_id": pc.if_else(pa.array(grouped), group, pa.scalar(None, pa.string())),
        "product": choice(words.PRODUCTS, lines.product[rows]),
        "customer_type": choice(("residential", "business"), lines.business[rows].astype(int)),
        "region": choice(words.REGIONS, lines.region[rows]),
        "plan": choice(PLAN_NAMES, lines.plan[rows]),
        "activated_on": dates(activated, null=activated >= month.end),
        "contract_ends_on": dates(ends, null=ends == 0),
        "bundle": choice(words.BUNDLES, lines.bundle[rows]),
        "key_account_classes": choice(words.KEY_CLASSES, lines.key_class[rows]),
        "account_manager": choice(words.MANAGERS, lines.manager[rows]),
        "opt_outs": choice(words.OPT_OUTS, lines.opt_out[rows]),
    }


def contact_details(lines: Lines, month: Month, *, first: bool) -> Columns:
    """Return how to reach newcomers and those whose details changed; all in the first month."""
    rng = month.stream(13)
    count = len(lines)
    changed = rng.random(count) < 0.004
    wanted = changed | (lines.registered >= month.start) | first
    rows = np.flatnonzero(lines.on_books(month.end) & wanted)
    other = words.outside_numbers(lines.customer[rows] + month.index * changed[rows], 2 + 0 * rows)
    reachable = (lines.customer[rows] % 5) < 2
    mail = codes("user", lines.customer[rows], 1)
    address = pc.binary_join_element_wise(mail, pa.scalar("@example.com"), pa.scalar(""))
    has_mail = pa.array(lines.customer[rows] % 3 == 0)
    return {
        "subscriber_id": pa.array(lines.numbers[rows]),
        "name": pa.array(
            [words.name_of(int(index)) for index in lines.customer[rows]], pa.string()
        ),
        "phone": pa.array(lines.numbers[rows]),
        "alternate_phone": pa.array(other, mask=~reachable),
        "email": pc.if_else(has_mail, address, pa.scalar(None, pa.string())),
    }


def surveys(lines: Lines, month: Month) -> Columns:
    """Return the answers of the month; the mood shows in them."""
    rng = month.stream(14)
    asked = rng.random(len(lines)) < np.where(lines.key_class > 0, 0.15, 0.04)
    day = rng.integers(month.start, month.end, len(lines))
    rows = np.flatnonzero(asked & lines.serving(np.arange(len(lines)), day))
    score = 82.0 - 9.0 * lines.mood[rows] + 5.0 * rng.standard_normal(len(rows))
    return {
        "subscriber_id": pa.array(lines.numbers[rows]),
        "answered_on": dates(day[rows]),
        "score": pa.array(np.clip(np.round(score), 0, 100)),
    }


def visits(lines: Lines, month: Month) -> Columns:
    """Visit key accounts, at times because of their mood, and remember it."""
    rng = month.stream(15)
    rows = np.flatnonzero((lines.key_class > 0) & lines.in_service(month.end))
    customers, first = np.unique(lines.customer[rows], return_index=True)
    mood = lines.mood[rows][first]
    count = len(customers)
    reacts = (mood > 0.8) & (rng.random(count) < 0.4)
    visited = reacts | (rng.random(count) < 0.30)
    day = rng.integers(month.start, month.end, count)
    last = np.full(int(lines.customer[-1]) + 1, -NEVER)
    last[customers[visited]] = day[visited]
    lines.visited = np.maximum(lines.visited, last[lines.customer])
    reason = np.where(reacts, 3, rng.choice(3, count, p=[0.8, 0.12, 0.08]))
    bad = (mood[visited] + 0.5 * rng.standard_normal(int(visited.sum()))) > 0.6
    outcome = np.where(bad, 1, np.where(rng.random(len(bad)) < 0.2, 2, 0))
    return {
        "customer_id": codes("C", customers[visited], 7),
        "visited_on": dates(day[visited]),
        "by": choice(words.MANAGERS, lines.manager[rows][first][visited]),
        "reason": choice(REASONS, reason[visited]),
        "outcome": choice(VISIT_OUTCOMES, outcome),
    }


def notices(lines: Lines, month: Month, owing: np.ndarray) -> Columns:
    """Return reminders to those who owed at the month's start, and notices before removal."""
    rng = month.stream(16)
    count = len(lines)
    day = rng.integers(month.start + 13, month.end, count)
    reminded = owing & (rng.random(count) < 0.6) & lines.on_books(month.end)
    last_day = lines.removed - 20
    warned = (last_day >= month.start) & (last_day < month.end) & (rng.random(count) < 0.85)
    rows = np.concatenate([np.flatnonzero(reminded), np.flatnonzero(warned)])
    days = np.concatenate([day[reminded], last_day[warned]])
    kind = np.repeat([0, 1], [int(reminded.sum()), int(warned.sum())])
    return {
        "subscriber_id": pa.array(lines.numbers[rows]),
        "notified_on": dates(days),
        "kind": choice(("reminder", "last_notice"), kind),
        "channel": choice(("sms", "call"), kind),
    }
