"""Parts of a whole, as the items of a bill or the invoices of a debt: a view adds them up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.accounts import repeated
from churn.ingest.suggestion.damage import totals_of
from churn.ingest.suggestion.filling import Filled, Pick
from churn.ingest.suggestion.owners import Owner, mapped, numbered
from churn.ingest.suggestion.proposals import Line, Source, View
from churn.ingest.suggestion.sql import SPELT, literal, number_of, quoted
from churn.language import Text

WHOLES = ("bills", "usage_monthly", "arrears")  # of one row a subscriber and month or day
OFTEN = 0.1  # share of rows beyond the first of a key from which they are parts of a whole
ONCE = 0.01  # share of the wholes whose parts may differ in what is told of the whole
INTEGER = r"^-?\d{1,15}$"
COUNTED = "bills_overdue"  # of a debt: the rows that make it


def in_parts(filled: Filled) -> bool:
    """Tell a batch whose rows are parts of what its table has one row of."""
    return filled.table.name in WHOLES and filled.account is None and repeated(filled) > OFTEN


def added(filled: Filled, source: Source, owner: Owner, before: int) -> Source:
    """Read parts through a view that adds them up; any other source as it is.

    Parameters
    ----------
    owner
        Whose the rows are.
    before
        How many sources the table has already.
    """
    if source.view is not None or not in_parts(filled):
        return source
    others = {name: p for name, p in filled.picks.items() if name not in filled.table.key}
    kept = {name: sql for name, pick in others.items() for sql in _whole(filled, name, pick)}
    keys = [filled.picks[n].profile.header for n in filled.table.key if n in filled.picks][1:]
    columns = [f"{owner.id} AS {quoted(owner.name)}"]
    columns += [f"b.{quoted(header)} AS {quoted(header)}" for header in keys]
    columns += [f"{sql} AS {quoted(others[name].profile.header)}" for name, sql in kept.items()]
    counts = filled.table.name == "arrears" and COUNTED not in others
    columns += [f"count(*) AS {COUNTED}"] if counts else []
    groups = ", ".join([owner.id, *(f"b.{quoted(header)}" for header in keys)])
    query = (
        f"SELECT {', '.join(columns)} FROM parts AS b{owner.joins}{without_totals(filled)}"
        f" GROUP BY {groups}"
    )
    key = ", ".join(name for name in filled.table.key if name in filled.picks)
    told = Text(f"rows of the same {key} are added up", f"{key}相同的各行相加")
    ask = Text(
        f"several rows have the same {key}: are they parts that add up?",
        f"多行的{key}相同：是否应相加？",
    )
    later = source.dating.placeholders if source.load is None else ()
    inputs = {"parts": {"files": filled.look.batch.pattern(later), **source.options}}
    lines = [
        line.without(*SPELT) if line.target in kept else line
        for line in mapped(source.lines, owner)
        if line.target not in others or line.target in kept
    ]
    if counts:
        lines.append(Line(COUNTED, COUNTED, (Text("the rows of a debt", "欠费的行数"),)))
    return replace(
        source,
        lines=tuple(lines),
        only={},
        doubts=(*source.doubts, ask, *owner.doubts),
        view=View(numbered(f"whole_{filled.table.name}", before), query, told,
                  {**inputs, **owner.inputs}),
    )  # fmt: skip


def summed_up(pick: Pick) -> str:
    """Return the sum of a column of a view's input ``b``, under its own name."""
    return f"{_sum(pick)} AS {quoted(pick.profile.header)}"


def without_totals(filled: Filled) -> str:
    """Return the condition that leaves out the lines below the rows that only add them up."""
    words = ", ".join(map(literal, totals_of(filled)))
    key = filled.picks["subscriber_id"].profile.header
    return f" WHERE b.{quoted(key)} NOT IN ({words})" if words else ""


def _sum(pick: Pick) -> str:
    return f"sum({_number(pick)})"


def _number(pick: Pick) -> str:
    whole = pc.all(pc.match_substring_regex(pick.profile.distinct, INTEGER)).as_py()
    kind = "BIGINT" if whole else "DECIMAL(18, 4)"
    return number_of(f"b.{quoted(pick.profile.header)}", pick.reading.how, kind)


def _whole(filled: Filled, name: str, pick: Pick) -> Iterator[str]:
    """Yield what a column says of the whole: money adds up, days overdue are those of the oldest.

    What else its parts do not agree about is none of the whole's.
    """
    if not len(pick.profile.distinct):
        return
    column = filled.table[name]
    if column.unit == "days":
        yield f"max({_number(pick)})"
    elif column.type.startswith(("decimal", "int")):
        yield _sum(pick)
    elif _agree(filled, pick):
        yield f"max(b.{quoted(pick.profile.header)})"


def _agree(filled: Filled, pick: Pick) -> bool:
    """Tell whether the parts of hardly any whole differ in a column."""
    rows = filled.look.rows
    keys = [filled.picks[n].profile.position for n in filled.table.key if n in filled.picks]
    names = [*(str(at) for at in keys), "file"]
    apart = pa.table(
        {**{n: rows.column(n) for n in names}, "told": rows.column(pick.profile.position)}
    )
    wholes = apart.group_by(names).aggregate([("told", "count_distinct")])["told_count_distinct"]
    return bool(pc.mean(pc.greater(wholes, 1).cast(pa.float64())).as_py() <= ONCE)
