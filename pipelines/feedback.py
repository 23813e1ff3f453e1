"""``churn feedback FILE``: what diallers and people filled in, back by contact id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn.errors import ExtractError
from churn.store.atomic import write_bytes
from churn.store.hashing import sha256_file
from churn.targeting.answers import ANSWERS, code_of
from pipelines import filled_in
from pipelines.answers import Answers
from pipelines.run import Run

REASONS = ("unknown_contact", "unknown_answer", "contradiction")
_MOST_LINES = 10


@dataclass(frozen=True)
class Feedback:
    """What became of the rows of a file: they add up to ``delivered``.

    ``lines`` tells where those set aside stand, by reason: sheet, if it has a name, and line.
    """

    delivered: int
    accepted: int
    empty: int
    quarantined: Mapping[str, int]
    changed: int
    binding: int
    lines: Mapping[str, tuple[str, ...]]

    def summary(self) -> str:
        """Return counts, and where the rows stand that were set aside."""
        aside = ", ".join(f"{reason} {n:,}" for reason, n in self.quarantined.items() if n)
        counts = (
            f"{self.delivered:,} rows: {self.accepted:,} answers ({self.changed:,} new or changed, "
            f"{self.binding:,} that bind the next hand-over), {self.empty:,} not filled in, "
            f"set aside: {aside or 'none'}"
        )
        return "\n".join([counts, *self._places()])

    def _places(self) -> list[str]:
        found = []
        for reason, lines in self.lines.items():
            further = len(lines) - _MOST_LINES
            more = f" and {further:,} more" if further > 0 else ""
            found.append(f"  {reason} in line {', '.join(lines[:_MOST_LINES])}{more}")
        return found


def feedback(run: Run, file: Path) -> Feedback:
    """Take answers in from a CSV or workbook with contact ids and answers, in either language.

    Rows that do not fit are set aside with sheet, line and reason; the same file again changes
    nothing.

    Raises
    ------
    ExtractError
        If the file cannot be read, lacks a column, or none of its answers fits.
    """
    with run.stages.noted("feedback", None) as note:
        rows = filled_in.read(file)
        answers = Answers(run.workspace)
        known = answers.contacts()
        rows = rows.assign(
            subscriber_id=rows["contact_id"].map(known),
            code=rows["answer"].map(code_of),
            filled=rows["answer"].str.strip() != "",
        )
        rows["reason"] = ""
        filled = rows["filled"]
        rows.loc[filled & rows["code"].isna(), "reason"] = "unknown_answer"
        rows.loc[filled & rows["subscriber_id"].isna(), "reason"] = "unknown_contact"
        fits = filled & (rows["reason"] == "")
        kinds = rows[fits].groupby("contact_id")["code"].transform("nunique")
        rows.loc[kinds.index[kinds > 1], "reason"] = "contradiction"
        accepted = rows[filled & (rows["reason"] == "")]
        aside = rows[filled & (rows["reason"] != "")]
        _set_aside(run, file, aside)
        if len(aside) and accepted.empty:
            raise ExtractError(
                f"none of the {len(aside):,} answers fits: "
                + ", ".join(f"{reason} {n:,}" for reason, n in _counts(aside).items() if n),
                where=f"{file.name}; the rows are in the quarantine, feedback",
                do="take it back by the contact ids of handover.csv or targets.xlsx, with answers "
                + ", ".join(answer.text.en for answer in ANSWERS.values()),
            )
        once = accepted.drop_duplicates("contact_id").assign(answer=lambda each: each["code"])
        done = Feedback(
            delivered=len(rows),
            accepted=len(accepted),
            empty=int((~filled).sum()),
            quarantined=_counts(aside),
            changed=answers.put(once),
            binding=int(once["code"].map(lambda code: bool(ANSWERS[code].closes)).sum()),
            lines=_lines(aside),
        )
        note.text = done.summary().splitlines()[0]
        return done


def _counts(aside: pd.DataFrame) -> dict[str, int]:
    return {reason: int((aside["reason"] == reason).sum()) for reason in REASONS}


def _lines(aside: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return where the rows of each reason stand, as a person finds them in the file."""
    places = (
        aside["line"]
        .astype("str")
        .where(aside["sheet"] == "", aside["sheet"] + " " + aside["line"].astype("str"))
    )
    return {
        reason: tuple(places[aside["reason"] == reason])
        for reason, count in _counts(aside).items()
        if count
    }


def _set_aside(run: Run, file: Path, aside: pd.DataFrame) -> None:
    """Keep what does not fit, with sheet, line and reason; the same file is kept once."""
    if aside.empty:
        return
    folder = run.workspace.quarantine / "feedback"
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(
        aside[["sheet", "line", "reason", "contact_id", "answer"]], preserve_index=False
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    write_bytes(folder / f"{sha256_file(file)[:16]}.parquet", sink.getvalue().to_pybytes())
