"""The lists of a night that need no model: told from what was delivered, whoever is scored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn import key_accounts, targeting
from churn.early_warnings import (
    downgrades,
    expiring,
    foreseen,
    line_facts,
    port_queries,
    silent,
    whole_months_end,
)
from churn.indicators import (
    DIMENSIONS,
    dimensions_of_lines,
    figures,
    measures,
    observable,
    periods,
)
from churn.key_accounts import KeyAccounts
from churn.key_accounts.signals import last_visits
from churn.labels import first_change
from churn.labels.silence import months_of_use
from churn.loyalty import STANDINGS, cards, rewards
from churn.report.contacts import hashed_ids, with_masked_contacts, with_own_ids
from churn.report.parts import EarlyWarnings, Indicators, Loyalty, Service
from churn.service import jobs, quality, sample, select
from churn.states import departures, in_service, spans, state_at
from churn.tables import Known
from churn.tables.canonical import CHANNELS
from churn.targeting import TargetList
from churn.targeting.answers import closed_by
from churn.targeting.value import average_bill, bill_before
from pipelines.answers import Answers
from pipelines.identities import own_ids
from pipelines.run import Run
from pipelines.score import SCORES

_COUNTED = ("bills", "port_queries", "plan_changes", "campaign_contacts")
_CHANCES = ["p_active", "p_passive"]
_DECIDED = ["tonight", "action"]
_OF_HOUSEHOLDS = (
    "subscriber_id", "customer_id", "activated_on", "yearly_spend", "has_mobile", "key_account",
    "opt_outs", "applied_to_port", "amount_overdue", "last_contact_on",
)  # fmt: skip


@dataclass(frozen=True)
class Records:
    """What a night's lists are told from, asked of the engine once for all of them.

    Parameters
    ----------
    plan
        The night's list; None on a night without one.
    """

    run: Run
    night: date
    plan: TargetList | None = None

    @cached_property
    def known(self) -> Known:
        """The tables as the night knew them."""
        return self.run.tables.known_at(self.night)

    @cached_property
    def history(self) -> ir.Table:
        """Spans of service states, written out: every list looks at them."""
        return self.run.engine.computed(spans(self.known.status_events, self.run.settings.states))

    @cached_property
    def used(self) -> ir.Table | None:
        """Months of use, written out: its records are many, and two lists tell of silence."""
        months = months_of_use(self.known)
        return None if months is None else self.run.engine.computed(months)

    @cached_property
    def bills(self) -> ir.Table:
        """``subscriber_id, average_bill``, written out: most lists tell it."""
        latest = self.run.settings.targeting.value.bills
        return self.run.engine.computed(average_bill(self.known, latest))

    @cached_property
    def context(self) -> ir.Table:
        """What a decision knows of every line on the books, written out for the lists."""
        return self.run.engine.computed(
            targeting.context(self.known, self.run.settings.targeting, self.bills)
        )

    @cached_property
    def decisions(self) -> pd.DataFrame | None:
        """``subscriber_id``, chances and decision of everyone scored; None without a list."""
        scored = self.run.stages.stored("score", self.night.isoformat())
        if self.plan is None or scored is None:
            return None
        chances = pq.read_table(scored.folder / SCORES, columns=["subscriber_id", *_CHANCES])
        return chances.to_pandas().merge(self.plan.decisions(), on="subscriber_id", how="left")


def early_warnings(records: Records) -> EarlyWarnings:
    """Gather the night's early warnings, beside what its list decided of each subscriber."""
    known, states, history = records.known, records.run.settings.states, records.history
    settings = records.run.settings.early_warnings
    quiet = silent(known, history, records.used, settings)
    asked = port_queries(known, history, settings) if known.has("port_queries") else None
    lower = downgrades(known, history, settings) if known.has("plan_changes") else None
    return EarlyWarnings(
        _frame(records, expiring(known, history, states, settings)),
        None if quiet is None else _frame(records, quiet),
        None if asked is None else _frame(records, asked),
        settings,
        whole_months_end(known),
        None if lower is None else _frame(records, lower),
        _foreseen(records),
    )


def _foreseen(records: Records) -> pd.DataFrame | None:
    """Return the downgrades that the night's scores foresee; None where no head tells of any."""
    run, scored = records.run, records.run.stages.stored("score", records.night.isoformat())
    if records.plan is None or scored is None:
        return None
    path = scored.folder / SCORES
    names = [
        name for name in ("subscriber_id", "p_downgrade") if name in pq.read_schema(path).names
    ]
    rows = foreseen(pq.read_table(path, columns=names).to_pandas(), run.settings.early_warnings)
    if rows is None:
        return None
    told = run.engine.from_arrow(pa.Table.from_pandas(rows, preserve_index=False))
    return _frame(records, told.inner_join(line_facts(records.known), "subscriber_id"))


