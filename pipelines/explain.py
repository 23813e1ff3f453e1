"""``churn explain``: what was stored about one subscriber's night; nothing is recomputed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from ibis import _

from churn import panel
from churn.causes import HEADS
from churn.errors import ExtractError, VersionError
from churn.language import Text
from churn.report.handover import contact_id
from churn.report.page.explained import Part, write_explained
from churn.report.terminal.explain import (
    CONTROL,
    NO_DECISION,
    arithmetic,
    contact,
    contacts,
    history,
    left_out,
    not_scored,
    on_record,
    reasons_then,
    scored,
)
from churn.report.terminal.needed import needed
from churn.store.atomic import write_bytes
from churn.tables import Known, holder
from churn.targeting.effects import Effect
from pipelines.answers import Answers
from pipelines.identities import hashed
from pipelines.run import Run
from pipelines.score import SCORES
from pipelines.target import CONTROLS, LEFT_OUT, TARGETS, TOTALS

_NIGHTS = 6
_CHANCES = tuple(f"p_{head}" for head in HEADS)


def explain(run: Run, subscriber: str, as_of: date | None = None, html: Path | None = None) -> str:
    """Return the stored scores, reasons, rules, decision and history of one subscriber as lines.

    It is named by the operator's own id. ExtractError if no delivery names it, or the night was not
    scored. With ``html`` the same is written as a page, readable by its owner alone.
    """
    night = run.night(as_of).isoformat()
    language = run.settings.language
    parts = list(_parts(run, subscriber, night))
    if html is not None:
        page = write_explained(subscriber, night, parts, language)
        write_bytes(html, page, mode=0o600)
    return "\n".join(
        line.of(language)
        for place, (heading, lines) in enumerate(parts)
        for line in ([heading, *lines] if place else lines)
    )


def _parts(run: Run, subscriber: str, night: str) -> Iterator[Part]:
    """Tell a subscriber's night part by part, each with its heading."""
    wanted = hashed(run, subscriber)
    stage = run.stages.stored("score", night)
    if stage is None:
        raise ExtractError(
            f"the night of {night} was not scored",
            where=f"stages/score/{night}",
            do=f"run `churn score --as-of {night}`",
        )
    rows = _rows(stage.folder / SCORES, wanted)
    heading = Text("Chances, reasons and decision", "概率、原因与决策")
    if rows.empty:
        yield heading, [not_scored(night, _why_not_scored(run, night, wanted))]
    else:
        yield heading, [*scored(night, rows.iloc[0]), *_decision(run, night, wanted)]
        takes = list(_needed(run, night, wanted, rows.iloc[0]))
        if takes:
            yield Text("what it would take to be chosen", "入选所需条件"), takes
    known = run.tables.known_at(date.fromisoformat(night))
    try:
        facts = list(on_record(_facts(run, known, wanted)))
    except VersionError:  # scores and lists are told all the same
        facts = [
            Text(
                "  not told: another version of this program wrote the tables; `churn ingest` "
                "reads the extracts anew",
                "  未显示：数据表由其他版本写入；请运行 `churn ingest` 重新读取",
            )
        ]
    if facts:
        yield Text("on record that night", "当晚在册情况"), facts
    before = list(_nights_before(run, night, wanted))
    if before and not rows.empty:
        yield reasons_then(before[0]["night"], before[0]["row"], rows.iloc[0])
    if told := list(history(before)):
        yield told[0], told[1:]
    if told := list(contacts(_handed_over(run, night, wanted), run.settings.targeting.actions)):
        yield told[0], told[1:]


def _why_not_scored(run: Run, night: str, wanted: str) -> Text | None:
    """Return what kept a subscriber out of the night's population, as the tables tell it now."""
    settings = run.settings
    try:
        known = run.tables.known_at(date.fromisoformat(night))
        people = panel.population(known, settings.time, settings.states)
        mine = people.filter(people.subscriber_id == wanted)
        rows = run.engine.to_arrow(mine.select("reason")).to_pylist()
    except VersionError:  # told where the facts on record stand
        return None
    if not rows:
        return Text("not on the books yet that night", "当晚尚未在册")
    return panel.REASONS[rows[0]["reason"]] if rows[0]["reason"] else None


