"""One subscriber's outcome in words: the story behind a label, with its dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from churn.causes import OUTCOMES
from churn.labels.default import DEFAULT
from churn.labels.definition import LabelDefinition
from churn.labels.maturity import is_mature, observed_through, require_columns
from churn.labels.outcomes import decided, with_vanished
from churn.labels.wording import ENDINGS, FACTS, SENTENCES, VERDICTS, state_text
from churn.language import Language
from churn.states import StateSettings
from churn.tables import Known
from churn.windows import TimeSettings

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Story:
    """The outcome of one subscriber at one snapshot.

    Parameters
    ----------
    outcome
        As in :func:`churn.labels.outcomes`; None while the label is not final, or where no service
        state is on record before the snapshot.
    lines
        The sentences, in the order of a reader's questions.
    """

    outcome: str | None
    lines: tuple[str, ...]

    def __str__(self) -> str:
        """Join the lines."""
        return "\n".join(self.lines)


def explain(
    known: Known,
    subscriber_id: str,
    snapshot: date,
    time: TimeSettings,
    states: StateSettings,
    *,
    language: Language,
    to_arrow: Callable[[ir.Table], pa.Table],
    left_out: str | None = None,
    definition: LabelDefinition = DEFAULT,
) -> Story:
    """Put one subscriber's outcome into words.

    Raises
    ------
    LeakError
        If the snapshot did not know a column that the definition needs.

    Parameters
    ----------
    subscriber_id
        The key of the tables: the hashed id, not the operator's own.
    to_arrow
        Runs an expression of a few rows: the engine's method of that name.
    left_out
        Why the subscriber was not in the population at the snapshot, in the reader's language;
        ``""`` if it was in it; None where that is not known.
    """
    require_columns(known.at(min(snapshot, known.day)), definition)
    evidence = definition.evidence(known, snapshot, time, states)
    own = evidence.spans.filter(evidence.spans.subscriber_id == subscriber_id)
    if not (definition.by_customer or definition.re_entry):  # else other lines decide, too
        evidence = replace(evidence, spans=own)
    history = to_arrow(own.order_by("start_on")).to_pylist()
    window = time.outcome_window(snapshot)
    calendar = {
        "snapshot": snapshot,
        "opens": window.start,
        "closes": window.end - DAY,
        "mature_on": time.mature_on(snapshot),
        "observed": observed_through(known, definition) or "–",
    }
    say = _Speaker(language)
    lines = [say("snapshot", **calendar)]
    if definition.name != DEFAULT.name:
        lines.append(say("definition", text=definition.text.of(language)))
    if not history:
        return Story(None, (*lines, say("no_state")))
    lines += [say("history"), *(say.span(row) for row in history)]
    first = history[0]["start_on"]
    if first >= snapshot:
        return Story(None, (*lines, say("not_yet", first=first)))
    if left_out is not None:
        lines.append(say("left_out", reason=left_out) if left_out else say("in_population"))
    bearing = definition.judge(evidence)
    bearing = bearing.filter(bearing.subscriber_id == subscriber_id)
    fallen = to_arrow(bearing.order_by("left_on")).to_pylist()
    final = is_mature(known, snapshot, time, definition)
    none = say("no_departure" if final else "no_departure_yet")
    lines += [say.departure(row, snapshot, time) for row in fallen] or [none]
    if not final:
        return Story(None, (*lines, say("not_final", **calendar)))
    if definition.facts:
        facts = definition.facts(evidence, subscriber_id).order_by("place", "on_day")
        lines += [say.fact(row) for row in to_arrow(facts).to_pylist()]
    rows = with_vanished(known, own, decided(evidence, definition))
    row = to_arrow(rows.filter(rows.subscriber_id == subscriber_id)).to_pylist()[0]
    lines.append(say.outcome(row))
    if row["vanished"]:
        lines.append(say("vanished"))
    return Story(row["outcome"], tuple(lines))


@dataclass(frozen=True)
class _Speaker:
    """Says the sentences of one language."""

    language: Language

    def __call__(self, sentence: str, **words: Any) -> str:
        return SENTENCES[sentence].of(self.language).format(**words)

    def span(self, row: dict[str, Any]) -> str:
        cause = ENDINGS[row["cause"]].of(self.language) if row["cause"] else ""
        return self(
            "span" if row["end_on"] else "last_span",
            start=row["start_on"],
            last=row["end_on"] - DAY if row["end_on"] else None,
            state=state_text(row["state"]).of(self.language),
            cause=self("cause", cause=cause) if cause else "",
        ) + (self("cause_assumed") if row["cause_assumed"] else "")

    def departure(self, row: dict[str, Any], snapshot: date, time: TimeSettings) -> str:
        allowance = time.grace if row["state"] == "suspended" else time.win_back
        back = self("not_back")
        if row["back_on"]:
            away = (row["back_on"] - row["left_on"]).days
            kind = "back_anew" if row["issued_anew"] else "back"
            back = self(kind, back=row["back_on"], days=away)
        where = "before" if row["left_on"] < snapshot else "lead"
        if time.outcome_window(snapshot).holds(row["left_on"]):
            where = "window"
        return self(
            "departure",
            left=row["left_on"],
            where=self(where),
            state=state_text(row["state"]).of(self.language),
            back=back,
            verdict=VERDICTS[row["verdict"]].of(self.language).format(allowance=allowance),
        )

    def fact(self, row: dict[str, Any]) -> str:
        return FACTS[row["fact"]].of(self.language).format(day=row["on_day"], number=row["number"])

    def outcome(self, row: dict[str, Any]) -> str:
        by = self("by", event=row["event_on"]) if row["event_on"] else ""
        return self("outcome", outcome=OUTCOMES[row["outcome"]].of(self.language), by=by)
