"""Whom the ids of a batch name: the lines on the books by their own id, or by another number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.suggestion.dating import BOOKS
from churn.ingest.suggestion.filling import COMPARED, FEW, HELD, Filled
from churn.ingest.suggestion.likeness import ALIKE, likeness
from churn.ingest.suggestion.looks import Look
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.readings import formats_of

DIGITS, ENDING = 9, 0.6  # last digits of a number by which it is known, and of how many
AGAIN = 0.2  # share of rows whose number an earlier line had, up to which it tells lines apart
MATCHED = 0.3  # share of ids on the books from which a column names subscribers


def may_identify(profile: Profile) -> bool:
    """Tell a column that each row has a value of its own of, as a register has of its lines."""
    held = profile.present >= HELD * profile.rows
    return profile.unique and held and len(profile.distinct) >= FEW


def overlap(look: Look, ids: Profile) -> float:
    """Return the largest share of a column's distinct values that are among the ids."""
    return max((_telling(profile, ids) for profile in look.profiles), default=0.0)


def matched(profile: Profile, ids: Profile) -> float:
    """Return the share of a column's distinct values that are among some ids, 0 to 1."""
    if len(profile.distinct) < FEW // 4:
        return 0.0
    inside = pc.is_in(profile.distinct[:COMPARED], value_set=ids.distinct)
    return float(np.mean(inside.to_numpy(zero_copy_only=False)))


def _telling(profile: Profile, ids: Profile) -> float:
    """Return what the match of ids counts: of few values, such as ages, half."""
    few = len(profile.distinct) < max(FEW, 0.02 * len(ids.distinct))
    return matched(profile, ids) * (0.5 if few else 1.0)


class Other(NamedTuple):
    """A column that names lines by another of the books' than their ids."""

    profile: Profile
    named: Profile
    ends: int = 0


def other_id(look: Look, books: Filled) -> Other | None:
    """Return the column whose values name lines by another of the books, a number to each line.

    Numbers may be written in another way: then their last digits are the same.
    """
    ids = books.picks["subscriber_id"].profile
    others = {
        p.profile.position for n, p in books.picks.items() if n in {"customer_id", "account_id"}
    }
    named = [
        p
        for p in books.look.profiles
        if p is not ids
        and p.position not in others
        and p.again <= AGAIN
        and len(p.distinct) >= max(FEW, len(ids.distinct) / 2)
        and not formats_of(p)
    ]
    held = [p for p in look.profiles if p.present >= HELD * p.rows and not formats_of(p)]
    for ends, least in ((0, MATCHED), (DIGITS, ENDING)):
        pairs = [(_shared(p, n, ends), p, n) for p in held for n in named]
        best = max(pairs, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] >= least:
            return Other(best[1], best[2], ends)
    return None


def _shared(profile: Profile, named: Profile, ends: int) -> float:
    """Return the share of a column's values that are among another's, or end as they do."""
    if not ends:
        return matched(profile, named)
    mine, theirs = _endings(profile.distinct[:COMPARED], ends), _endings(named.distinct, ends)
    if len(mine) < max(FEW, len(profile.distinct[:COMPARED]) / 2):
        return 0.0
    inside = pc.is_in(mine, value_set=theirs).cast(pa.float64())
    return float(pc.mean(inside).as_py())


def _endings(values: pa.Array, ends: int) -> pa.Array:
    """Return the last digits of the numbers among values, without what stands between digits."""
    digits = pc.replace_substring_regex(values, r"[ ()\-.]", "")
    long = pc.match_substring_regex(digits, rf"^\+?\d{{{ends},}}$")
    return pc.utf8_slice_codeunits(digits.filter(long), -ends)


def id_column(look: Look, books: Filled | None, column: str) -> tuple[Profile | None, float]:
    """Return the column that names subscribers, or customers, and the share on the books."""
    known = books.picks.get(column) if books is not None else None
    best: tuple[float, Profile | None, float] = (0.0, None, 0.0)
    for profile in look.profiles:
        if not len(profile.distinct) or profile.present < HELD * profile.rows:
            continue
        named = likeness(profile.header, f"{BOOKS}.{column}")
        share = matched(profile, known.profile) if known is not None else 0.0
        if named < ALIKE and share < MATCHED:
            continue
        telling = _telling(profile, known.profile) if known is not None else 0.0
        score = 2 * telling + named
        if score > best[0]:
            best = (score, profile, share)
    return best[1], best[2]
