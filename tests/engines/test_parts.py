"""Which parts of a query are computed once although several places read them."""

from __future__ import annotations

import sqlglot

from churn.engines.parts import read_again, without_parts

GROUPED = "SELECT k, SUM(v) AS v FROM rows GROUP BY k"


def _kept(query: str) -> set[str]:
    return read_again(sqlglot.parse_one(query))


def test_what_is_read_twice_is_kept() -> None:
    """A sum that two places read; not one that is read once, nor a mere filter."""
    assert _kept(f"WITH a AS ({GROUPED}) SELECT * FROM a JOIN a AS b USING (k)") == {"a"}
    assert _kept(f"WITH a AS ({GROUPED}) SELECT * FROM a") == set()
    filtered = "SELECT * FROM rows WHERE v > 0"
    assert _kept(f"WITH a AS ({filtered}) SELECT * FROM a JOIN a AS b USING (k)") == set()


def test_what_is_read_once_by_what_runs_twice_is_kept() -> None:
    """A filter that two places read runs twice, and with it the sum below."""
    query = (
        f"WITH a AS ({GROUPED}), b AS (SELECT * FROM a WHERE v > 0)"
        " SELECT * FROM b JOIN b AS c USING (k)"
    )
    assert _kept(query) == {"a"}


def test_what_is_read_once_by_what_is_kept_is_not_kept() -> None:
    """It runs once, for the part that is."""
    query = (
        f"WITH a AS ({GROUPED}), b AS (SELECT v, COUNT(*) AS n FROM a GROUP BY v)"
        " SELECT * FROM b JOIN b AS c USING (v)"
    )
    assert _kept(query) == {"b"}


def test_a_query_without_parts_is_itself() -> None:
    """Nothing is kept of it, and nothing left out."""
    assert _kept(GROUPED) == set()
    assert without_parts(sqlglot.parse_one(GROUPED)).sql() == GROUPED
    query = sqlglot.parse_one(f"WITH a AS ({GROUPED}) SELECT * FROM a")
    assert without_parts(query).sql() == "SELECT * FROM a"
    assert query.ctes
