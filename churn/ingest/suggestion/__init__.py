"""Unknown files to a settings file: tables, columns, formats, codes and deliveries, with evidence.

Public: :func:`suggest`. What the files do not tell is written as a question, never guessed in
silence: lines that begin with ``# ?``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from churn.errors import ExtractError
from churn.ingest.names import last_day
from churn.ingest.suggestion.assignment import Assignment, assign
from churn.ingest.suggestion.batches import Batch, batches, found, joined, tokens_of
from churn.ingest.suggestion.code_lists import lists_in, with_names
from churn.ingest.suggestion.document import Left, ingest_section
from churn.ingest.suggestion.endings import by_months, ends_late
from churn.ingest.suggestion.events import Events, events_of
from churn.ingest.suggestion.filling import StateOf
from churn.ingest.suggestion.looks import Look, are_chinese, look_at
from churn.ingest.suggestion.proposals import Suggested
from churn.ingest.suggestion.sources import suggested
from churn.ingest.suggestion.stating import EVENTS
from churn.ingest.suggestion.wide import Outcome, outcome_in
from churn.language import Language, Text


@dataclass(frozen=True)
class Suggestion:
    """What a look at files suggests.

    Attributes
    ----------
    folder
        The folder that holds all the files.
    events
        The states among the status events, where a batch holds such.
    extracted_on
        The day on which files without a day in their names were extracted.
    ends
        First and last day on which a line ended, where these begin long after lines did.
    by_months
        Whether lines begin and end on firsts of months alone.
    outcome
        The flag that tells who went in the month to come, where that is all that tells it.
    """

    files: int
    folder: Path
    tables: tuple[Suggested, ...]
    left: tuple[Left, ...]
    events: Events | None
    extracted_on: date | None
    language: Language
    outcome: Outcome | None = None
    ends: tuple[date, date] | None = None
    by_months: bool = False

    @property
    def halts(self) -> bool:
        """Whether suspensions or returns are told by days of the subscribers' file."""
        made = [
            line.value
            for table in self.tables
            if table.table.name == EVENTS
            for source in table.sources
            for line in source.lines
            if line.target == "status" and isinstance(line.value, dict)
        ]
        return any("suspended" in {how.get("constant"), how.get("missing")} for how in made)

    @property
    def names(self) -> tuple[str, ...]:
        """The tables that are filled."""
        return tuple(each.table.name for each in self.tables)

    def ingest(self, folder: str, id_key: str, language: Language) -> list[str]:
        """Return the lines of the section ``ingest:`` of the settings."""
        return ingest_section(self.tables, self.left, folder, id_key, language)


def suggest(
    paths: Sequence[Path], state_of: StateOf, extracted_on: date | None = None
) -> Suggestion:
    """Look at files of an unknown operator and suggest how they are read.

    Parameters
    ----------
    paths
        Files, or folders of them.
    state_of
        The state of a service that a code tells, if any.
    extracted_on
        When files without a day in their names were extracted, if somebody knows.

    Raises
    ------
    UsageError
        If a path is not there, or no file is found.
    ExtractError
        If no file can be read, or no encoding be told.
    """
    files = found(paths)
    folder = Path(os.path.commonpath([file.parent for file in files]))
    looks, unread = _looks(batches(files, folder))
    if not looks:
        raise unread[0][1]
    looks, lists = with_names(_regions_joined(looks))
    extracted_on = extracted_on or _day_in(folder)
    assignment = assign(looks, state_of)
    tables, day = suggested(assignment, extracted_on, state_of)
    return Suggestion(
        len(files),
        folder,
        tables,
        (
            *(Left(look.batch, why) for look, why in (*assignment.left, *lists)),
            *(Left(batch, Text(error.what, error.what), asked=True) for batch, error in unread),
        ),
        _events(assignment, state_of),
        day,
        "zh" if are_chinese(looks) else "en",
        _outcome(assignment, tables),
        ends_late(assignment),
        by_months(assignment),
    )


def _day_in(folder: Path) -> date | None:
    """Return the day in the name of the folder that holds everything, if there is one."""
    days = [last_day(token.text) for token in tokens_of(folder.name) if token.kind == "day"]
    return days[0] if len(days) == 1 else None


def _looks(every: Sequence[Batch]) -> tuple[list[Look], list[tuple[Batch, ExtractError]]]:
    """Look at each batch; where its encoding cannot be told, as those that came with it are."""
    looks: list[Look] = []
    unread: list[tuple[Batch, ExtractError]] = []
    for batch in every:
        try:
            looks += look_at(batch)
        except ExtractError as error:
            unread.append((batch, error))
    encodings = {look.options["encoding"] for look in looks if "encoding" in look.options}
    if len(encodings) != 1:
        return looks, unread
    (encoding,) = encodings
    still: list[tuple[Batch, ExtractError]] = []
    for batch, reason in unread:
        try:
            again = look_at(batch, encoding)
        except ExtractError:
            again = []
        if again and not any(any(look.damaged.values()) for look in again):
            looks += [replace(look, doubts=(*look.doubts, _beside(encoding))) for look in again]
        else:
            still.append((batch, reason))
    return looks, still


def _beside(encoding: str) -> Text:
    return Text(
        f"too few signs tell its encoding: is it {encoding}, as that of the files beside it?",
        f"字符太少，无法判断编码：是否与同批文件一样为 {encoding}？",
    )


def _regions_joined(looks: Sequence[Look]) -> list[Look]:
    """Look at files as one batch where names differ in a word, as that of a region, alone."""
    alike: dict[tuple[object, ...], list[Look]] = {}
    for look in looks:
        options = {key: value for key, value in look.options.items() if key != "encoding"}
        alike.setdefault((look.header, str(options)), []).append(look)
    result: list[Look] = []
    for group in alike.values():
        # Files without a sign beyond ASCII are of any encoding.
        encodings = {look.options["encoding"] for look in group if "encoding" in look.options}
        whole = joined([each.batch for each in group]) if len(group) > 1 else None
        if whole is None or len(encodings) > 1 or _is_a_list(group):
            result += group
        else:
            result += look_at(whole, next(iter(encodings), None))
    return result


def _is_a_list(group: Sequence[Look]) -> bool:
    """Tell code lists, which are alike in their headers and about other things each."""
    return all(next(lists_in(look), None) is not None for look in group)


def _events(assignment: Assignment, state_of: StateOf) -> Events | None:
    filled = [each for each in assignment.filled if each.table.name == EVENTS]
    return events_of(filled, assignment.books, state_of) if filled else None


def _outcome(assignment: Assignment, tables: Sequence[Suggested]) -> Outcome | None:
    """Return the flag that became events, if one did."""
    if assignment.books is None or assignment.ended is not None:
        return None
    flag = outcome_in(assignment.books)
    events = [each for each in tables if each.table.name == EVENTS]
    headers = {header for each in events for source in each.sources for header in source.only}
    return flag if flag is not None and flag.profile.header in headers else None
