"""Rows that name lines by another column of the books, as a telephone number: a view puts ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow.compute as pc

from churn.ingest.suggestion.dating import Dating
from churn.ingest.suggestion.filling import Filled, Pick
from churn.ingest.suggestion.profiles import PLAIN_NULLS
from churn.ingest.suggestion.proposals import Line, Source, View
from churn.ingest.suggestion.sql import quoted
from churn.language import Text

#: How days are written: the pieces of year, month and day in them, as place and length.
_PLACES = {
    "%Y%m%d": ((1, 4), (5, 2), (7, 2)), "%Y%m%d%H%M%S": ((1, 4), (5, 2), (7, 2)),
    "%Y-%m-%d": ((1, 4), (6, 2), (9, 2)), "%Y/%m/%d": ((1, 4), (6, 2), (9, 2)),
    "%d/%m/%Y": ((7, 4), (4, 2), (1, 2)), "%d.%m.%Y": ((7, 4), (4, 2), (1, 2)),
    "%d-%m-%Y": ((7, 4), (4, 2), (1, 2)), "%m/%d/%Y": ((7, 4), (1, 2), (4, 2)),
    "%m-%d-%Y": ((7, 4), (1, 2), (4, 2)),
    "%Y%m": ((1, 4), (5, 2)), "%Y-%m": ((1, 4), (6, 2)), "%m/%Y": ((4, 4), (1, 2)),
}  # fmt: skip
_PADDED = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}"}
MONTH, DAY = 2, 3  # pieces of a day, from the year on
OWN = "own_line"  # what a view calls the id where the files call something else by its name


@dataclass(frozen=True)
class Owner:
    """Whose the rows ``b`` of a view's first input are.

    Attributes
    ----------
    ids
        Header: the id of the line that its values name, as SQL; that of the rows themselves first.
    name
        What the view calls the subscriber's id.
    joins, inputs
        What is joined for it, after the first input.
    line
        The line of the settings that names it; None where the files hold the id itself.
    in_turn
        Whether several lines may be joined to a row, each had the number at some time.
    """

    ids: Mapping[str, str]
    name: str
    joins: str = ""
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    line: Line | None = None
    in_turn: bool = False
    doubts: tuple[Text, ...] = ()

    @property
    def id(self) -> str:
        """The subscriber's id as SQL."""
        return next(iter(self.ids.values()))


def owner_of(filled: Filled, books: Filled | None, dating: Dating, ended: Pick | None) -> Owner:
    """Tell whose the rows of a batch are.

    Parameters
    ----------
    dating
        How the subscribers' files were delivered: with each file the lines of its own period.
    ended
        The column of the subscribers' file with the day on which a line ended, if there is one.
    """
    of = "subscriber_id" if "subscriber_id" in filled.picks else "customer_id"
    mine = filled.picks[of].profile.header
    if books is None or filled.named_by is None:
        return Owner({mine: f"b.{quoted(mine)}"}, mine)
    named = filled.named_by
    key = books.picks["subscriber_id"].profile.header
    name = key if key.lower() not in {h.lower() for h in filled.look.header} else OWN
    on = [f"{_number('b', mine, filled.ends)} = {_number('l', named.header, filled.ends)}"]
    alone = not named.again
    in_turn: list[str] = []
    for pieces in () if alone or ended is None else (DAY, MONTH):
        in_turn = in_turn or in_time(filled, books, ended, pieces)
    joins = f" LEFT JOIN lines AS l ON {' AND '.join([*on, *in_turn])}"
    register = lines_of(books, dating)
    inputs = {
        "lines": {
            **register,
            **since(dating, 1),
            "once": [*([key] if in_turn else []), named.header],
        }
    }
    ids = {mine: f"coalesce(l.{quoted(key)}, b.{quoted(mine)})"}
    if named.unique and "peer_id" in filled.picks:
        peer = filled.picks["peer_id"].profile.header
        peers = f"{_number('b', peer, filled.ends)} = {_number('p', named.header, filled.ends)}"
        joins += f" LEFT JOIN peers AS p ON {peers}"
        inputs["peers"] = {**register, "once": [named.header]}
        ids[peer] = f"coalesce(p.{quoted(key)}, b.{quoted(peer)})"
    told = Text(f"{key} of the line with this {named.header}", f"该{named.header}对应的{key}")
    ask = Text(
        f"several lines have the same {named.header}: a row goes to the one with the last id",
        f"多个用户的{named.header}相同：计入其中编号最大的用户",
    )
    apart = alone or in_turn
    line = Line("subscriber_id", name, (told,))
    return Owner(ids, name, joins, inputs, line, bool(in_turn), () if apart else (ask,))


def _number(alias: str, header: str, ends: int) -> str:
    """Return a number as SQL, or its last digits without what stands between them."""
    number = f"{alias}.{quoted(header)}"
    for sign in " -()." if ends else "":
        number = f"replace({number}, '{sign}', '')"
    return f"right({number}, {ends})" if ends else number


