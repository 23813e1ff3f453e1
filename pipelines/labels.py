"""``churn labels explain``: one subscriber's outcome at a snapshot, in words."""

from __future__ import annotations

from datetime import date

from churn import labels, panel
from pipelines.freshness import require_known
from pipelines.identities import hashed
from pipelines.run import REQUIRED, Run


def explain(run: Run, subscriber: str, snapshot: date) -> str:
    """Tell what became of a subscriber after ``snapshot``, by all that is known now.

    It is named by the operator's own id. ExtractError if no delivery names it, or nothing was known
    yet at the snapshot.
    """
    settings = run.settings
    wanted = hashed(run, subscriber)
    require_known(run.tables.known_at(snapshot), REQUIRED)
    everyone = panel.population(run.tables.known_at(snapshot), settings.time, settings.states)
    rows = run.engine.to_arrow(everyone.filter(everyone.subscriber_id == wanted)).to_pylist()
    left_out = None
    if rows:
        reason = rows[0]["reason"]
        left_out = panel.REASONS[reason].of(settings.language) if reason else ""
    story = labels.explain(
        run.tables.known_at(run.tables.latest_night(REQUIRED)),
        wanted,
        snapshot,
        settings.time,
        settings.states,
        language=settings.language,
        to_arrow=run.engine.to_arrow,
        left_out=left_out,
        definition=settings.labels.chosen,
    )
    return str(story)
