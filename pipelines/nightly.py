"""``churn nightly``: the whole night, from the extracts to the lists; resumes where it stopped."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from churn.errors import ChurnError
from pipelines import export, ingest, train
from pipelines.export import Export
from pipelines.models.champion import champion, fits_the_code, has_champion
from pipelines.run import Run


def nightly(run: Run, as_of: date | None = None) -> Export:
    """Ingest, train where no model is in place, score, target, export.

    A champion trained on other feature definitions is challenged first, and goes on if the
    challenger fails.

    Raises
    ------
    ChurnError
        If a stage cannot run, for example because no model passes the gate and none is in place;
        the last notices are written all the same.
    """
    ingest.take_in(run)
    night = run.night(as_of)
    with export.notices_at_least(run, night):
        ingest.require_fit(run)
        if not has_champion(run.workspace):
            train.train(run, night).require_champion()
        elif not fits_the_code(run, champion(run.workspace)):
            with suppress(ChurnError):  # told as a failed stage; the champion goes on
                train.train(run, night)
        else:
            with run.stages.noted("train", night.isoformat()) as note:
                trained = champion(run.workspace).meta.get("as_of", "an earlier night")
                note.skip(f"the champion of {trained} is in place")
        return export.hand_over(run, night)
