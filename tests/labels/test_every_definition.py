"""What holds of every definition: one outcome each, from declared tables alone, told in words."""

from __future__ import annotations

import random
import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.causes import OUTCOMES
from churn.labels import LabelSettings
from churn.labels.registry import DEFINITIONS
from churn.states import StateSettings, spans
from churn.tables import TABLES
from churn.windows import month_end

READINGS = {
    **{name: {"definition": name} for name in DEFINITIONS},
    "coat": {"default": {"coat": {"enabled": True, "use": "usage_monthly", "owed": "arrears"}}},
    "won_back": {"win_back_outcome": True},
    "re_entry": {"re_entry": True},
}
CODES = ("在用", "在用", "双停", "停机保号", "强拆销号", "锁定期", "退网停机", "移机改号", "过户")
MEMBERS = "abcdefghijklmnop"
HOLDERS = "uvwxyz"
ROWS = 40  # of a table


def _moments(generator, first, last):
    day = first + timedelta(days=generator.randrange((last - first).days))
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=generator.randrange(24))


def _table(name, generator):
    """Return rows at random of a canonical table, whatever its columns mean."""
    columns = [column for column in TABLES[name].columns if column.name != "delivered_on"]
    rows = {}
    for _ in range(ROWS):
        row = {
            column.name: _value(column, generator)
            for column in columns
            if column.required or generator.random() < 0.8
        }
        key = tuple(row.get(part) for part in TABLES[name].key) or len(rows)
        rows[key] = row
    return list(rows.values())


def _value(column, generator):
    spring = _moments(generator, date(2024, 1, 1), date(2025, 6, 1))
    by_name = {
        **dict.fromkeys(("subscriber_id", "successor_id", "peer_id"), generator.choice(MEMBERS)),
        **dict.fromkeys(("customer_id", "group_id"), generator.choice(HOLDERS)),
        **dict.fromkeys(("month", "bill_month"), spring.date().replace(day=1)),
    }
    by_type = {
        "date": spring.date(),
        "timestamp": spring,
        "boolean": generator.random() < 0.5,
        "string": generator.choice(["important", "", "p"]),
    }
    if column.allowed:
        return generator.choice(column.allowed)
    return by_name.get(column.name, by_type.get(column.type, generator.randrange(100)))


def _world(seed):
    generator = random.Random(seed)  # noqa: S311 - no secret
    world = {name: _table(name, generator) for name in TABLES}
    world["subscribers"] = [
        {**row, "subscriber_id": who, "delivered_on": date(1900, 1, 1),
         "activated_on": date(2024, 1, 1)}
        for who, row in zip(MEMBERS, world["subscribers"], strict=False)
    ]  # fmt: skip
    world["status_events"] = [
        *(
            {"subscriber_id": who, "effective_at": "2024-01-01", "status": "在用"}
            for who in MEMBERS
        ),
        *({**row, "status": generator.choice(CODES),
           "effective_at": _moments(generator, date(2025, 1, 15), date(2025, 6, 1))}
          for row in world["status_events"]),
    ]  # fmt: skip
    return world


LABEL = (
    "outcome", "event_on", "cured", "cured_late", "returned_late", "detail", "ended_by_holder",
)  # fmt: skip


def _labels(rows):
    return {who: tuple(row[name] for name in LABEL) for who, row in rows.items()}


@pytest.fixture(scope="module")
def world():
    """Return the operator at random that the tests below compare with variations of itself."""
    return _world(7)


@pytest.fixture(scope="module", params=list(READINGS))
def reading(request):
    """Name each definition, and its variations, once."""
    return request.param


@pytest.fixture(scope="module")
def labels(decided, world, reading):
    """Return the outcomes of that operator as the definition reads them."""
    return _labels(decided(world, **READINGS[reading]))


def test_labels_depend_on_declared_tables_alone(decided, world, reading, labels):
    """Every other table replaced by another at random: the same labels; every one is an outcome."""
    reads = LabelSettings(**READINGS[reading]).chosen.reads
    assert "status_events" in reads
    mixed = {**_world(1007), **{name: world[name] for name in reads}}
    assert _labels(decided(mixed, **READINGS[reading])) == labels
    assert set(labels) >= set(MEMBERS)
    assert {label[0] for label in labels.values()} <= set(OUTCOMES)


def test_facts_after_the_last_day_change_no_outcome(decided, world, reading, labels):
    """Use, bills, balances and contracts of later days leave outcome and day as they are."""
    reads = LabelSettings(**READINGS[reading]).chosen.reads
    horizon = date(2025, 5, 15)
    closed = dict(world)
    for name in {"calls", "usage_monthly", "bills", "arrears"} & set(reads):
        closed[name] = [row for row in world[name] if _occurred(name, row) <= horizon]
        assert len(closed[name]) < len(world[name])
    found = _labels(decided(closed, **READINGS[reading])) if closed != world else labels
    assert {who: label[:2] for who, label in found.items()} == {
        who: label[:2] for who, label in labels.items()
    }


