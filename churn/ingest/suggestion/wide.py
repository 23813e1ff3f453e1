"""Wide files: a record with many months side by side, and a flag of what came after them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from churn.ingest.names import last_day
from churn.ingest.spelling import FLAGS
from churn.ingest.suggestion.filling import Filled
from churn.ingest.suggestion.likeness import likeness, likeness_to
from churn.ingest.suggestion.looks import Look
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import reading
from churn.ingest.suggestion.vocabulary import OUTCOMES
from churn.tables import TABLES, Table
from churn.windows import month_start

MONTHLY = ("bills", "usage_monthly")
FEWEST = 3  # months that make a file a wide one
SURE = 0.75  # likeness from which the stem of headers is a column
_MEMBER = re.compile(
    r"(?P<stem>.*?[^\d])(?P<suffix>(?:19|20)\d{2}[-_.年]?(?:0[1-9]|1[0-2])月?|\d{1,2})月?$"
)


@dataclass(frozen=True)
class Wide:
    """Months that stand side by side in a file.

    Attributes
    ----------
    months
        First day of each month: column of the table, and the header that holds it.
    ordered
        Whether the headers count months instead of naming them, the first taken for the newest.
    """

    look: Look
    table: Table
    months: Mapping[date, Mapping[str, Profile]]
    ordered: bool


@dataclass(frozen=True)
class Outcome:
    """A flag of what became of a subscriber after the last month.

    Attributes
    ----------
    positive
        The values that say that it went.
    passive
        Whether it was the operator who ended it, by the header's words.
    """

    profile: Profile
    positive: tuple[str, ...]
    passive: bool


def wide_in(filled: Filled, extracted_on: date | None) -> tuple[Wide, ...]:
    """Find months side by side among the columns of a batch that fill nothing.

    Parameters
    ----------
    extracted_on
        The day of the extraction, from which months are counted back where headers count them.
    """
    stems: dict[str, dict[str, Profile]] = {}
    for profile in filled.unused:
        member = _MEMBER.fullmatch(profile.header.strip())
        if member:
            stems.setdefault(member["stem"].strip(" _-."), {})[member["suffix"]] = profile
    found = []
    for name in MONTHLY:
        table = TABLES[name]
        columns = _columns(table, stems)
        required = [c.name for c in table.columns if c.required and c.unit not in {"", "id"}]
        if not columns or any(name not in columns for name in required):
            continue
        suffixes = {suffix for members in columns.values() for suffix in members}
        ordered = all(last_day(_plain(suffix)) is None for suffix in suffixes)
        if ordered and extracted_on is None:
            continue
        months = _months(
            sorted(suffixes, key=lambda s: int(_plain(s))), extracted_on, ordered=ordered
        )
        by_month = {
            months[suffix]: {
                column: members[suffix] for column, members in columns.items() if suffix in members
            }
            for suffix in months
        }
        found.append(
            Wide(
                filled.look,
                table,
                {m: c for m, c in by_month.items() if set(required) <= set(c)},
                ordered,
            )
        )
        break  # what is billed is not counted as use as well
    return tuple(found)


def _plain(suffix: str) -> str:
    return re.sub(r"\D", "", suffix)


def _columns(
    table: Table, stems: Mapping[str, Mapping[str, Profile]]
) -> dict[str, Mapping[str, Profile]]:
    """Return the columns that stems of headers name, each with its months."""
    columns: dict[str, Mapping[str, Profile]] = {}
    scores: dict[str, float] = {}
    for stem, members in stems.items():
        if len(members) < FEWEST:
            continue
        for column in table.columns:
            if column.type in {"date", "string"}:
                continue
            score = likeness(stem, f"{table.name}.{column.name}")
            read = all(reading(p, table, column).share == 1 for p in members.values())
            if score >= SURE and read and score > scores.get(column.name, 0.0):
                columns[column.name], scores[column.name] = members, score
    return columns


def _months(
    suffixes: Sequence[str], extracted_on: date | None, *, ordered: bool
) -> dict[str, date]:
    months: dict[str, date] = {}
    month = month_start((extracted_on or date.min.replace(year=2)) - timedelta(days=1))
    for suffix in suffixes:
        end = last_day(_plain(suffix))
        if ordered:
            months[suffix] = month
            month = month_start(month - timedelta(days=1))
        elif end is not None:
            months[suffix] = month_start(end)
    return months


def outcome_in(filled: Filled) -> Outcome | None:
    """Find the flag that tells who went, among the columns of a batch that fill nothing."""
    best: tuple[float, Outcome | None] = (0.0, None)
    for profile in filled.unused:
        score = max(likeness_to(profile.header, words) for words in OUTCOMES.values())
        values = profile.values
        if len(values) != 2 or not {v.lower() for v in values} <= set(FLAGS):  # noqa: PLR2004 - yes and no
            continue
        if score >= SURE and score > best[0]:
            positive = tuple(value for value in values if FLAGS[value.lower()])
            passive = likeness_to(profile.header, OUTCOMES["passive"]) >= SURE
            best = (score, Outcome(profile, positive, passive))
    return best[1]
