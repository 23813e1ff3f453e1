"""Contract lapse: a service that ends because its contract ran out and was not renewed.

A departure in the outcome window is such a lapse, and passive, if the contract had ended at most
``within_days`` before it and no delivery known when the label is final shows a later end. The end
of the contract is that which the snapshot knew, or the later one of a renewal. It counts whether
the operator closed the service (合同到期未续, 强拆销号) or, with ``left_too``, its holder left. A
suspension for arrears is no lapse. All other departures are read as by the default definition, and
so are all of an operator whose books tell no contract ends.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from pydantic import Field

from churn.causes import CAUSES
from churn.frozen import Frozen
from churn.labels.default import bearing
from churn.labels.definition import LabelDefinition, facts
from churn.labels.evidence import Evidence
from churn.language import Text

LAPSED = "contract_lapse"
CLOSED = ("contract_lapsed", "removed")
LEFT = ("left", "ported_out")


class ContractLapseSettings(Frozen):
    """The parameters of contract lapse (``labels.contract_lapse:``)."""

    within_days: int = Field(
        90, ge=0, description="days after the end of the contract in which a departure is put to it"
    )
    left_too: bool = Field(
        default=True,
        description="whether leaving or porting out after the contract ended is its lapse, and so "
        "passive; if not, only the operator's closing is",
    )


def contract_lapse(settings: ContractLapseSettings) -> LabelDefinition:
    """Return contract lapse with its parameters."""
    endings = (*CLOSED, *(LEFT if settings.left_too else ()))

    def judge(evidence: Evidence) -> ir.Table:
        verdicts = bearing(evidence)
        rows = verdicts.left_join(contracts(evidence), "subscriber_id").drop("subscriber_id_right")
        since = rows.left_on.delta(rows.ends_on, unit="day")
        lapsed = (
            rows.verdict.isin(CAUSES)
            & rows.state.isin(endings)
            & since.between(0, settings.within_days)
        ).fill_null(False)  # noqa: FBT003 - a fill value
        return rows.mutate(
            verdict=ibis.cases((lapsed, "passive"), else_=rows.verdict),
            detail=ibis.cases((lapsed, LAPSED), else_=rows.detail),
        ).select(*verdicts.columns)

    def facts_of(evidence: Evidence, subscriber_id: str) -> ir.Table:
        rows = contracts(evidence)
        own = rows.filter(rows.subscriber_id == subscriber_id)
        return facts(
            own,
            ("contract_end_known", own.known_end, None),
            ("contract_renewed", own.renewed_to, None),
        )

    return LabelDefinition(
        name="contract_lapse",
        text=Text(
            "a contract that ran out unrenewed before the service ended is passive churn",
            "合同到期未续后终止服务，按被动流失计",
        ),
        reads=("status_events", "subscribers"),
        needs=(("subscribers", "contract_ends_on"),),
        judge=judge,
        facts=facts_of,
    )


def contracts(evidence: Evidence) -> ir.Table:
    """Return the end of each contract.

    Columns: ``subscriber_id``; ``known_end``, as the snapshot knew it; ``renewed_to``, the later
    end that a delivery shows by the day the label is final; ``ends_on``, the later of the two.
    """
    then = evidence.known.at(evidence.snapshot).subscribers
    then = then.select("subscriber_id", known_end="contract_ends_on")
    later = evidence.known.subscribers.select("subscriber_id", later_end="contract_ends_on")
    both = then.left_join(later, "subscriber_id").drop("subscriber_id_right")
    renewed = both.later_end > both.known_end
    both = both.mutate(renewed_to=ibis.cases((renewed, both.later_end), else_=ibis.null("date")))
    return both.select(
        "subscriber_id",
        "known_end",
        "renewed_to",
        ends_on=ibis.coalesce(both.renewed_to, both.known_end),
    )
