"""Which snapshots are used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from churn.engines import Engine
from churn.errors import ExtractError
from churn.labels import DEFAULT, LabelDefinition, LabelSettings
from churn.panel import PanelSettings, calendar
from churn.panel.calendar import Calendar
from churn.panel.history import first_days
from churn.tables import Tables
from churn.windows import TimeSettings, add_months, month_end

TIME = TimeSettings()
START = date(2024, 1, 1)
AS_OF = date(2026, 1, 5)


def monthly(rows_as_tables: Any, months: int = 24) -> Tables:
    """Deliver bills and status events monthly, each on the second of the next month."""

    def deliveries(rows: Any) -> list[Any]:
        firsts = [add_months(START, month) for month in range(months)]
        return [
            (add_months(first, 1).replace(day=2), month_end(first), rows(first)) for first in firsts
        ]

    tables: Tables = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": "s", "activated_on": "2020-01-01"}],
            "status_events": deliveries(
                lambda day: [{"subscriber_id": "s", "effective_at": day, "status": "在用"}]
            ),
            "bills": deliveries(
                lambda day: [{"subscriber_id": "s", "bill_month": day, "amount_due": 1}]
            ),
        }
    )
    return tables


def chosen(
    engine: Engine,
    tables: Tables,
    as_of: date = AS_OF,
    time: TimeSettings = TIME,
    max_age: int | None = None,
    definition: LabelDefinition = DEFAULT,
    **given: Any,
) -> Calendar:
    """Choose the calendar as a recipe does."""
    settings = PanelSettings(**given)
    rows = engine.to_arrow(first_days(tables.known_at(as_of), settings)).to_pylist()
    return calendar(
        tables,
        as_of,
        rows,
        settings=settings,
        time=time,
        definition=definition,
        max_age=max_age,
    )


def test_two_years_are_all_used(engine: Engine, rows_as_tables: Any) -> None:
    """Every snapshot with a whole lookback and final labels; the others with their reason."""
    found = chosen(engine, monthly(rows_as_tables))
    assert [f"{day:%Y-%m}" for day in found.snapshots] == [
        f"{add_months(date(2024, 7, 1), month):%Y-%m}" for month in range(16)
    ]
    assert {day.day for day in found.snapshots} == {5}
    assert [(f"{one.snapshot:%Y-%m}", one.why) for one in found.dropped] == [
        ("2024-06", "too little history"),
        ("2025-11", "labels not final"),
        ("2025-12", "labels not final"),
        ("2026-01", "labels not final"),
    ]


def test_a_rolling_window_builds_no_more_than_it_may_need(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Three may test and three calibrate, each by the latest two closed: the others are named."""
    found = chosen(engine, monthly(rows_as_tables), train=2)
    assert f"{found.snapshots[0]:%Y-%m}" == "2025-01"
    unreached = [drop.snapshot for drop in found.dropped if drop.why == "in no rolling window"]
    assert [f"{day:%Y-%m}" for day in unreached] == [f"2024-{month:02}" for month in range(7, 13)]


def events_and(rows_as_tables: Any, **tables: Any) -> Tables:
    """Deliver status events and subscribers as soon as they happen, and tables as given."""
    made: Tables = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": "s", "activated_on": "2020-01-01"}],
            "status_events": [
                {"subscriber_id": "s", "effective_at": "2020-01-01", "status": "在用"}
            ],
            **tables,
        }
    )
    return made


def bill_months(start: date, months: int) -> list[dict[str, Any]]:
    """Write one bill a month."""
    days = [add_months(start, month) for month in range(months)]
    return [{"subscriber_id": "s", "bill_month": day, "amount_due": 1} for day in days]


