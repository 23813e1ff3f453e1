"""What came per account: a view divides it among the account's lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.dating import Dating
from churn.ingest.suggestion.filling import Filled, Pick
from churn.ingest.suggestion.proposals import Line, Source, View
from churn.ingest.suggestion.sql import literal, quoted
from churn.language import Text

#: Tables whose rows may tell of an account: none of them has a key that would stand twice.
DIVISIBLE = ("bills", "arrears", "recharges", "status_events", "notices")
#: How days are written: the pieces of year and month in them, as place and length.
_PLACES = {
    "%Y%m%d": ((1, 4), (5, 2)), "%Y%m%d%H%M%S": ((1, 4), (5, 2)), "%Y%m": ((1, 4), (5, 2)),
    "%Y-%m-%d": ((1, 4), (6, 2)), "%Y-%m": ((1, 4), (6, 2)), "%Y/%m/%d": ((1, 4), (6, 2)),
    "%d/%m/%Y": ((7, 4), (4, 2)), "%d.%m.%Y": ((7, 4), (4, 2)), "%d-%m-%Y": ((7, 4), (4, 2)),
    "%m/%d/%Y": ((7, 4), (1, 2)), "%m-%d-%Y": ((7, 4), (1, 2)), "%m/%Y": ((4, 4), (1, 2)),
}  # fmt: skip
_PADDED = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}"}
_PARTS = ("decimal", "thousands", "affix", "round")


def divided(filled: Filled, source: Source, books: Filled, dating: Dating, ended: Any) -> Source:
    """Read what came per account through a view that divides it; any other source as it is.

    Parameters
    ----------
    dating
        How the subscribers' files were delivered: with each file the lines of its own period.
    ended
        The column of the subscribers' file with the day on which a line ended, if there is one.
    """
    if filled.account is None:
        return source
    table, key = filled.table, books.picks["subscriber_id"].profile.header
    mine = filled.picks["subscriber_id"].profile.header
    shares = [n for n, pick in filled.picks.items() if _is_divided(filled, n, pick)]
    within = ", ".join(f"b.{quoted(h)}" for h in _row(filled))
    line = key if key.lower() not in {h.lower() for h in filled.look.header} else "line_of_account"
    columns = [f"l.{quoted(key)} AS {quoted(line)}"]
    headers = dict.fromkeys(
        p.profile.header for n, p in filled.picks.items() if n != "subscriber_id"
    )
    cast = {filled.picks[name].profile.header: filled.picks[name] for name in shares}
    for header in headers:
        column = f"b.{quoted(header)}"
        if header in cast:
            how = cast[header].reading.how
            digits = 0 if how.get("unit") == "hundredths" else 2
            column = (
                f"round({_number(column, how)} / count(*) OVER (PARTITION BY {within}), {digits})"
            )
        columns.append(f"{column} AS {quoted(header)}")
    on = [f"b.{quoted(mine)} = l.{quoted(filled.account)}"]
    on += _in_time(filled, books, ended) if not dating.placeholders else []
    query = f"SELECT {', '.join(columns)} FROM accounts AS b JOIN lines AS l ON {' AND '.join(on)}"
    told = Text(
        "came per account: amounts are divided among its lines, all else is told of each",
        "按账户交付：金额在账户的各用户间均摊，其余各列照录",
    )
    lines = tuple(_line(each, key, line, mine, shares) for each in source.lines)
    inputs: dict[str, Mapping[str, Any]] = {
        "accounts": {
            "files": filled.look.batch.pattern(
                source.dating.placeholders if not source.load else ()
            ),
            **filled.look.options,
        },
        "lines": _lines_of(books, dating),
    }
    return replace(
        source,
        lines=lines,
        only={},
        doubts=tuple(filled.look.doubts),
        view=View(f"{table.name}_of_lines", query, told, inputs),
    )


def _lines_of(books: Filled, dating: Dating) -> Mapping[str, Any]:
    """Return the input of the subscribers' files: one, or that which belongs to each delivery."""
    batch = books.look.batch
    if not dating.placeholders:
        return {"files": batch.pattern(), **books.look.options}
    beside: dict[str, Any] = {
        "files": batch.pattern(dating.placeholders),
        "name": batch.name(dating.placeholders),
    }
    if dating.days_after is not None:
        beside["delivered_on"] = {"days_after_period": dating.days_after}
    return {**beside, **books.look.options}


