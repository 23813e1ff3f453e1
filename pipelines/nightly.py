"""``churn nightly``: the whole night, from the extracts to the lists; resumes where it stopped."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from churn.errors import ChurnError
from churn.language import Text
from churn.monitoring.promotion import Decision
from churn.report.decisions import decision_line
from pipelines import export, hook, ingest, monitor, train
from pipelines.export import Export
from pipelines.models.champion import champion, fits_the_code, has_champion
from pipelines.monitor import challenge, shadow
from pipelines.run import Run

NOT_WATCHED = Text("What past nights promised could not be checked: ", "无法核对以往各夜的预测：")


def nightly(run: Run, as_of: date | None = None) -> Export:
    """Ingest, train where no model is in place, score, target, monitor, export.

    A champion trained on other feature definitions is challenged first, and goes on if the
    challenger fails; so is one that is old, or that an alarm was told of, where the settings ask
    for it. What is not shown to be better or worse scores beside the champion, and is judged once
    its nights are final.

    Raises
    ------
    ChurnError
        If a stage cannot run, for example because no model passes the gate and none is in place;
        the last notices are written all the same.
    """
    ingest.take_in(run)
    night = run.night(as_of)
    with export.notices_at_least(run, night, lambda notices: hook.told(run, notices)):
        ingest.require_fit(run)
        decisions: list[Decision | None] = []
        if not has_champion(run.workspace):
            train.train(run, night).require_champion()
        elif not fits_the_code(run, champion(run.workspace)):
            with suppress(ChurnError):  # told as a failed stage; the champion goes on
                decisions.append(train.train(run, night, asked=False).decision)
        else:
            decisions += _challenged(run, night)
        watching = _Watching(run, night)
        handed_over = export.hand_over(run, night, watching)
    taken = hook.told(run, handed_over)
    with suppress(ChurnError):  # told as a failed stage; the lists are out
        shadow.score_beside(run, night)
    if watching.defect is not None:
        raise watching.defect
    language = run.settings.language
    lines = [decision_line(each).of(language) for each in decisions if each is not None]
    lines += [*watching.lines, *([taken] if taken else [])]
    message = "\n".join([handed_over.message, *lines])
    return replace(handed_over, message=message)


@dataclass
class _Watching:
    """The watch before the lists are handed over, whose page tells it; no list waits for it."""

    run: Run
    night: date
    lines: list[str] = field(default_factory=list)
    defect: Exception | None = None

    def __call__(self) -> None:
        """Watch; keep what is to be warned of, or why that could not be told."""
        try:
            self.lines = monitor.monitor(self.run, self.night).warnings()
        except ChurnError as error:
            self.lines = [NOT_WATCHED.of(self.run.settings.language) + error.what]
        except Exception as error:  # noqa: BLE001 - the lists go out first, then it is raised
            self.defect = error


def _challenged(run: Run, night: date) -> list[Decision]:
    """Judge the challenger that scores beside the champion; train one where that is due.

    What fails is told as a failed stage, and the champion goes on.
    """
    decisions: list[Decision | None] = []
    with suppress(ChurnError):  # see above; so is a training's below
        decisions.append(shadow.judge_shadow(run, night))
    if why := challenge.due(run, night):
        with run.stages.noted("challenge", night.isoformat()) as note:
            note.text = why
        with suppress(ChurnError):
            decisions.append(train.train(run, night, asked=False).decision)
    else:
        with run.stages.noted("train", night.isoformat()) as note:
            trained = champion(run.workspace).meta.get("as_of", "an earlier night")
            note.skip(f"the champion of {trained} is in place")
    return [decision for decision in decisions if decision is not None]