def _occurred(name, row):
    """Return the day of a fact; a month's sums are a fact of its last day."""
    moment = row[TABLES[name].occurs_on]
    day = moment.date() if isinstance(moment, datetime) else moment
    return month_end(day) if TABLES[name].occurs_at_month_end else day


def test_every_outcome_is_told_in_both_languages(told, world, reading, labels):
    """The story ends with the outcome, line for line the same in Chinese, in Chinese letters."""
    who = MEMBERS[0]
    english = told(world, who, **READINGS[reading])
    chinese = told(world, who, language="zh", **READINGS[reading])
    assert len(english) == len(chinese)
    assert english[-1].startswith("Outcome: ")
    assert chinese[-1].startswith("结果：")
    assert not re.search("[A-Za-z;()]", "".join(chinese))
    event_on = labels[who][1]
    assert (str(event_on) in english[-1]) == (event_on is not None)


def test_a_snapshot_still_to_come_has_a_story_without_an_outcome(told, world, reading):
    """What is known so far, and the day the label waits for."""
    story = told(world, MEMBERS[0], as_of=date(2025, 2, 20), **READINGS[reading])
    assert story[-1].startswith("The outcome is not final: observed through 2025-02-20")


def test_the_facts_of_each_definition_stand_in_the_story(told):
    """Last use, contract and lines, with their dates."""
    world = {
        "status_events": [
            {"subscriber_id": who, "effective_at": at, "status": code}
            for who, at, code in (
                ("a", "2024-01-01", "在用"),
                ("b", "2024-01-01", "在用"),
                ("b", "2025-03-20", "退网停机"),
                ("c", "2024-01-01", "在用"),
                ("c", "2025-03-20", "过户"),
            )
        ],
        "subscribers": [
            {"subscriber_id": who, "customer_id": "x", "contract_ends_on": "2025-03-10",
             "activated_on": "2020-01-01"}
            for who in "abc"
        ],
        "usage_monthly": [{"subscriber_id": "a", "month": "2024-12-01", "sms": 2}],
    }  # fmt: skip
    assert told(world, "a", definition="inactivity")[1] == (
        "Churn is here: no recharge and no use for 90 days in service."
    )
    assert told(world, "a")[1] == "Service states:"
    assert told(world, "a", definition="inactivity")[-5:] == (
        (
            "Out of service on 2025-03-31 (in the outcome window): neither used nor recharged for "
            "so long that it counts as churn; not back as far as is known: active churn."
        ),
        "Last use or recharge on record: 2024-12-31.",
        "Neither used nor recharged from 2025-01-01 on.",
        (
            "The 90th day in service without was 2025-03-31; days on hold, blocked or suspended "
            "do not count."
        ),
        "Outcome: active churn, by what happened on 2025-03-31.",
    )
    assert told(world, "b", definition="contract_lapse")[-2:] == (
        "The contract ended or ends on 2025-03-10, as the snapshot knew it.",
        "Outcome: passive churn, by what happened on 2025-03-20.",
    )
    assert told(world, "a", definition="household")[-4:] == (
        "Lines of the customer in service at the snapshot: 3.",
        "One was lost on 2025-03-20, by active churn.",
        "Lines that ended for administrative reasons and do not count: 1.",
        "Outcome: active churn, by what happened on 2025-03-20.",
    )


@settings(max_examples=5)
@given(seed=st.integers(0, 999))
def test_spans_cover_every_day_from_the_first_event_on(rows_as_tables, engine, seed):
    """Without gap or overlap: each span begins where the one before ends, the last is open."""
    events = _world(seed)["status_events"]
    known = rows_as_tables({"status_events": events}).known_at(date(2026, 1, 1))
    rows = engine.to_arrow(spans(known.status_events, StateSettings())).to_pylist()
    for who in {event["subscriber_id"] for event in events}:
        own = sorted((r for r in rows if r["subscriber_id"] == who), key=lambda r: r["start_on"])
        assert str(own[0]["start_on"]) == "2024-01-01"
        assert [row["end_on"] for row in own] == [*(row["start_on"] for row in own[1:]), None]


def _later(value):
    """Move a date 28 years on, where every weekday and month is as long."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d.*", value):
        return f"{int(value[:4]) + 28}{value[4:]}"
    return value.replace(year=value.year + 28) if isinstance(value, date) else value


def test_shifting_the_calendar_shifts_every_definition(decided, world, reading, labels):
    """Twenty-eight years later all dates move, and no outcome changes."""
    later = {
        name: [
            {column: v if column == "delivered_on" else _later(v) for column, v in row.items()}
            for row in rows
        ]
        for name, rows in world.items()
    }
    moved = decided(later, snapshot=date(2053, 3, 1), as_of=date(2054, 1, 1), **READINGS[reading])
    assert _labels(moved) == {
        who: (outcome, _later(event_on), *rest)
        for who, (outcome, event_on, *rest) in labels.items()
    }
    assert len({outcome for outcome, *_ in labels.values()}) > 1
