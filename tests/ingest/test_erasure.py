"""Who was erased: out of the tables, and kept out of whatever is delivered later."""

from __future__ import annotations

import json

import pytest

from churn.errors import SettingsError, StorageError
from churn.ingest import hashed_id
from churn.ingest.corrections import Corrections
from churn.ingest.erasure import (
    Erased,
    erase_corrections,
    erase_from_map,
    erase_raw,
    erase_rows,
)

CALLS = (
    "subscriber_id,started_at,peer_id,seconds\n"
    "anna,2025-01-02 10:00:00,bert,5\nbert,2025-01-02 11:00:00,anna,6\n"
    "bert,2025-01-03 11:00:00,,7\nanna,soon,,8\nbert,soon,,9\n"
)


def _hash(operator, name):
    return hashed_id(operator.id_key, name)


@pytest.fixture
def calls(operator):
    """Deliver calls of two, two of them damaged."""
    operator.map("calls", max_rejected=1)
    operator.deliver("calls_202501_20250203.csv", CALLS)
    return operator


def _as_expected(operator):
    bert = _hash(operator, "bert")
    assert operator.rows("calls", "subscriber_id", "peer_id", "seconds") == [
        (bert, None, 6),
        (bert, None, 7),
    ]
    raw = [record[3] for record in operator.quarantined("calls")]
    assert [each.startswith(b"bert") for each in raw] == [False, True]
    assert raw[0] == b""
    assert [row["id"] for row in operator.id_map()] == ["bert"]


def test_before_and_after_say_the_same(calls):
    """Erased from tables that are there, or kept out of those to come: the same rows are left.

    Others' rows stay, without the other side; the record set aside keeps its place and count.
    """
    erased = Erased(frozenset({_hash(calls, "anna")}), calls.id_key)
    calls.ingest()
    assert erase_rows(calls.workspace, erased) == {"calls": 2}
    assert erase_raw(calls.workspace, erased) == 1
    assert erase_from_map(calls.workspace.personal / "id_map.parquet", erased) == 1
    _as_expected(calls)
    assert erase_rows(calls.workspace, erased) == {}
    erased.write(calls.workspace.personal)
    report = calls.ingest(code_version="2")
    assert (report.accepted, report.quarantined) == (3, 2), "what was delivered still adds up"
    _as_expected(calls)


def test_a_correction_of_the_erased_is_forgotten(operator):
    """Else the record would come back as it was corrected."""
    personal = operator.workspace.personal
    Corrections({"f": {1: "anna,2025-01-02", 2: "bert,2025-01-02"}, "g": {1: "anna"}}).write(
        personal
    )
    erased = Erased(frozenset({_hash(operator, "anna")}), operator.id_key)
    assert erase_corrections(personal, erased) == 2
    assert Corrections.read(personal).files == {"f": {2: "bert,2025-01-02"}}


@pytest.mark.parametrize(
    ("raw", "blank"),
    [
        (b"1;anna;x", True),
        (b'{"id": "anna"}', True),
        ("anna\t5".encode("utf-16-le"), True),
        (b"annabel,5", False),
        ("李,anna,5".encode("gb18030"), True),
    ],
)
def test_words_of_a_raw_record(raw, blank):
    """An identifier is found as a word, between any delimiters, in any encoding of its letters."""
    erased = Erased(frozenset({hashed_id("k", "anna")}), "k")
    assert (erased.blank(raw) == b"") is blank
    assert Erased(frozenset(), "k").blank(raw) == raw


def test_tombstones_that_cannot_be_read(operator):
    """Without them the erased would come back: refused, under another key too."""
    personal = operator.workspace.personal
    Erased(frozenset({"a"}), "one").write(personal)
    assert Erased.read(personal, "one").ids == {"a"}
    with pytest.raises(SettingsError, match="1 identifiers were erased"):
        Erased.read(personal, "two")
    (personal / "erased.json").write_text(json.dumps({"version": 9}))
    with pytest.raises(StorageError, match="cannot be read"):
        Erased.read(personal, "one")
