"""The lists of a night that need no model: told from what was delivered, whoever is scored."""

from __future__ import annotations

from datetime import date

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn.early_warnings import expiring, port_queries, silent, whole_months_end
from churn.report.contacts import hashed_ids, with_masked_contacts, with_own_ids
from churn.report.parts import EarlyWarnings
from churn.tables import Known
from churn.targeting import TargetList
from churn.targeting.value import average_bill
from pipelines.identities import own_ids
from pipelines.run import Run
from pipelines.score import SCORES

_CHANCES = ["p_active", "p_passive"]
_DECIDED = ["tonight", "action"]


def early_warnings(run: Run, night: date, plan: TargetList | None) -> EarlyWarnings:
    """Gather the night's early warnings, beside what its list decided of each subscriber.

    Parameters
    ----------
    plan
        The night's list; None on a night without one.
    """
    known, states = run.tables.known_at(night), run.settings.states
    settings = run.settings.early_warnings
    decided = _decisions(run, night, plan)
    quiet = silent(known, states, settings)
    asked = port_queries(known, states, settings) if known.has("port_queries") else None
    return EarlyWarnings(
        _frame(run, known, expiring(known, states, settings), decided),
        None if quiet is None else _frame(run, known, quiet, decided),
        None if asked is None else _frame(run, known, asked, decided),
        settings,
        whole_months_end(known),
    )


def _decisions(run: Run, night: date, plan: TargetList | None) -> pd.DataFrame | None:
    """Return ``subscriber_id``, chances and decision of everyone scored; None without a list."""
    scored = run.stages.stored("score", night.isoformat())
    if plan is None or scored is None:
        return None
    chances = pq.read_table(scored.folder / SCORES, columns=["subscriber_id", *_CHANCES])
    return chances.to_pandas().merge(plan.decisions(), on="subscriber_id", how="left")


def _frame(run: Run, known: Known, rows: ir.Table, decided: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows of a warning as they are handed out, by the operator's own ids."""
    bills = average_bill(known, run.settings.targeting.value.bills)
    wanted = rows.left_join(bills, "subscriber_id").drop("subscriber_id_right")
    frame = run.engine.to_arrow(wanted, order_by=["subscriber_id"]).to_pandas()
    if decided is None:
        frame = frame.assign(**dict.fromkeys([*_CHANCES, *_DECIDED]))
    else:
        frame = frame.merge(decided, on="subscriber_id", how="left")
        frame["tonight"] = frame["tonight"].fillna("not_scored")
    frame = with_masked_contacts(frame, contacts(run, known, frame["subscriber_id"]))
    return with_own_ids(frame, own_ids(run, hashed_ids(frame)))


def contacts(run: Run, known: Known, subscribers: pd.Series[str]) -> pd.DataFrame:
    """Return name and phone of the listed, and of nobody else."""
    listed = pa.table({"subscriber_id": pa.array(subscribers, pa.string())})
    details = known.contact_details.select("subscriber_id", "name", "phone")
    wanted = details.semi_join(run.engine.from_arrow(listed), "subscriber_id")
    return run.engine.to_arrow(wanted).to_pandas()
