"""What one column leaves open is decided by those beside it, for one system wrote them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow.compute as pc

from churn.ingest.suggestion.filling import FEN, Filled, Pick
from churn.language import Text

HUNDREDTHS = "hundredths"


def agreed(filled: Sequence[Filled]) -> tuple[Filled, ...]:
    """Read what fits two ways as the columns beside it are read, of the same file first."""
    every = _orders(pick for each in filled for pick in each.picks.values())
    fen = any(pick.reading.how.get("unit") == HUNDREDTHS for f in filled for pick in _amounts(f))
    return tuple(_priced(_ordered(each, every), fen=fen) for each in filled)


def _orders(picks: Iterable[Pick]) -> dict[str, str]:
    """Return which orders of day and month are told beyond doubt, each with a header that does."""
    orders: dict[str, str] = {}
    for pick in picks:
        order = _order(_format(pick))
        if order and not pick.reading.doubtful:
            orders.setdefault(order, pick.profile.header)
    return orders


def _format(pick: Pick) -> str:
    formats = pick.reading.how.get("format", "")
    return formats if isinstance(formats, str) else str(formats[0])


def _order(text: str) -> str | None:
    """Return which of day and month comes first, where both are digits and the year is last."""
    places = [text.find(piece) for piece in ("%d", "%m", "%Y" if "%Y" in text else "%y")]
    if min(places) < 0 or max(places) != places[2]:
        return None
    return "%d" if places[0] < places[1] else "%m"


def _ordered(filled: Filled, every: Mapping[str, str]) -> Filled:
    """Write days in the order of those beside them; of other files where this one tells none."""
    mine = _orders(filled.picks.values())
    orders = mine or every
    if len(orders) != 1:
        return filled
    ((order, header),) = orders.items()
    picks = dict(filled.picks)
    for name, pick in picks.items():
        fitting = [t for t in (_format(pick), *pick.reading.doubtful) if _order(t) == order]
        if pick.reading.doubtful and fitting:
            how = {**pick.reading.how, "format": fitting[0]}
            read = replace(pick.reading, how=how, doubtful=())
            told = Text(f"in the order of {header}", f"日月顺序同{header}")
            picks[name] = replace(pick, reading=read, evidence=(*pick.evidence, told))
    return replace(filled, picks=picks)


def _amounts(filled: Filled) -> list[Pick]:
    return [pick for name, pick in filled.picks.items() if filled.table[name].unit == "currency"]


def _priced(filled: Filled, *, fen: bool) -> Filled:
    """Count prices of single calls in fen, where other amounts of this operator are.

    No call costs whole yuan and nothing between; sums of a month may.
    """
    pick = filled.picks.get("charge")
    if not fen or pick is None or filled.table.name != "calls" or "unit" in pick.reading.how:
        return filled
    if not pc.all(pc.match_substring_regex(pick.profile.distinct, FEN)).as_py():
        return filled
    how = {**pick.reading.how, "unit": HUNDREDTHS}
    read = replace(pick, reading=replace(pick.reading, how=how))
    return replace(filled, picks={**filled.picks, "charge": read})
