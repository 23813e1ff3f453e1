"""The two classes of a target: what counts, what does not, and which rows say neither."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from churn.errors import tellable
from churn.ingest.spelling import FLAGS, MISSING
from churn.ready_made.roles import RoleError

NAMED = 8  # values told in a message


@dataclass(frozen=True)
class Classes:
    """How the values of a target are taken, as they are compared (:func:`as_compared`).

    Attributes
    ----------
    positive
        The values that count.
    negative
        The values that do not, with their rows.
    left_out
        Values that say neither, with their rows: words for no value, and what nobody named.
    """

    positive: tuple[str, ...]
    negative: Mapping[str, int]
    left_out: Mapping[str, int]

    @property
    def kept(self) -> frozenset[str]:
        """Values whose rows are learned from."""
        return frozenset({*self.positive, *self.negative})


def as_compared(label: str) -> str:
    """Return a value of the target as it is compared: ``Yes`` is ``yes``, ``1.0`` is ``1``."""
    return re.sub(r"^(\d+)\.0+$", r"\1", label.strip().lower())


def classes_of(
    target: str,
    words: Iterable[str | None],
    positive: str | None = None,
    negative: Sequence[str] = (),
) -> Classes:
    """Sort the values of a target.

    A word for no value (NA, null, ? …) is an unknown label, not a second "no", unless it is named.
    Of more than two classes those that do not count must be named; rows of the others are left out.

    Parameters
    ----------
    words
        The values as compared, None where blank.
    positive, negative
        The value that counts, and those that do not. Without them the column must read as yes
        and no.

    Raises
    ------
    RoleError
        If that does not make two classes.
    """
    counts = Counter(word for word in words if word is not None)
    named = {as_compared(value) for value in negative}
    counted = {as_compared(positive)} if positive is not None else set()
    _require_there(target, counts, counted, named)
    unknown = {word for word in counts if word in MISSING} - named - counted
    values = set(counts) - unknown
    if positive is None:
        counted = {word for word in values - named if FLAGS.get(word, False)}
    others = values - counted
    read_as_no = {word for word in others if FLAGS.get(word) is False}
    if not counted or (positive is None and others - named - read_as_no):
        raise _no_flag(target, counts)
    if not named and len(others) > 1 and others != read_as_no:
        raise RoleError(
            f"column {target} has {len(others):,} values beside {min(counted)}:"
            f" {told(counts, others)}",
            role="positive",
            do="name each that does not count; rows of the others are left out",
            mended_by="negative",
        )
    kept = named or others
    if not kept and positive is None:
        raise _no_flag(target, counts)
    if not kept:
        beside = f" ({told(counts, unknown)} say no value)" if unknown else ""
        raise RoleError(
            f"column {target} has {len(values):,} values, and no other than this one{beside}",
            role="positive",
            do="name a column with two values, or the value that does not count",
            mended_by="negative",
        )
    return Classes(
        tuple(sorted(counted)),
        {word: counts[word] for word in sorted(kept)},
        {word: counts[word] for word in sorted(set(counts) - counted - kept)},
    )


def told(counts: Mapping[str, int], words: Iterable[str]) -> str:
    """Tell values and their rows, the most frequent first; nobody's number or address."""
    tellable_counts = as_codes({word: counts[word] for word in words})
    return ", ".join(f"{word} ({rows:,})" for word, rows in tellable_counts.items())


def as_codes(counts: Mapping[str, int]) -> dict[str, int]:
    """Return values with their rows, the most frequent first; what is no code counts as ``…``."""
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    codes = [word for word in ranked if tellable(word) and "@" not in word][:NAMED]
    rest = sum(counts.values()) - sum(counts[word] for word in codes)
    return {word: counts[word] for word in codes} | ({"…": rest} if rest else {})


def _require_there(
    target: str, counts: Mapping[str, int], positive: set[str], negative: set[str]
) -> None:
    if not positive <= set(counts):
        raise RoleError(
            f"column {target} has {len(counts):,} values, and this is none of them:"
            f" {told(counts, counts)}",
            role="positive",
            do="name the value that counts, as it stands in the file",
        )
    absent = negative - set(counts)
    if absent or positive & negative:
        both = f"{min(positive & negative)} counts and does not" if positive & negative else ""
        raise RoleError(
            both or f"column {target} has none of {len(absent):,} values: {told(counts, counts)}",
            role="negative",
            do="name values that do not count, as they stand in the file",
        )


def _no_flag(target: str, counts: Mapping[str, int]) -> RoleError:
    return RoleError(
        f"column {target} has {len(counts):,} values that do not read as yes and no:"
        f" {told(counts, counts)}",
        role="target",
        do="name the value that counts",
        mended_by="positive",
    )