def _needed(run: Run, night: str, wanted: str, scores: pd.Series[Any]) -> Iterator[Text]:
    """Tell what a subscriber that was left out would have needed; nothing of any other."""
    stage = run.stages.stored("target", night)
    if stage is None or not (stage.folder / LEFT_OUT).exists():  # an earlier program kept none
        return
    rows = _rows(stage.folder / LEFT_OUT, wanted)
    if rows.empty:
        return
    totals = json.loads((stage.folder / TOTALS).read_text("utf-8"))["totals"]
    settings = run.settings.targeting
    drawn = [date.fromisoformat(row["night"]) for row in _handed_over(run, night, wanted)]
    latest = max((day for day in drawn if day.isoformat() < night), default=None)
    rests = latest and latest + timedelta(days=settings.cool_down_days)
    chances = {name: float(scores[name]) for name in _CHANCES if name in scores}
    row = rows.to_dict("records")[0]
    yield from needed(row, chances, settings, totals.get("prices", ()), rests)


def _facts(run: Run, known: Known, wanted: str) -> Mapping[str, Any]:
    """Return what the tables hold of a subscriber that calls for attention, as the night knew it.

    ``contract_ends_on``, ``asked_on`` and ``applied_on`` (port-out), ``downgraded_on``; and of a
    key account ``visited_on`` (of its customer) and ``visit_due_on``. Null where nothing is.
    """
    books = known.subscribers
    mine = books.filter(books.subscriber_id == wanted)
    (row,) = run.engine.to_arrow(
        mine.select("contract_ends_on", "key_account_classes", customer_id=holder(mine)).limit(1)
    ).to_pylist() or [{}]
    facts: dict[str, Any] = {"contract_ends_on": row.get("contract_ends_on")}
    days = run.settings.early_warnings.port_query_days
    for kind, name in (("asked", "asked_on"), ("applied", "applied_on")):
        asked = known.port_queries.filter(_.subscriber_id == wanted, _.kind == kind)
        if kind == "asked":
            asked = asked.filter(known.window("port_queries", days).contains(_.on))
        facts[name] = run.engine.to_arrow(asked.agg(day=_.on.max())).to_pylist()[0]["day"]
    if classes := row.get("key_account_classes"):
        visits = known.visits.filter(_.customer_id == row["customer_id"])
        visited = run.engine.to_arrow(visits.agg(day=_.visited_on.max())).to_pylist()[0]["day"]
        facts |= {
            "key_account": classes,
            "visited_on": visited,
            "visit_due_on": (visited or known.day)
            + timedelta(days=run.settings.key_accounts.visit_days if visited else 0),
        }
    return facts


def _rows(path: Path, wanted: str) -> pd.DataFrame:
    return pq.read_table(path, filters=[("subscriber_id", "=", wanted)]).to_pandas()


def _decision(run: Run, night: str, wanted: str) -> Iterator[Text]:
    """Tell what a night decided, and of a contact what its expected profit is made of."""
    stage = run.stages.stored("target", night)
    if stage is None:
        yield NO_DECISION
        return
    settings = run.settings.targeting
    listed = _rows(stage.folder / TARGETS, wanted)
    if len(listed):
        yield contact(listed.iloc[0], settings.actions)
        totals = json.loads((stage.folder / TOTALS).read_text("utf-8"))["totals"]
        effects = map(Effect.model_validate, totals.get("effects", []))
        yield from arithmetic(listed.iloc[0].to_dict(), settings, tuple(effects))
    elif len(_rows(stage.folder / CONTROLS, wanted)):
        yield CONTROL
    else:
        (row,) = _rows(stage.folder / LEFT_OUT, wanted).to_dict("records")
        yield left_out(row, settings)


def _nights_before(run: Run, night: str, wanted: str) -> Iterator[Mapping[str, Any]]:
    """Return the chances and decision of the latest nights before, as they are stored."""
    nights = sorted(
        (path.name for path in (run.workspace.stages / "score").iterdir()), reverse=True
    )
    for earlier in [name for name in nights if name < night][:_NIGHTS]:
        stage = run.stages.stored("score", earlier)
        rows = pd.DataFrame() if stage is None else _rows(stage.folder / SCORES, wanted)
        if len(rows):
            decision = next(iter(_decision(run, earlier, wanted)))
            chances = {name: rows.iloc[0][name] for name in _CHANCES if name in rows}
            yield {"night": earlier, **chances, "decision": decision, "row": rows.iloc[0]}


def _handed_over(run: Run, night: str, wanted: str) -> Iterator[Mapping[str, Any]]:
    """Return when the subscriber was handed over up to the night, and what came back."""
    answers = Answers(run.workspace).frame().set_index("contact_id")["answer"]
    folders = sorted(run.workspace.handed_over.glob("*/rev*.parquet"), reverse=True)
    for path in folders:
        day = path.parent.name
        if day > night:
            continue
        for row in _rows(path, wanted).to_dict("records"):
            answer = answers.get(contact_id(date.fromisoformat(day), wanted))
            yield {"night": day, "answer": answer, **row}
