"""``churn nightly``: the whole night, from the extracts to the lists; resumes where it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from churn.errors import ChurnError
from pipelines import export, ingest, train
from pipelines.champion import fits_the_code, has_champion

if TYPE_CHECKING:
    from datetime import date

    from pipelines.export import Export
    from pipelines.run import Run


def nightly(run: Run, as_of: date | None = None) -> Export:
    """Ingest, train where no model is in place, score, target, export.

    Raises
    ------
    ChurnError
        If a stage cannot run, for example because no model passes the gate and none is in place;
        the last notices are written all the same.
    """
    ingest.ingest(run)
    night = run.night(as_of)
    try:
        if not has_champion(run.workspace) or not fits_the_code(run):
            train.train(run, night).require_champion()
        return export.export(run, night)
    except ChurnError:
        # Whoever is about to be removed must be told, whether or not anyone can be scored.
        export.export_notices(run, night)
        raise