def test_training_replays_the_age_that_data_has_on_nights(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Bills come twelve days after their month: on the 5th the last but one is the newest.

    Every snapshot lies on the 5th too, and sees bills exactly as old as the night does: not the
    bill of the month before, though it was delivered long before the training.
    """
    bills = [
        (add_months(row["bill_month"], 1) + timedelta(12), month_end(row["bill_month"]), [row])
        for row in bill_months(START, 24)
    ]
    tables = events_and(rows_as_tables, bills=bills)
    found = chosen(engine, tables)
    seen = {
        day: tables.known_at(day).observed_through("bills") for day in (AS_OF, *found.snapshots)
    }
    assert len(seen) > 12
    assert {day.day for day in seen} == {5}
    assert seen == {day: add_months(day.replace(day=1), -1) - timedelta(1) for day in seen}
    ends = {day: tables.known_at(day).window("bills", 180).end for day in seen}
    assert ends == {day: through + timedelta(1) for day, through in seen.items()}


def test_the_31st_is_replayed_on_the_last_days_of_shorter_months(
    engine: Engine, rows_as_tables: Any
) -> None:
    """A night of the 31st has no fellow in April: its last day stands for it, once."""
    found = chosen(engine, events_and(rows_as_tables), date(2026, 1, 31))
    days = found.snapshots[-14:]
    assert [day.day for day in days] == [month_end(day).day for day in days]
    assert len({(day.year, day.month) for day in days}) == len(days)


def test_history_delivered_later_was_not_there_to_look_back_on(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Bills of 2024 that came in June 2025 lend no memory to the snapshots before that."""
    regular = [
        (add_months(row["bill_month"], 1), month_end(row["bill_month"]), [row])
        for row in bill_months(date(2025, 1, 1), 12)
    ]
    backfill = ("2025-06-03", "2024-12-31", bill_months(START, 12))
    late = chosen(engine, events_and(rows_as_tables, bills=[*regular, backfill]))
    assert min(late.snapshots) == date(2025, 6, 5)


def test_an_initial_load_is_looked_back_on_before_its_extraction(
    engine: Engine, rows_as_tables: Any
) -> None:
    """What days before the extraction are assumed to have known counts as their history."""
    load = {
        "delivered_on": "2026-01-01",
        "covers_until": "2025-12-31",
        "assumed_lag": 5,
        "rows": bill_months(START, 24),
    }
    found = chosen(engine, events_and(rows_as_tables, bills=[load]))
    assert min(found.snapshots) == date(2024, 7, 5)


def test_a_snapshot_from_data_too_old_for_a_night_is_left_out(
    engine: Engine, rows_as_tables: Any
) -> None:
    """Bills that did not come in spring 2025: nights would have been refused, and so are they."""
    bills = [
        (
            max(add_months(row["bill_month"], 1), date(2025, 6, 6)).isoformat()
            if date(2025, 2, 1) <= row["bill_month"] < date(2025, 6, 1)
            else add_months(row["bill_month"], 1),
            month_end(row["bill_month"]),
            [row],
        )
        for row in bill_months(START, 24)
    ]
    tables = events_and(rows_as_tables, bills=bills)
    found = chosen(engine, tables, max_age=45)
    old = [one.snapshot for one in found.dropped if one.why == "data too old"]
    assert old == [date(2025, 4, 5), date(2025, 5, 5), date(2025, 6, 5)]
    assert not set(found.snapshots) & set(old)
    anyway = chosen(engine, tables)
    assert "data too old" not in {one.why for one in anyway.dropped}


@pytest.mark.parametrize("empty", [0, 2])
def test_a_header_alone_begins_a_history(engine: Engine, rows_as_tables: Any, empty: int) -> None:
    """Nobody was in arrears in the first months: their files tell as much as later ones do."""
    arrears = [
        (
            add_months(row["bill_month"], 1),
            month_end(row["bill_month"]),
            []
            if at < empty
            else [{"subscriber_id": "s", "as_of": row["bill_month"], "amount_overdue": 1}],
        )
        for at, row in enumerate(bill_months(START, 24))
    ]
    found = chosen(engine, events_and(rows_as_tables, arrears=arrears))
    assert min(found.snapshots) == date(2024, 7, 5)


@pytest.mark.parametrize("constant", [(), ("contract_ends_on",)])
def test_a_snapshot_that_did_not_know_what_the_definition_needs_is_left_out(
    engine: Engine, rows_as_tables: Any, constant: tuple[str, ...]
) -> None:
    """Contract lapse on books extracted in 2025-05, which tell no earlier day of contract ends."""
    load = {
        "delivered_on": "2025-05-01",
        "covers_until": "2025-04-30",
        "assumed_lag": 0,
        "current_state": ("contract_ends_on",),
        "constant": constant,
        "rows": [{"subscriber_id": "s", "activated_on": "2020-01-01"}],
    }
    later = ("2026-01-05", "2026-01-04", load["rows"])
    tables = events_and(rows_as_tables, bills=bill_months(START, 24), subscribers=[load, later])
    found = chosen(engine, tables, definition=LabelSettings(definition="contract_lapse").chosen)
    blind = [one.snapshot for one in found.dropped if one.why.startswith("columns")]
    used = min(found.snapshots)
    if constant:
        assert (blind, used) == ([], date(2024, 7, 5))
    else:
        assert (max(blind), used) == (date(2025, 4, 5), date(2025, 5, 5))
    with pytest.raises(ExtractError, match="columns of the definition unknown"):
        chosen(
            engine,
            events_and(
                rows_as_tables,
                bills=bill_months(START, 24),
                subscribers=[{**load, "delivered_on": "2025-12-20", "constant": ()}, later],
            ),
            definition=LabelSettings(definition="contract_lapse").chosen,
        )


@pytest.mark.parametrize(
    ("months", "as_of", "remedy"),
    [
        (5, date(2024, 6, 5), "deliver earlier history"),
        (8, date(2024, 9, 5), "deliver later status events"),
    ],
)
def test_too_little_history_is_an_error_with_its_remedy(
    months: int, as_of: date, remedy: str, engine: Engine, rows_as_tables: Any
) -> None:
    """The error tells a history that begins too late from labels that are not final yet."""
    with pytest.raises(ExtractError) as caught:
        chosen(engine, monthly(rows_as_tables, months), as_of)
    assert "180 days of history (history begins 2024-01-01) and 75 days" in caught.value.what
    assert caught.value.do.startswith(remedy)


def test_impossible_settings_are_refused() -> None:
    """History tables must exist."""
    with pytest.raises(ValidationError, match="there is no table billz"):
        PanelSettings(history_tables=("billz",))