def accounts(records: Records) -> KeyAccounts:
    """Gather what the night tells of key accounts, by the operator's own ids."""
    run, known, night = records.run, records.known, records.night
    settings = run.settings.key_accounts
    bills = run.settings.targeting.value.bills
    history, states = records.history, run.settings.states
    books = run.engine.computed(key_accounts.lines_of_the_year(known))
    customers = run.engine.computed(
        key_accounts.in_question(books, night, history, settings, records.bills)
    )
    listed = key_accounts.lines(books, night, history, states, records.bills, customers)
    few = run.engine.computed(listed)  # what follows asks about these lines only
    told_of = few.left_join(bill_before(known, few, bills), "subscriber_id")
    rows = run.engine.to_arrow(told_of.drop("subscriber_id_right"), order_by=["subscriber_id"])
    told = key_accounts.summarise(
        _beside(rows.to_pandas(), records.decisions),
        _rows(run, key_accounts.events(known, few, settings), "customer_id", "code", "on"),
        _rows(run, key_accounts.monthly_sums(known, few), "customer_id", "what", "month"),
        _rows(run, last_visits(known, few), "customer_id"),
        night,
        settings,
    )
    own = own_ids(run, hashed_ids(told.accounts, told.lines, told.signals, told.sites))
    names = contacts(run, known, told.accounts["subscriber_id"])
    named = told.accounts.merge(names, on="subscriber_id", how="left")
    return replace(
        told,
        accounts=with_own_ids(named, own),
        lines=with_own_ids(told.lines, own),
        signals=with_own_ids(told.signals, own),
        sites=with_own_ids(told.sites, own),
    )


def indicators(records: Records) -> Indicators:
    """Gather the operator's own indicators of the last months."""
    run, known, night = records.run, records.known, records.night
    settings = run.settings.indicators
    told = periods(night, settings.months)
    whole = {period.window for period in told if period.whole}
    whole |= {period.last_month for period in told if period.whole}
    windows = dict.fromkeys(
        window for period in told for window in (period.window, period.last_month, period.last_year)
    )
    table = pa.table(
        {
            "start": pa.array([window.start for window in windows], pa.date32()),
            "end": pa.array([window.end for window in windows], pa.date32()),
            "month": [window in whole for window in windows],
        }
    )
    of, bills = run.engine.from_arrow(table), run.settings.targeting.value.bills
    counted = measures(
        known,
        records.history,
        run.engine.computed(departures(records.history, run.settings.states)),
        records.used,
        run.engine.computed(dimensions_of_lines(known)),
        of,
        run.settings.time,
        bills,
        answers=_taken_back(run),
    )
    order = ("measure", "start", "end", *DIMENSIONS)
    counts = pd.concat([_rows(run, rows, *order) for rows in counted])
    first = None
    if known.has("plan_changes"):
        (first,) = run.engine.to_arrow(first_change(known).name("on").as_table())["on"].to_pylist()
    seen = observable(known, windows, whole, run.settings.time, first)
    return Indicators(
        figures(counts, told, settings, seen),
        told,
        settings,
        tuple(name for name in _COUNTED if not known.has(name)),
    )


def _taken_back(run: Run) -> ir.Table | None:
    """Return the answers that came back of what was handed over; none if none did."""
    rows = Answers(run.workspace).dated()
    if rows.empty:
        return None
    schema = pa.schema(
        [("subscriber_id", pa.string()), ("contacted_on", pa.date32()), ("answer", pa.string())]
    )
    return run.engine.from_arrow(pa.Table.from_pandas(rows, schema, preserve_index=False))


def service(records: Records) -> Service:
    """Gather how service went, and whom to call back, by the operator's own ids.

    Nobody is called back who refuses calls, has applied to port out, or said so to a caller.
    """
    run, known, night = records.run, records.known, records.night
    settings = run.settings.service
    rows = jobs(known, 2 * max(settings.survey_days, settings.days))
    rows = rows.left_join(records.bills, "subscriber_id").drop("subscriber_id_right")
    frame = _rows(run, rows, "kind", "subscriber_id", "opened_at", "job_id", "topic")
    frame = _beside(frame, records.decisions)
    leaves = frame[_CHANCES].astype("float64").sum(axis=1, min_count=1)
    frame["risk"] = leaves * frame["average_bill"].astype("float64")
    told = quality(frame, night, settings)
    finished = select(frame, night, settings)
    few = run.engine.from_arrow(
        pa.table({"subscriber_id": pa.array(finished["subscriber_id"].unique(), pa.string())})
    )
    people = records.context.semi_join(few, "subscriber_id")
    context = _rows(
        run, people.select("subscriber_id", "customer_id", "opt_outs", "applied_to_port"),
        "subscriber_id",
    )  # fmt: skip
    context = closed_by(context, Answers(run.workspace).frame())
    refused = context["opt_outs"].astype("str").fillna("").str.split(";").map(lambda c: "call" in c)
    open_ = context.loc[~refused & ~context["applied_to_port"].astype(bool), "subscriber_id"]
    finished = finished[finished["subscriber_id"].isin(open_)]
    drawn = sample(finished, settings.callback_share)
    own = own_ids(run, hashed_ids(drawn, told.overdue))
    told = replace(told, overdue=with_own_ids(told.overdue, own))
    return Service(told, with_own_ids(drawn, own), len(finished))


