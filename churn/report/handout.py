"""A night's hand-out: everything that its files are written from, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from churn.language import Language
from churn.report.columns import TARGETS
from churn.report.flat import to_csv, to_parquet
from churn.report.manifest import notice_counts
from churn.report.page import Data, Models, Tonight, write_page
from churn.report.verdicts import gate_lines
from churn.report.workbook import write_last_notices, write_targets
from churn.states import StateSettings
from churn.targeting.settings import LastNoticeSettings


@dataclass(frozen=True)
class Notices:
    """The last notices of a night.

    Parameters
    ----------
    frame
        :func:`churn.targeting.with_contacts` as rows, own ids.
    notes
        What a reader of them must know.
    """

    frame: pd.DataFrame
    settings: LastNoticeSettings
    states: StateSettings
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Count who is on the list, told, not told, or not known."""
        return notice_counts(self.frame["notified"])


@dataclass(frozen=True)
class HandOut:
    """Everything that the files of a night are written from.

    Parameters
    ----------
    tonight, models
        The list and the champion; on a night without a list None, and the models that failed.
    notes
        What every reader of the night must be told.
    why, refused
        Why there is no list: in lines, and in one where an error says so.
    """

    as_of: date
    language: Language
    notices: Notices
    notes: tuple[str, ...]
    tonight: Tonight | None = None
    models: Models | None = None
    why: tuple[str, ...] = ()
    refused: str | None = None


def write_lists(night: HandOut) -> dict[str, bytes]:
    """Return the last notices and, where there is one, the list: content by name."""
    notices = night.notices
    files = {
        "last_notices.xlsx": write_last_notices(
            notices.frame,
            notices.settings,
            notices.states,
            as_of=night.as_of,
            language=night.language,
            notes=notices.notes,
        )
    }
    if night.tonight is not None and night.models is not None:
        done, frame, settings = night.tonight.done, night.tonight.frame, night.tonight.settings
        files |= {
            "targets.csv": to_csv(frame, TARGETS),
            "targets.parquet": to_parquet(frame, TARGETS),
            "targets.xlsx": write_targets(
                done,
                frame,
                settings,
                as_of=night.as_of,
                language=night.language,
                gate=gate_lines(night.models.bundle.reports, night.language),
                notes=night.notes,
            ),
        }
    return files


def write_report(night: HandOut, data: Data) -> bytes:
    """Return ``report.html``: the list, the models behind it, the data that the night knew."""
    return write_page(
        as_of=night.as_of,
        language=night.language,
        data=data,
        notices=night.notices.counts(),
        tonight=night.tonight,
        models=night.models,
        refused=night.refused,
        notes=night.notes,
    )