def owned(filled: Filled, source: Source, owner: Owner, before: int) -> Source:
    """Read rows that name lines by another column through a view; any other source as it is.

    Parameters
    ----------
    before
        How many sources the table has already.
    """
    if source.view is not None or not (filled.computed or owner.line is not None):
        return source
    headers = dict.fromkeys(
        pick.profile.header for name, pick in filled.picks.items() if name != "subscriber_id"
    ) | dict.fromkeys(h for h in source.only if h != filled.picks["subscriber_id"].profile.header)
    made = {**filled.computed, **owner.ids}
    columns = [f"{made.get(h, f'b.{quoted(h)}')} AS {quoted(h)}" for h in headers]
    once = owner.in_turn and bool(filled.table.key)  # whose keys would stand twice
    id_ = f"max({owner.id})" if once else owner.id
    mine = filled.picks["subscriber_id"].profile.header
    own = [h for h in headers if h in filled.computed]
    within = ", ".join(
        [
            *(filled.computed[h] for h in own),
            *(f"b.{quoted(h)}" for h in (mine, *headers) if h not in own),
        ]
    )
    query = (
        f"SELECT {', '.join([f'{id_} AS {quoted(owner.name)}', *columns])}"
        f" FROM records AS b{owner.joins}{f' GROUP BY {within}' if once else ''}"
    )
    told = _of_numbers(filled.named_by.header) if filled.named_by is not None else _MADE
    only = {owner.name if h == mine else h: values for h, values in source.only.items()}
    later = source.dating.placeholders if source.load is None else ()
    inputs = {"records": {"files": filled.look.batch.pattern(later), **source.options}}
    return replace(
        source,
        lines=mapped(source.lines, owner),
        doubts=(*source.doubts, *owner.doubts),
        only=only,
        view=View(numbered(f"{filled.table.name}_of_lines", before), query, told,
                  {**inputs, **owner.inputs}),
    )  # fmt: skip


_MADE = Text("a column is made of others", "由多列合成")


def _of_numbers(header: str) -> Text:
    return Text(
        f"its rows name lines by {header}: the id on the books takes its place",
        f"各行以{header}标识用户：替换为用户编号",
    )


def mapped(lines: tuple[Line, ...], owner: Owner) -> tuple[Line, ...]:
    """Return the lines of a source whose view puts the owner's id."""
    if owner.line is None:
        return lines
    return tuple(owner.line if line.target == "subscriber_id" else line for line in lines)


def numbered(name: str, before: int) -> str:
    """Return a view's name of its own, where a table has several."""
    return f"{name}_{before + 1}" if before else name


def lines_of(books: Filled, dating: Dating) -> Mapping[str, Any]:
    """Return the input of the subscribers' files: one, or that which belongs to each delivery.

    What says that there is no value, as that a line has not ended, is none for the view either.
    """
    batch = books.look.batch
    words = {word for profile in books.look.profiles for word in profile.missing}
    options = {**books.look.options, **({"nulls": [*PLAIN_NULLS, *sorted(words)]} if words else {})}
    if not dating.placeholders:
        return {"files": batch.pattern(), **options}
    beside: dict[str, Any] = {
        "files": batch.pattern(dating.placeholders),
        "name": batch.name(dating.placeholders),
    }
    if dating.days_after is not None:
        beside["delivered_on"] = {"days_after_period": dating.days_after}
    return {**beside, **options}


def since(dating: Dating, before: int) -> Mapping[str, Any]:
    """Return what reads some registers before a delivery's own: who ended may be in these alone."""
    return {"before": before} if dating.placeholders else {}


def in_time(filled: Filled, books: Filled, ended: Pick | None, pieces: int) -> list[str]:
    """Return what keeps lines out that were not there yet, or not any more, at a row's time.

    Parameters
    ----------
    pieces
        Of the day that are compared: :data:`MONTH` or :data:`DAY`.
    """
    when = filled.picks.get(filled.table.occurs_on or "")
    moment = _digits("b", when, pieces) if when is not None else None
    begun = books.picks.get("activated_on")
    if moment is None or begun is None:
        return []
    conditions = []
    first = _digits("l", begun, pieces)
    if first is not None:
        header = f"l.{quoted(begun.profile.header)}"
        conditions.append(f"({header} IS NULL OR {first} <= {moment})")
    last = _digits("l", ended, pieces) if ended is not None else None
    if last is not None and ended is not None:
        header = f"l.{quoted(ended.profile.header)}"
        conditions.append(f"({header} IS NULL OR {last} >= {moment})")
    told = first is not None and (ended is None or last is not None)
    return conditions if told else []


def _digits(alias: str, pick: Pick, pieces: int) -> str | None:
    """Return year, month and day of a day as text; None where its digits have no fixed places."""
    text = str(pick.reading.how.get("format", ""))
    values = pick.profile.distinct
    for known in [text] if text else ["%Y-%m-%d", "%Y-%m", "%Y%m"]:
        if len(_PLACES.get(known, ())) < pieces:
            continue
        pattern = re.sub(r"%(.)", lambda piece: _PADDED[piece[1]], known.replace(".", r"\."))
        fixed = pc.all(pc.match_substring_regex(values, rf"^{pattern}(?:[ T].*)?$"))
        if fixed.as_py():
            column = f"{alias}.{quoted(pick.profile.header)}"
            return " || ".join(
                f"substring({column}, {at}, {length})" for at, length in _PLACES[known][:pieces]
            )
    return None
