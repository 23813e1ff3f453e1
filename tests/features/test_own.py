"""Features of the operator's own: declared in the settings, made of a query or a function."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from churn import features
from churn.audit.cuts import cut
from churn.engines import Engine
from churn.errors import SettingsError
from churn.features import FAMILIES, FeatureSettings

DAY = date(2025, 7, 1)
PAGE = (Path(__file__).parents[2] / "docs" / "own-features.md").read_text("utf-8")
ALLOWED = FeatureSettings(traffic_basis="consent")


def block(language: str) -> str:
    """Return the page's block in a language."""
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(text)


SHOWN = FeatureSettings.model_validate(yaml.safe_load(block("yaml"))["features"])
SOURCES = {"long_calls": block("sql"), "bonus": block("python")}


@pytest.mark.every_engine
def test_the_worked_example_works(engine: Engine, rows_as_tables: Any) -> None:
    """A query and a function: windows end where deliveries do, and nobody else gets a value."""
    told = (("06-08", 599), ("06-09", 600), ("04-02", 900), ("07-01", 900), ("04-01", 900))
    calls = [
        {"subscriber_id": "s", "started_at": f"2025-{day} 10:00", "kind": "voice", "seconds": long}
        for day, long in told
    ]
    bills = [
        {"subscriber_id": "s", "bill_month": f"2025-0{m}-01", "amount_due": 10 * m, "recurring": 40}
        for m in (3, 4, 5, 6)
    ]
    people = [{"subscriber_id": "s"}, {"subscriber_id": "t"}]
    tables = rows_as_tables({"subscribers": people, "calls": calls, "bills": bills})
    own = features.families(SHOWN, SOURCES, ())[-2:]
    for known in (tables.known_at(DAY), cut(tables, DAY).known_at(DAY)):  # as the audit rebuilds it
        table = features.build(known, known.subscribers, families=own)
        rows = {row.pop("subscriber_id"): row for row in engine.to_arrow(table).to_pylist()}
        assert rows == {
            "s": {"long_calls_90d": 2, "long_call_minutes_90d": 25, "bills_above_fees_6m": 2},
            "t": {"long_calls_90d": 0, "long_call_minutes_90d": None, "bills_above_fees_6m": 0},
        }


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("SELECT FROM WHERE", "cannot be read"),
        ("DROP TABLE calls", "holds no SELECT"),
        ("SELECT subscriber_id FROM bills", "it reads bills"),
        ("SELECT * FROM read_parquet('x')", "it reads"),
        ("SELECT subscriber_id, now() AS long_calls_90d FROM calls", "clock"),
        ("SELECT subscriber_id, :today AS long_calls_90d FROM calls", "there is no :today"),
        ("SELECT subscriber_id FROM calls", "have no column long_call_minutes_90d"),
        ("SELECT subscriber_id, secs FROM calls", "does not run"),
    ],
)
def test_a_query_is_refused_by_what_is_wrong(source: str, told: str, rows_as_tables: Any) -> None:
    """Each with the file and what to do, before any row is read."""
    known = rows_as_tables({"subscribers": [{"subscriber_id": "s"}], "calls": []}).known_at(DAY)
    with pytest.raises(SettingsError, match=told) as caught:
        own = features.families(SHOWN, SOURCES | {"long_calls": source}, ())[-2:]
        features.build(known, known.subscribers, families=own)
    assert caught.value.do


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def build(view:\n", "SyntaxError, line 1"),
        ("1 / 0", "ZeroDivisionError"),
        ("made = 1", "no function build"),
        ("def build(view):\n    raise KeyError('a name')", "it ended with KeyError\\n"),
    ],
)
def test_a_function_is_refused_by_what_is_wrong(
    source: str, told: str, rows_as_tables: Any
) -> None:
    """The kind of error is told, never its words: they may hold values."""
    known = rows_as_tables({"subscribers": [{"subscriber_id": "s"}]}).known_at(DAY)
    with pytest.raises(SettingsError, match=told):
        own = features.families(SHOWN, SOURCES | {"bonus": source}, ())[-2:]
        features.build(known, known.subscribers, families=own)


def test_names_are_nobody_elses() -> None:
    """Neither a shipped feature's, nor a column's of the panel, nor a shipped family's."""
    family = SHOWN.own[0]
    twice = family.model_copy(update={"name": "again"})
    with pytest.raises(SettingsError, match="long_call_minutes_90d already"):
        features.families(
            SHOWN.model_copy(update={"own": (family, twice)}),
            {"long_calls": block("sql"), "again": block("sql")},
            (),
        )
    with pytest.raises(SettingsError, match="long_call_minutes_90d already"):
        features.families(SHOWN, SOURCES, ("long_call_minutes_90d",))
    with pytest.raises(SettingsError, match="bill_last already"):
        named = family.features[0].model_copy(update={"name": "bill_last"})
        one = SHOWN.model_copy(update={"own": (family.model_copy(update={"features": (named,)}),)})
        features.families(one, SOURCES, ())
    calls = family.model_copy(update={"name": "calls"})
    with pytest.raises(SettingsError, match="family called calls"):
        features.families(SHOWN.model_copy(update={"own": (calls,)}), {"calls": ""}, ())
    with pytest.raises(ValueError, match="stands twice"):
        FeatureSettings(own=(family, family))
    with pytest.raises(ValueError, match="no table that features may read"):
        family.model_validate(family.model_dump() | {"needs": ["contact_details"]})


def test_the_text_of_a_file_is_part_of_the_version() -> None:
    """So is the calendar; the words of a legal basis are not, only that there is one."""
    one = SHOWN.version(SOURCES)
    assert one == SHOWN.version(dict(SOURCES))
    assert one != SHOWN.version(SOURCES | {"bonus": "other"})
    assert one != SHOWN.model_copy(update={"spring_festival": False}).version(SOURCES)
    assert ALLOWED.version({}) == FeatureSettings(traffic_basis="contract").version({})
    assert ALLOWED.version({}) != FeatureSettings().version({})


def test_whom_people_call_is_left_out_without_a_basis() -> None:
    """Every other family is there; with a basis all are."""
    without = [family.name for family in features.families(FeatureSettings(), {}, ())]
    allowed = [family.name for family in features.families(ALLOWED, {}, ())]
    assert allowed == [family.name for family in FAMILIES]
    assert without == [name for name in allowed if name not in ("peers", "re_entry")]
