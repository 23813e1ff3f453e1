"""What looks like numbers or dates and is not read: how much of it, and how it is written."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.numerals import look_numeric
from churn.ready_made.columns import ALIKE, FEW, ReadColumn

SHOWN = 2
_LONGEST = 30  # signs of a shape that are shown
_WORDS = 24  # months by name and in short, at most so many
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:[12]\d{3}|\d{2,3})"
_DATE = (
    rf"^(?:[A-Z]\.?|\p{{Han}}{{2}})?{_YEAR}[-/.年]\s?{_MONTH}[-/.月]\s?{_DAY}日?(?:\D.*)?$"
    rf"|^(?:[A-Z]\.?|\p{{Han}}{{2}})\d{{1,2}}[-/.年]\s?{_MONTH}[-/.月]\s?{_DAY}日?$"
    rf"|^(?:{_DAY}[-/.]{_MONTH}|{_MONTH}[-/.]{_DAY})[-/.](?:[12]\d{{3}}|\d{{2}})(?:\D.*)?$"
    r"|^(?:19|20)\d\d-?W\d\d(?:-?\d)?$"
)
_NAMED_MONTH = (
    rf"^(?:\p{{L}}{{2,4}}\.?,? )?{_DAY}(?:\.|st|nd|rd|th)?[-/ ]?(?:de )?\p{{L}}{{3,12}}\.?,?"
    r"[-/ ]?(?:de )?(?:[12]\d{3}|\d{2})(?:[ T]\d.*)?$"
    rf"|^\p{{L}}{{3,12}}\.? {_DAY}(?:st|nd|rd|th)?,? [12]\d{{3}}(?: \d.*)?$"
)
_MEASURES = (
    r"^\d+\s?[A-Za-z]{1,4}\.?(?:\s\d+\s?[A-Za-z]{1,4}\.?)+$"  # 1h 20m
    r"|^[-+]?[^\d\P{Nd}][\p{Nd}٫٬.,]*$"  # digits of other scripts
)
_CODE = re.compile(r"^(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9_-]+$")


class Unread(NamedTuple):
    """A column that is not read.

    Attributes
    ----------
    share
        Share of the values that cannot be read, 0 to 1.
    shapes
        How the most frequent ones are written, with 9 for each digit.
    """

    share: float
    shapes: tuple[str, ...]


def unread(column: ReadColumn, misfits: npt.NDArray[np.bool_]) -> Unread | None:
    """Tell text that would be numbers or dates, were it read; None where it is text.

    Parameters
    ----------
    misfits
        Shape (distinct values,): what the best way of reading numbers or dates cannot read.
    """
    if not pa.types.is_string(column.distinct.type) or len(column.distinct) < FEW:
        return None
    misfits = misfits & column.known
    share = column.share(misfits)
    shapes = _shapes(column, misfits)
    if share <= 1 - ALIKE:
        return None if not shapes or _codes(column, misfits) else Unread(share, shapes)
    looks = look_numeric(column.distinct)
    numeric = column.share(looks) >= ALIKE and _no_code(_shapes(column, looks)[0])
    dates = column.share(_look_dated(column.distinct)) >= ALIKE
    return Unread(share, shapes) if numeric or dates else None


def _shapes(column: ReadColumn, which: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the commonest ways in which some values are written."""
    rows: Counter[str] = Counter()
    texts = column.distinct.filter(pa.array(which)).to_pylist()
    for text, count in zip(texts, column.counts[which].tolist(), strict=True):
        rows[re.sub(r"\d", "9", text)[:_LONGEST]] += count
    return tuple(shape for shape, _ in rows.most_common(SHOWN))


def _no_code(shape: str) -> bool:
    return not (re.fullmatch(r"[9-]+", shape) or re.search(r"[^\W\d_]{3}", shape))


def _codes(column: ReadColumn, misfits: npt.NDArray[np.bool_]) -> bool:
    """Tell codes of letters and digits among codes of digits alone."""
    misfitting = column.distinct.filter(pa.array(misfits)).to_pylist()
    rest = column.distinct.filter(pa.array(~misfits & column.known))
    codes = sum(bool(_CODE.match(text)) for text in misfitting)
    whole = pc.match_substring_regex(rest, r"^\d+$")
    return 2 * codes >= len(misfitting) and bool(pc.all(whole).as_py())


def _look_dated(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Tell what looks like a date or a measure: by its numbers, or by few words among them."""
    numbers = pc.match_substring_regex(texts, f"{_DATE}|{_MEASURES}")
    named = pc.match_substring_regex(texts, _NAMED_MONTH)
    words = {
        word.lower()
        for text in texts.filter(named).to_pylist()
        for word in re.findall(r"[^\W\d_]{3,}", text)
    }
    looks = numbers if len(words) > _WORDS else pc.or_(numbers, named)
    return np.asarray(looks.to_numpy(zero_copy_only=False), dtype=np.bool_)
