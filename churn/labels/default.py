"""The default definition: the first of active and passive churn in the outcome window.

How one outcome comes of several departures is told in :mod:`churn.labels.deciding`, the rule that
may read a passive departure as active in :mod:`churn.labels.coat`.
"""

from __future__ import annotations

import ibis.expr.types as ir

from churn.frozen import Frozen
from churn.labels.coat import CoatSettings, silences, uncovered
from churn.labels.deciding import judged
from churn.labels.definition import LabelDefinition, facts
from churn.labels.evidence import Evidence
from churn.labels.re_entry import repaired
from churn.language import Text
from churn.states import departures


class DefaultSettings(Frozen):
    """The parameters of the default definition (``labels.default:``)."""

    coat: CoatSettings = CoatSettings()


def bearing(evidence: Evidence) -> ir.Table:
    """Return the departures that bear on the snapshot, with the verdict on each."""
    fallen = departures(evidence.spans, evidence.states)
    return repaired(evidence, judged(fallen, evidence.snapshot, evidence.time))


def default(settings: DefaultSettings) -> LabelDefinition:
    """Return the default definition with its parameters."""
    coat = settings.coat

    def judge(evidence: Evidence) -> ir.Table:
        verdicts = bearing(evidence)
        return uncovered(evidence, verdicts, coat) if coat.enabled else verdicts

    def facts_of(evidence: Evidence, subscriber_id: str) -> ir.Table:
        rows = silences(evidence, bearing(evidence), coat)
        own = rows.filter(rows.subscriber_id == subscriber_id)
        return facts(
            own,
            ("last_used", own.last_used_on, None),
            ("arrears_began", own.began_on, None),
            ("silent_days", own.left_on, own.silent_days),
        )

    return LabelDefinition(
        name="default",
        text=Text(
            "first of active and passive churn in the outcome window",
            "结果窗口内首先发生的主动或被动流失",
        ),
        reads=("status_events", *coat.reads),
        judge=judge,
        facts=facts_of if coat.enabled else None,
    )


DEFAULT = default(DefaultSettings())
