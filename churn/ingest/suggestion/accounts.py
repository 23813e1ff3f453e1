"""What came per account: a view divides it among the account's lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from churn.ingest.suggestion.dating import Dating
from churn.ingest.suggestion.filling import Filled, Pick
from churn.ingest.suggestion.owners import MONTH, in_time, lines_of, numbered, since
from churn.ingest.suggestion.profiles import DOUBLED
from churn.ingest.suggestion.proposals import Line, Source, View
from churn.ingest.suggestion.sql import SPELT, number_of, quoted
from churn.language import Text

#: Tables whose rows may tell of an account. Use and money are divided; an id of a ticket becomes
#: one of the ticket and the line, since each line has one of its own.
DIVISIBLE = (
    "bills", "arrears", "recharges", "status_events", "notices", "usage_monthly", "complaints",
    "faults", "service_orders", "surveys",
)  # fmt: skip


def divided(
    filled: Filled, source: Source, books: Filled, dating: Dating, ended: Pick | None, before: int
) -> Source:
    """Read what came per account through a view that divides it; any other source as it is.

    Parameters
    ----------
    dating
        How the subscribers' files were delivered: with each file the lines of its own period.
    ended
        The column of the subscribers' file with the day on which a line ended, if there is one.
    before
        How many sources the table has already.
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
    ) | dict.fromkeys(header for header in source.only if header != mine)
    names = {filled.picks[name].profile.header: table[name].type for name in shares}
    cast = {filled.picks[name].profile.header: filled.picks[name] for name in shares}
    own = [n for n in table.key if n != "subscriber_id" and table[n].unit == "id"]
    ids = {filled.picks[name].profile.header for name in own if name in filled.picks}
    for header in headers:
        column = filled.computed.get(header, f"b.{quoted(header)}")
        if header in ids:
            column = f"{column} || '-' || l.{quoted(key)}"
        if header in cast:
            how = cast[header].reading.how
            whole = names[header].startswith("int") or how.get("unit") == "hundredths"
            digits = 0 if whole else 2
            column = (
                f"round({number_of(column, how)} / count(*) OVER (PARTITION BY {within}), {digits})"
            )
            column = f"CAST({column} AS BIGINT)" if names[header].startswith("int") else column
        columns.append(f"{column} AS {quoted(header)}")
    on = [f"b.{quoted(mine)} = l.{quoted(filled.account)}"]
    on += in_time(filled, books, ended, MONTH) if not dating.placeholders else []
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
        "lines": {
            **lines_of(books, dating),
            **(since(dating, 1) if table.name == "status_events" else {}),
            "once": [key, filled.account],
        },
    }
    return replace(
        source,
        lines=lines,
        only={h: v for h, v in source.only.items() if h != mine},
        doubts=tuple(doubt for doubt in source.doubts if doubt not in filled.doubts),
        view=View(numbered(f"{table.name}_of_lines", before), query, told, inputs),
    )


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
    """Tell that hardly two rows of a file are about the same account and time."""
    return repeated(filled) <= DOUBLED


def repeated(filled: Filled) -> float:
    """Return the share of a file's rows beyond the first about the same account and time."""
    rows = filled.look.rows
    places = [filled.look.header.index(header) for header in _row(filled)]
    keys = rows.select([*(str(place) for place in places), "file"])
    return 1 - len(keys.group_by(keys.column_names).aggregate([])) / max(1, len(keys))


def _is_divided(filled: Filled, name: str, pick: Pick) -> bool:
    column = filled.table[name]
    counted = filled.table.name == "usage_monthly" and column.type.startswith(("decimal", "int"))
    return (column.unit == "currency" or counted) and bool(len(pick.profile.distinct))


def _line(line: Line, key: str, named: str, mine: str, shares: Sequence[str]) -> Line:
    if line.target == "subscriber_id":
        of = Text(f"{key} of the lines of {mine}", f"{mine}下各用户的{key}")
        return replace(line, value=named, evidence=(of,), doubts=())
    return line.without(*SPELT, "round") if line.target in shares else line
