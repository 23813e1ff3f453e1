"""States that an event tells only together with its reason: a cut line owed, or went on holiday."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.filling import Filled, Pick, StateOf
from churn.ingest.suggestion.likeness import ALIKE, likeness, meaning
from churn.ingest.suggestion.looks import HAN, Look
from churn.ingest.suggestion.profiles import Profile, profile_of
from churn.ingest.suggestion.readings import LEVELS, Reading, formats_of
from churn.ingest.suggestion.sql import quoted
from churn.ingest.suggestion.vocabulary import DEBT
from churn.language import Text

REMOVED, LEFT = "removed", "left"
SUSPENDED = ("suspended", "soft_suspended")  # of an end's reason: debt
ENDED = (REMOVED, LEFT)
BY_THEMSELVES = (
    "removed", "contract_lapsed", "ported_out",
    "deceased", "fraud", "transferred", "migrated", "moved",
    "real_name_closed",
)  # fmt: skip
HALTING = (*SUSPENDED, "on_hold", "fraud", "real_name_closed")
HELD = "on_hold"
#: What reasons of a suspension call the subscriber's own wish.
ASKED = (
    "customer request|requested|voluntary|vacation|holiday|seasonal|travel|temporary|lost|stolen"
    "|申请|主动|用户要求|保号|挂失|丢失"
)
MOST_PAIRS = 100
KNOWN = 0.5  # share of rows whose code tells a state, where words of others tell that they do not
TOLD = 0.005  # share of the rows of which a reason must tell another state than the event does
BOTH = "event_and_reason"


def ended_for(said: str | None, reason: str) -> str:
    """Return how a line ended whose reason says a state: debt is the operator's end.

    Parameters
    ----------
    said
        The state that the reason's words say.
    reason
        The reason itself.
    """
    if said in SUSPENDED or meaning(reason, {REMOVED: DEBT}) is not None:
        return REMOVED
    if said == "moved" and not HAN.search(reason):
        return LEFT  # who moved away left; 移机 takes the line along
    return said if said in BY_THEMSELVES and said is not None else LEFT


def together(event: str, reason: str, state_of: StateOf) -> str | None:
    """Return the state that an event with its reason tells; None where neither tells any.

    Parameters
    ----------
    event, reason
        As a code list calls them.
    state_of
        The state of a service that a code tells, if any.
    """
    state, why = state_of(event), state_of(reason) if reason else None
    if state is None:
        return why
    if state in ENDED:
        owed = ended_for(why, reason)
        return owed if why is not None or owed == REMOVED else state
    if state in SUSPENDED and (why in HALTING or meaning(reason, {HELD: ASKED}) is not None):
        return why if why in HALTING else HELD
    return state


def with_reasons(filled: Filled, state_of: StateOf) -> Filled:
    """Tell states of service by event and reason, where some reason tells more than the event."""
    pick = filled.picks.get("status")
    if pick is None or filled.computed or len(pick.profile.distinct) > LEVELS:
        return filled
    best, most = filled, 0.0
    for reason in _reasons(filled):
        share, states = _states(filled.look, pick.profile, reason, state_of)
        score = share + likeness(reason.header, "status_events.reason") / 2
        if share >= TOLD and score > most:
            best, most = _joined(filled, pick, reason, states), score
    return best


def _reasons(filled: Filled) -> list[Profile]:
    """Return the columns that may hold reasons: called so, or with words that say states."""
    known = filled.picks.get("reason")
    events = {*filled.picks["status"].profile.values}
    others = [
        p
        for p in filled.unused
        if 1 < len(p.distinct) <= LEVELS
        and not formats_of(p)
        and len(events & {*p.values}) <= len(p.distinct) / 2  # else the state before
    ]
    return [*([known.profile] if known is not None else []), *others]


def _pairs(look: Look, event: Profile, reason: Profile) -> pa.Array:
    """Return event and reason of each row as one text, as the view makes it."""
    texts = [
        pc.if_else(pc.is_in(column, pa.array(["NULL"])), "", column).fill_null("")
        for column in (look.texts(event).combine_chunks(), look.texts(reason).combine_chunks())
    ]
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*texts, " "))


def _states(
    look: Look, event: Profile, reason: Profile, state_of: StateOf
) -> tuple[float, dict[str, str]]:
    """Return the share of rows whose reason tells another state, and the state of each pair."""
    pairs = pa.table({"event": look.texts(event), "reason": look.texts(reason)})
    groups = pairs.group_by(["event", "reason"]).aggregate([([], "count_all")])
    if len(groups) > MOST_PAIRS:
        return 0.0, {}
    counted: Counter[tuple[str, str]] = Counter()
    for row in groups.to_pylist():
        one, why = ("" if row[of] in {None, "NULL"} else row[of] for of in ("event", "reason"))
        counted[one, why] += row["count_all"]
    told, states = 0, {}
    for (one, why), count in counted.items():
        state = together(event.named(one), reason.named(why) if why else "", state_of)
        if one and state is not None:
            states[f"{one} {why}".strip()] = state
            told += count if state != state_of(event.named(one)) else 0
    return told / max(1, sum(counted.values())), states


def _joined(filled: Filled, pick: Pick, reason: Profile, states: Mapping[str, str]) -> Filled:
    """Put event and reason in place of the event."""
    look, event = filled.look, pick.profile
    both = _pairs(look, event, reason)
    width = len(look.header)
    names = [*(str(at) for at in range(width)), str(width), "file"]
    columns = [*(look.rows.column(at) for at in range(width)), both, look.rows.column("file")]
    rows = pa.Table.from_arrays(columns, names=names)
    profile = profile_of(BOTH, width, rows)
    called = {
        f"{one} {why}".strip(): f"{event.named(one)} {reason.named(why) if why else ''}".strip()
        for one in event.values
        for why in ("", *reason.values)
    }
    profile = replace(profile, names={v: called[v] for v in profile.values if v in called})
    told = Text(
        f"{event.header} and {reason.header} together", f"{event.header}与{reason.header}合并判断"
    )
    picks = {**filled.picks, "status": Pick(profile, Reading({}, 1.0), ALIKE, (told,))}
    wider = replace(
        look, rows=rows, header=(*look.header, BOTH), profiles=(*look.profiles, profile)
    )
    sql = (
        f"trim(coalesce(b.{quoted(event.header)}, '') || ' '"
        f" || coalesce(b.{quoted(reason.header)}, ''))"
    )
    return replace(filled, look=wider, picks=picks, computed={BOTH: sql}, states=states)


def without_state(filled: Filled, state_of: StateOf) -> tuple[str, ...]:
    """Return the codes of events whose words tell no state, such as a change of plan.

    Codes without words may tell any, and are not among them: their place among the others tells.
    """
    profile = filled.picks["status"].profile
    counted = profile.counted() if len(profile.distinct) <= MOST_PAIRS else {}
    told = {code: filled.states.get(code) or state_of(profile.named(code)) for code in counted}
    known = sum(counted[code] for code, state in told.items() if state is not None)
    if known < KNOWN * max(1, profile.present):
        return ()
    return tuple(
        sorted(c for c, s in told.items() if s is None and _is_spoken(c, profile.named(c)))
    )


def left_out(filled: Filled, codes: tuple[str, ...]) -> tuple[Mapping[str, Any], tuple[Text, ...]]:
    """Leave events of some codes out, and ask."""
    if not codes:
        return {}, ()
    profile = filled.picks["status"].profile
    rows = sum(profile.counted()[code] for code in codes)
    names = ", ".join(profile.named(code) for code in codes)
    ask = Text(
        f"{rows:,} events tell no state of a service and are left out: {names}",
        f"{rows:,}条记录不涉及服务状态，未读取：{names}",
    )
    return {profile.header: {"not": list(codes)}}, (ask,)


def _is_spoken(code: str, name: str) -> bool:
    """Tell words from a code: those of a code list, several in small letters, signs of Chinese."""
    if name == code:
        return (
            bool(re.search(r"[\u4e00-\u9fff]{2}", name)) or len(re.findall("[a-z]{3,}", name)) > 1
        )
    said = set(re.findall(r"[^\W\d_]{4,}|[\u4e00-\u9fff]{2,}", name))
    return bool(said - set(code.split()))
