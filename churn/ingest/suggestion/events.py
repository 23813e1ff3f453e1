"""What the codes of status events mean: by their words, else by their place among the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.mapping import read_column
from churn.ingest.suggestion.filling import Filled, StateOf
from churn.ingest.suggestion.reasons import without_state
from churn.language import Text

IN_SERVICE: Final = "in_service"
SUSPENDED: Final = "suspended"
REMOVED: Final = "removed"
LEFT: Final = "left"
HARDLY = 0.1
SOON = 30  # days after a suspension within which it is rather cured than ended
MAINLY = 0.6  # share of the cases that makes a habit
DEBT_DAYS = 200  # within which a suspension leads to a removal


@dataclass(frozen=True)
class Events:
    """The codes of status events.

    Attributes
    ----------
    counts
        Rows of each code, the most frequent first.
    states
        Code: the state that its words tell.
    guesses
        Code whose words tell nothing: the state that its place suggests; empty where none does.
    begin
        Share of the subscribers on the books whose first event is one of service.
    returns
        Whether anybody comes back after an end.
    names
        Code: what a code list calls it.
    """

    counts: Mapping[str, int]
    states: Mapping[str, str]
    guesses: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, Text] = field(default_factory=dict)
    begin: float = 1.0
    returns: bool = True
    names: Mapping[str, str] = field(default_factory=dict)


def events_of(filled: Sequence[Filled], books: Filled | None, state_of: StateOf) -> Events:
    """Tell what the codes of status events mean, and whether they tell of beginnings."""
    rows = pd.concat([_rows(each) for each in filled]).sort_values(["subscriber", "at"])
    silent = [code for each in filled for code in without_state(each, state_of)]
    rows = rows[~rows["code"].isin(silent)]
    counts = {str(code): int(n) for code, n in Counter(rows["code"]).most_common()}
    listed = [each.picks["status"].profile.names for each in filled]
    names = {code: name for each in listed for code, name in each.items() if code in counts}
    told = {code: state for each in filled for code, state in each.states.items()}
    states = {
        c: state for c in counts if (state := told.get(c) or state_of(names.get(c, c))) is not None
    }
    unknown = [code for code in counts if code not in states]
    known = books.picks["subscriber_id"].profile.distinct if books is not None else None
    met = pa.array(rows["subscriber"].unique(), pa.string())
    share = 1.0
    if known is not None and len(known):
        inside = pc.is_in(known, value_set=met).cast(pa.float64())
        share = float(pc.mean(inside).as_py())
    guesses, doubts = _guessed(rows, states, unknown, whole=share >= MAINLY)
    meant = rows["code"].map({**guesses, **states})
    first = meant[~rows["subscriber"].duplicated()]
    begin = share * (float((first == IN_SERVICE).mean()) if len(first) else 1.0)
    after = meant.groupby(rows["subscriber"]).shift(1)
    back = (meant == IN_SERVICE) & after.isin([LEFT, REMOVED, "ported_out", "locked"])
    return Events(counts, states, guesses, doubts, begin, bool(back.any()), names)


def _rows(filled: Filled) -> pd.DataFrame:
    picks, look = filled.picks, filled.look
    moment = picks["effective_at"]
    texts = look.texts(moment.profile).combine_chunks()
    absent = pa.array(["", "NULL", *moment.profile.missing], pa.string())
    texts = pc.if_else(pc.is_in(texts, absent), None, texts)
    at, _ = read_column(
        texts,
        filled.table,
        filled.table["effective_at"],
        moment.reading.mapping(moment.profile.header),
    )
    frame = pd.DataFrame(
        {
            "subscriber": look.texts(picks["subscriber_id"].profile).to_pandas(),
            "code": look.texts(picks["status"].profile).to_pandas(),
            "at": at.to_pandas(),
        }
    )
    if filled.only:
        frame = frame[frame["code"].isin(filled.only)]
    return frame[frame["code"].notna() & (frame["code"] != "") & frame["at"].notna()]


def _may_begin(share: float, *, whole: bool) -> bool:
    return share >= MAINLY / 2 if whole else share <= HARDLY


def _guessed(
    rows: pd.DataFrame, states: Mapping[str, str], unknown: Sequence[str], *, whole: bool
) -> tuple[dict[str, str], dict[str, Text]]:
    """Tell the codes without words by what stands before and behind them.

    Most begin in service, where the events are the ``whole`` history; where they are changes
    alone, service is what hardly any history begins with. What is mostly followed by service is a
    suspension; what nothing follows ends: after a suspension it was the operator, else the
    subscriber.
    """
    guesses: dict[str, str] = {}
    doubts: dict[str, Text] = {}
    if not unknown:
        return guesses, doubts
    subscriber, code, at = rows["subscriber"], rows["code"], rows["at"]
    following = code.groupby(subscriber).shift(-1)
    before = code.groupby(subscriber).shift(1)
    begins = code[~subscriber.duplicated()].value_counts(normalize=True)
    served = {c for c, state in states.items() if state == IN_SERVICE}
    if not served:
        often = [c for c in code.value_counts().index if c in unknown]
        likely = [c for c in often if _may_begin(float(begins.get(c, 0)), whole=whole)]
        served = {*likely[:1]}
    waited = (at - at.groupby(subscriber).shift(1)).dt.days
    for each in unknown:
        mine = code == each
        goes_on = following[mine].notna().mean()
        to_service = following[mine].isin(served).sum() / max(1, following[mine].notna().sum())
        halted = {c for c, s in {**states, **guesses}.items() if s in {SUSPENDED, "soft_suspended"}}
        from_halt = (before[mine].isin(halted) & (waited[mine] <= DEBT_DAYS)).mean()
        if each in served:
            guesses[each] = IN_SERVICE
            why = (
                Text("most subscribers begin with it", "多数用户的首个状态")
                if whole
                else Text("it follows other states alone", "只出现在其他状态之后")
            )
        elif goes_on >= MAINLY and to_service >= MAINLY:
            guesses[each] = SUSPENDED
            why = Text("mostly followed by service", "之后多为恢复在用")
        elif goes_on < 1 - MAINLY:
            soon = waited[mine & before.isin(halted)].median() < SOON
            ended = IN_SERVICE if soon else REMOVED
            guesses[each] = ended if from_halt >= MAINLY else LEFT
            why = Text("hardly anything follows it", "之后几乎没有其他状态")
        elif goes_on >= MAINLY:
            guesses[each] = SUSPENDED
            why = Text("something mostly follows it", "之后多有其他状态")
        else:
            guesses[each] = ""
            why = Text("nothing tells what it is", "无法判断")
        ask = Text("what does it mean? ", "含义是什么？")
        doubts[each] = ask + why
    return guesses, doubts