def _row(filled: Filled) -> tuple[str, ...]:
    """Return the headers that tell the rows of a file apart, the account first."""
    names = [n for n in filled.table.key if n in filled.picks and n != "delivered_on"]
    when = filled.table.occurs_on
    if "subscriber_id" not in names:
        names.insert(0, "subscriber_id")
    if when and when in filled.picks and when not in names:
        names.append(when)
    return tuple(filled.picks[name].profile.header for name in names)


def stands_once(filled: Filled) -> bool:
    """Tell that no two rows of a file are about the same account and time."""
    return repeated(filled) == 0


def repeated(filled: Filled) -> float:
    """Return the share of a file's rows beyond the first about the same account and time."""
    rows = filled.look.rows
    places = [filled.look.header.index(header) for header in _row(filled)]
    keys = rows.select([*(str(place) for place in places), "file"])
    return 1 - len(keys.group_by(keys.column_names).aggregate([])) / max(1, len(keys))


def _is_divided(filled: Filled, name: str, pick: Pick) -> bool:
    return filled.table[name].unit == "currency" and bool(len(pick.profile.distinct))


def _number(column: str, how: Mapping[str, Any]) -> str:
    """Return the number that a text of a known spelling is."""
    text = column
    for mark in (how.get("affix"), how.get("thousands")):
        if mark:
            text = f"replace({text}, {literal(mark)}, '')"
    if "decimal" in how:
        text = f"replace({text}, {literal(how['decimal'])}, '.')"
    return f"CAST({text if text == column else f'trim({text})'} AS DECIMAL(18, 4))"


def _in_time(filled: Filled, books: Filled, ended: Any) -> list[str]:
    """Return what keeps lines out that were not there yet, or not any more, in a row's month."""
    when = filled.picks.get(filled.table.occurs_on or "")
    month = _month("b", when) if when is not None else None
    begun = books.picks.get("activated_on")
    if month is None or begun is None:
        return []
    conditions = []
    first = _month("l", begun)
    if first is not None:
        header = f"l.{quoted(begun.profile.header)}"
        conditions.append(f"({header} IS NULL OR {first} <= {month})")
    last = _month("l", ended) if ended is not None else None
    if last is not None:
        header = f"l.{quoted(ended.profile.header)}"
        conditions.append(f"({header} IS NULL OR {last} >= {month})")
    return conditions


def _month(alias: str, pick: Pick) -> str | None:
    """Return the month of a day as text, year first; None where its digits have no fixed places."""
    text = str(pick.reading.how.get("format", ""))
    values: pa.Array = pick.profile.distinct
    for known in [text] if text else ["%Y-%m-%d", "%Y-%m", "%Y%m"]:
        pattern = re.sub(r"%(.)", lambda piece: _PADDED[piece[1]], known.replace(".", r"\."))
        fixed = known in _PLACES and pc.all(
            pc.match_substring_regex(values, rf"^{pattern}(?:[ T].*)?$")
        )
        if fixed and fixed.as_py():
            column = f"{alias}.{quoted(pick.profile.header)}"
            return " || ".join(
                f"substring({column}, {at}, {length})" for at, length in _PLACES[known]
            )
    return None


def _line(line: Line, key: str, named: str, mine: str, shares: Sequence[str]) -> Line:
    if line.target == "subscriber_id":
        of = Text(f"{key} of the lines of {mine}", f"{mine}下各用户的{key}")
        return replace(line, value=named, evidence=(of,), doubts=())
    if line.target not in shares or not isinstance(line.value, dict):
        return line
    value = {k: v for k, v in line.value.items() if k not in _PARTS}
    return replace(line, value=value if len(value) > 1 else value["from"])