def loyalty(records: Records) -> Loyalty:
    """Gather cards and this month's rewards of the mass market, by the operator's own ids.

    Households are those of lines in service or suspended; key accounts are none.
    """
    run, night = records.run, records.night
    chosen, settings = run.settings.targeting, run.settings.loyalty
    standing = state_at(records.history, night)
    served = standing.filter(in_service(standing.state) | (standing.state == "suspended"))
    people = records.context.semi_join(served, "subscriber_id")
    lines = _rows(run, people.select(*_OF_HOUSEHOLDS), "subscriber_id")
    lines = closed_by(lines, Answers(run.workspace).frame())
    decided = records.decisions
    busy: set[str] = set()
    if decided is not None:
        busy = set(
            decided.loc[decided["tonight"].isin(["contact", "leave_alone"]), "subscriber_id"]
        )
    households = _households(lines, night, chosen.cool_down_days, busy)
    told = cards(households, chosen.tiers, night)
    due = rewards(told, households, settings, night)
    own = own_ids(run, hashed_ids(told))
    return Loyalty(with_own_ids(told, own), with_own_ids(due, own), settings, chosen.tiers)


def _households(lines: pd.DataFrame, night: date, rest: int, busy: set[str]) -> pd.DataFrame:
    """Return a row per customer without a key account, by customer.

    Parameters
    ----------
    rest
        Days after a contact or a draw in which it is left alone.
    busy
        Subscribers on tonight's list or left alone by it.
    """
    cents = (lines["yearly_spend"].astype("float64") * 100).round().fillna(0).astype("int64")
    refused = lines["opt_outs"].astype("str").fillna("").str.split(";")
    touched = (pd.Timestamp(night) - pd.to_datetime(lines["last_contact_on"])).dt.days
    facts = lines.assign(
        yearly_spend=cents,
        activated_on=pd.to_datetime(lines["activated_on"]),
        opted_out=refused.map(lambda codes: set(CHANNELS) <= set(codes)),
        in_arrears=lines["amount_overdue"].astype("float64").fillna(0.0) > 0,
        leave_alone=(touched < rest) | lines["subscriber_id"].isin(busy),
    )
    rows = facts.groupby("customer_id", sort=True).agg(
        activated_on=("activated_on", "min"),
        yearly_spend=("yearly_spend", "sum"),
        lines=("subscriber_id", "count"),
        has_mobile=("has_mobile", "max"),
        key_account=("key_account", "max"),
        **{name: (name, "max") for name in STANDINGS[3:]},
    )
    rows["yearly_spend"] = rows["yearly_spend"] / 100
    mass = rows[~rows["key_account"].astype(bool)].drop(columns="key_account")
    return mass.reset_index()


def _rows(run: Run, rows: ir.Table, *order: str) -> pd.DataFrame:
    return run.engine.to_arrow(rows, order_by=list(order)).to_pandas()


def _frame(records: Records, rows: ir.Table) -> pd.DataFrame:
    """Return the rows of a warning as they are handed out, by the operator's own ids."""
    run = records.run
    wanted = rows.left_join(records.bills, "subscriber_id").drop("subscriber_id_right")
    frame = run.engine.to_arrow(wanted, order_by=["subscriber_id"]).to_pandas()
    frame = _beside(frame, records.decisions)
    frame = with_masked_contacts(frame, contacts(run, records.known, frame["subscriber_id"]))
    return with_own_ids(frame, own_ids(run, hashed_ids(frame)))


def _beside(frame: pd.DataFrame, decided: pd.DataFrame | None) -> pd.DataFrame:
    """Put chances and decision beside each line; nothing where there is no list."""
    if decided is None:
        return frame.assign(**dict.fromkeys([*_CHANCES, *_DECIDED]))
    beside = frame.merge(decided, on="subscriber_id", how="left")
    return beside.assign(tonight=beside["tonight"].fillna("not_scored"))


def contacts(run: Run, known: Known, subscribers: pd.Series[str]) -> pd.DataFrame:
    """Return name and phone of the listed, and of nobody else."""
    listed = pa.table({"subscriber_id": pa.array(subscribers, pa.string())})
    details = known.contact_details.select("subscriber_id", "name", "phone")
    wanted = details.semi_join(run.engine.from_arrow(listed), "subscriber_id")
    return run.engine.to_arrow(wanted).to_pandas()
