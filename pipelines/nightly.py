"""``churn nightly``: the whole night, from the extracts to the lists; resumes where it stopped."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date

from churn.errors import ChurnError
from churn.language import Text
from pipelines import export, ingest, monitor, train
from pipelines.export import Export
from pipelines.models.champion import champion, fits_the_code, has_champion
from pipelines.monitor import challenge
from pipelines.run import Run

NOT_WATCHED = Text("What past nights promised could not be checked: ", "无法核对以往各夜的预测：")


def nightly(run: Run, as_of: date | None = None) -> Export:
    """Ingest, train where no model is in place, score, target, export, monitor.

    A champion trained on other feature definitions is challenged first, and goes on if the
    challenger fails; so is one that is old, or that an alarm was told of, where the settings ask
    for it.

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
        elif why := challenge.due(run, night):
            with run.stages.noted("challenge", night.isoformat()) as note:
                note.text = why
            with suppress(ChurnError):
                train.train(run, night)
        else:
            with run.stages.noted("train", night.isoformat()) as note:
                trained = champion(run.workspace).meta.get("as_of", "an earlier night")
                note.skip(f"the champion of {trained} is in place")
        handed_over = export.hand_over(run, night)
    return _watched(run, night, handed_over)


def _watched(run: Run, night: date, handed_over: Export) -> Export:
    """Add what is to be warned of; the lists are out, and a watch that fails ends nothing."""
    try:
        told = monitor.monitor(run, night).warnings()
    except ChurnError as error:
        told = [NOT_WATCHED.of(run.settings.language) + error.what]
    return replace(handed_over, message="\n".join([handed_over.message, *told]))
