"""What parts the fields of a text, and where its table begins: from all lines, not the header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

DELIMITERS = (",", ";", "\t", "|", "~", "^", "\x01", "\x1f", "\x02", "¦", "§")
_RUNS = re.compile(r"[|~^:#@$!&*¦§]{2,4}")
SAMPLE = 400  # lines that tell
TITLES = 20  # lines that may stand before the header
_EMPTY, _DOUBTFUL = 0.5, 0.2  # what a cell counts that is empty, or holds what may part fields
_SEPARATOR = re.compile(r'\ufeff?"?sep=(\S|\t)"?', re.IGNORECASE)

_SIGN = r"[-+−]?"
_MONEY = r"(?:[$€£¥￥₹₽]|R\$|[A-Z]{3}|元|руб\.?|zł|kr\.?|Kč|Ft)"
_DIGITS = r"\d{1,3}(?:[.,' \u00a0\u202f’]\d{2,3})*(?:[.,]\d+)?|\d+(?:[.,]\d*)?|[.,]\d+"
_NUMBER = re.compile(
    rf"\(?{_SIGN}\s*{_MONEY}?\s*{_SIGN}(?:{_DIGITS})(?:[eE][-+]?\d+)?\s*(?:%|％|{_MONEY})?\)?[-]?"
)
_DATE = re.compile(
    r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[T ]+\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[-/. ](?:[A-Za-z]{3,9})[-/., ]+\d{2,4}(?: .*)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?"
)
_YEARS = range(1900, 2101)
ALIKE = 0.9
LEVELS = 0.25  # share of rows that the levels of a text may be, for its header to be compared


class Dialect(NamedTuple):
    """How the lines of a text become fields.

    Attributes
    ----------
    skip
        Lines before the header.
    width
        How many fields most lines have.
    """

    delimiter: str
    quote: str
    skip: int
    width: int


def dialect_of(lines: Sequence[str], delimiter: str | None = None) -> Dialect:
    """Find what parts all lines into the same number of fields, each a single value.

    Parameters
    ----------
    lines
        The first lines, without their ends; a field in quotes may run over them.
    delimiter
        What parts the fields, where that is known.
    """
    first = next((at for at, line in enumerate(lines) if line.strip("\ufeff \t")), 0)
    named = _SEPARATOR.fullmatch(lines[first]) if lines else None
    body = lines[first + 1 :] if named else lines
    signs = [delimiter or (named[1] if named else "")]
    if not signs[0]:
        signs = _candidates(body)
    whole = [line for line in body if line.strip() and line.count('"') % 2 == 0][:SAMPLE]
    scored = []
    for at, sign in enumerate(signs):
        for quote in '"', "'":
            rows = [_split(line, sign, quote) for line in whole]
            width, like = _modal(rows)
            clean = _clean([row for row in rows if len(row) == width], signs)
            scored.append((like * clean * (width > 1), width, -at, quote == '"', sign, quote, rows))
    if not scored:
        return Dialect(DELIMITERS[0], '"', 0, 1)
    *_, sign, quote, rows = max(scored, key=lambda each: each[:4])
    width, _ = _modal(rows)
    above = len(lines) - len(body)
    return Dialect(sign, quote, _titles(body, sign, quote, width, above), width)


def headless(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bool:
    """Tell a first line that reads as the values below it, so that it names no columns."""
    as_they_are = _whole_numbers(header)
    if as_they_are in (range(len(header)), range(1, len(header) + 1)):
        return False  # columns that a program has numbered
    columns = list(zip(*(row for row in rows if len(row) == len(header)), strict=True))
    alike = different = 0
    for name, column in zip(header, columns, strict=False):
        values = [value.strip() for value in column if value.strip()]
        if not name or len(values) < 3:  # noqa: PLR2004 - of fewer nothing can be told
            continue
        typed = sum(_is_typed(value) for value in values) >= ALIKE * len(values)
        levels = set(values)
        if typed:
            year = name.isdecimal() and int(name) in _YEARS
            alike += _is_typed(name) and not year
            different += not _is_typed(name)
        elif len(levels) <= LEVELS * len(values):
            alike += name in levels
            different += name not in levels
    return alike > 0 and not different


def _whole_numbers(header: Sequence[str]) -> range | None:
    """Return numbers that follow each other, as a range; None for other headers."""
    if not all(name.isdecimal() for name in header):
        return None
    numbers = [int(name) for name in header]
    run = range(numbers[0], numbers[0] + len(numbers))
    return run if numbers == list(run) else None


def _candidates(lines: Sequence[str]) -> list[str]:
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    text = "\n".join(sample)
    runs = Counter(run for line in sample for run in set(_RUNS.findall(line)))
    longer = [run for run, count in runs.items() if count > len(sample) / 2]
    controls = {sign for sign in text if sign < " " and sign not in "\t\r\n\0"}
    known = [sign for sign in DELIMITERS if sign in text]
    found = [*known, *sorted(controls - set(known)), *sorted(longer, key=len, reverse=True)]
    return found or ([" "] if _by_blanks(sample) else [])


def _by_blanks(lines: Sequence[str]) -> bool:
    """Tell that single blanks part all lines into as many fields, three at least."""
    widths = {len(line.split(" ")) for line in lines}
    single = not any("  " in line for line in lines)
    return single and len(widths) == 1 and min(widths) > 2 and len(lines) > 2  # noqa: PLR2004 - told above


def _split(line: str, sign: str, quote: str) -> list[str]:
    if quote not in line:
        return line.split(sign)
    stand_in = sign if len(sign) == 1 else "\x1f"
    try:
        replaced = line.replace(sign, stand_in)
        (fields,) = csv.reader([replaced], delimiter=stand_in, quotechar=quote, strict=True)
    except (csv.Error, ValueError):
        return [line]
    return fields


def _modal(rows: Sequence[Sequence[str]]) -> tuple[int, float]:
    """Return the number of fields that most lines have, and their share."""
    if not rows:
        return 1, 0.0
    ((width, count),) = Counter(map(len, rows)).most_common(1)
    return width, count / len(rows)


def _clean(rows: Sequence[Sequence[str]], signs: Sequence[str]) -> float:
    """Return the share of cells that hold one value, rather than several still to be parted."""
    cells = [cell.strip() for row in rows[:100] for cell in row]
    if not cells:
        return 0.0
    counts = (
        _EMPTY if not cell else _DOUBTFUL if _holds(cell, signs) or _quoted(cell) else 1.0
        for cell in cells
    )
    return sum(counts) / len(cells)


def _holds(cell: str, signs: Sequence[str]) -> bool:
    return any(sign in cell for sign in signs) and not _is_typed(cell)


def _quoted(cell: str) -> bool:
    """Tell a cell that is quoted still, or was cut inside its quotes."""
    whole = len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "\"'"
    return whole or cell.count('"') % 2 == 1


def _is_typed(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def titles_in(rows: Sequence[Sequence[str]], width: int) -> int:
    """Count the titles above a header: rows of one field, or of few above a header of words.

    A row of few fields above values is a header that names some of its columns alone.
    """
    filled = [sum(bool(field.strip()) for field in row) for row in rows]
    wide = next((at for at, n in enumerate(filled) if n > 1 and 5 * n > 2 * width), None)
    first = next((at for at, n in enumerate(filled) if n > 1), None)
    if wide is None or first is None or any(_is_typed(field.strip()) for field in rows[wide]):
        return first or 0
    return wide


def _titles(lines: Sequence[str], sign: str, quote: str, width: int, above: int) -> int:
    """Count the lines before the header: a title has few fields, however many delimiters follow."""
    if width < 2:  # noqa: PLR2004 - of one column every line is like a title
        return 0
    rows = []
    for line in lines[:TITLES]:
        if line.count('"') % 2:
            break
        rows.append(_split(line, sign, quote))
    header = titles_in(rows, width)
    if width == 2:  # noqa: PLR2004 - a name and a blank may be a header
        header = next((at for at, row in enumerate(rows) if len(row) == width), 0)
        header *= all(sum(bool(field.strip()) for field in row) <= 1 for row in rows[:header])
    if header >= len(rows) or len(rows[header]) != width:
        return 0
    # Blank lines between are skipped by whoever reads.
    spoken = [at + 1 for at in range(header) if any(field.strip() for field in rows[at])]
    return spoken[-1] + above if spoken else 0
