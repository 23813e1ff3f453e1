"""Extra columns: attributes of subscribers that no canonical column holds become features."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from churn import features
from churn.errors import SettingsError
from churn.ingest import deliveries, hashed_id
from churn.language import Text
from churn.tables import Attribute, Tables

LIMIT = {"from": "limit", "unit": "currency", "en": "credit limit", "zh": "信用额度"}
SEX = {
    "from": "sex",
    "codes": {"1": "m", "2": "f"},
    "unit": "class",
    "en": "sex",
    "zh": "性别",
    "words": {"m": {"en": "man", "zh": "男"}},
}
LOAD = {"covers_until": "2025-01-31", "assumed_lag": 0}
ONCE = {"files": "people.csv", "delivered_on": "2025-02-01", "columns": {"subscriber_id": "id"}}


def _people(operator, extra, body="a,100.5,1\nb,,2\n", **source):
    operator.map("subscribers", {**ONCE, "extra": extra, **source}, max_rejected=1.0)
    operator.deliver("people.csv", "id,limit,sex\n" + body)


def _features(operator, engine, day, attributes):
    tables = Tables(engine, deliveries(operator.workspace))
    known = tables.known_at(day)
    family = features.attributes_family(attributes)
    rows = features.build(known, known.subscribers, families=[family])
    return {
        row.pop("subscriber_id"): row
        for row in engine.to_arrow(rows, order_by=["subscriber_id"]).to_pylist()
    }


def test_they_are_stored_by_name_and_become_features(operator, engine):
    """A number stays exact in the table; the feature is float32, a class is text."""
    _people(operator, {"credit_limit": LIMIT, "sex": SEX})
    report = operator.ingest()
    assert {e.table: (e.delivered, e.accepted) for e in report.built} == {
        "subscribers": (2, 2),
        "attributes": (4, 4),
    }
    a, b = (hashed_id(operator.id_key, name) for name in "ab")
    assert set(operator.rows("attributes", "subscriber_id", "name", "number", "text")) == {
        (a, "credit_limit", Decimal("100.500000000"), None),
        (a, "sex", None, "m"),
        (b, "credit_limit", None, None),
        (b, "sex", None, "f"),
    }
    attributes = operator.settings().attributes
    assert attributes[1].words == {"m": Text("man", "男")}
    assert attributes[1].null_means == Text("sex not on record", "无性别记录")
    assert attributes[0] == Attribute("credit_limit", "currency", "credit limit", "信用额度")
    assert _features(operator, engine, date(2025, 3, 1), attributes) == {
        a: {"credit_limit": 100.5, "sex": "m"},
        b: {"credit_limit": None, "sex": "f"},
    }


def test_a_code_not_listed_is_set_aside_in_the_table_of_attributes_alone(operator):
    """A bad extra costs that value, not the subscriber."""
    _people(operator, {"sex": SEX}, "a,1,1\nb,1,7\n")
    report = operator.ingest()
    assert {e.table: (e.accepted, e.quarantined) for e in report.built} == {
        "subscribers": (2, 0),
        "attributes": (1, 1),
    }


def test_an_initial_load_hides_current_state_before_its_day(operator, engine):
    """By name, as for canonical columns: constants are known earlier, current state is not."""
    load = {**LOAD, "constant": ["sex"], "current_state": ["credit_limit"]}
    _people(operator, {"credit_limit": LIMIT, "sex": SEX}, initial_load=load)
    operator.ingest()
    attributes = operator.settings().attributes
    a = hashed_id(operator.id_key, "a")
    before = _features(operator, engine, date(2025, 1, 15), attributes)
    after = _features(operator, engine, date(2025, 2, 1), attributes)
    assert before[a] == {"credit_limit": None, "sex": "m"}
    assert after[a] == {"credit_limit": 100.5, "sex": "m"}


def test_a_later_delivery_replaces_the_values(operator, engine):
    """Extra columns are known as subscribers are: the whole table anew."""
    extra = {"credit_limit": LIMIT}
    operator.map("subscribers", {"columns": {"subscriber_id": "id"}, "extra": extra})
    operator.deliver("subscribers_202501_20250201.csv", "id,limit\na,1\nb,2\n")
    operator.deliver("subscribers_202502_20250301.csv", "id,limit\na,3\n")
    operator.ingest()
    attributes = operator.settings().attributes
    a, b = (hashed_id(operator.id_key, name) for name in "ab")
    first = _features(operator, engine, date(2025, 2, 15), attributes)
    second = _features(operator, engine, date(2025, 3, 15), attributes)
    assert first == {a: {"credit_limit": 1.0}, b: {"credit_limit": 2.0}}
    assert second == {a: {"credit_limit": 3.0}}


def test_words_may_change_without_reading_anything_again(operator):
    """What an analyst reads is no part of the tables."""
    _people(operator, {"credit_limit": LIMIT})
    operator.ingest()
    _people(operator, {"credit_limit": {**LIMIT, "en": "limit"}})
    assert operator.ingest().unchanged
    _people(operator, {"credit_limit": {**LIMIT, "scale": 2}})
    assert [entry.table for entry in operator.ingest().built] == ["attributes"]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"plan": LIMIT}, "plan is a column of subscribers: map it under `columns:`"),
        ({"Credit Limit": LIMIT}, "not lower case with underscores"),
        ({"limit": {**LIMIT, "unit": "metres"}}, "Input should be 'class', 'count'"),
        ({"limit": {**LIMIT, "zh": ""}}, "at least 1 character"),
        ({"limit": {**LIMIT, "words": {"1": {"en": "one", "zh": "一"}}}}, "only a class has"),
        ({"sex": {**SEX, "scale": 2}}, "they have no `scale:`"),
        ({"sex": {**SEX, "codes": {}, "scale": 2}}, "a class is a word"),
        ({"sex": {**SEX, "from": None}}, "either `from:` a header or is a `constant:`"),
    ],
)
def test_extra_columns_that_make_no_sense_are_refused(operator, extra, words):
    """Each mistake is named when the settings are read."""
    _people(operator, extra)
    with pytest.raises(ValidationError, match=words):
        operator.settings()


def test_an_initial_load_must_declare_them(operator):
    """What nobody has called constant or current state might give the outcome away."""
    _people(operator, {"sex": SEX}, initial_load=LOAD)
    with pytest.raises(ValidationError, match=r"subscribers\.sex comes from an initial load"):
        operator.settings()


def test_only_subscribers_have_them(operator):
    """They are attributes of the unit that is scored, and no table of one's own."""
    operator.map("bills", {"extra": {"sex": SEX}}, mode="append")
    with pytest.raises(ValidationError, match="attributes of subscribers: bills has none"):
        operator.settings()
    operator.tables = {}
    operator.map("attributes", {})
    with pytest.raises(ValidationError, match="list them there under `extra:`"):
        operator.settings()


def test_two_sources_must_mean_the_same(operator):
    """One name stands for one attribute."""
    other = {**ONCE, "files": "firms.csv", "extra": {"sex": {**SEX, "en": "gender"}}}
    operator.map("subscribers", {**ONCE, "extra": {"sex": SEX}}, other)
    with pytest.raises(ValidationError, match="sex means different things in two sources"):
        operator.settings()


def test_a_name_that_is_taken_is_refused():
    """No extra column may stand in for a column of the panel."""
    with pytest.raises(SettingsError, match="called outcome already"):
        features.attributes_family([Attribute("outcome", "flag", "x", "x")], {"outcome"})
