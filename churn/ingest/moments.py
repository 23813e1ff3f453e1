"""Dates and times in the formats that people write, each read whole or not at all."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

#: How months are begun in other tongues than English: Spanish, Portuguese, French, German, Italian,
#: Dutch, Polish, Turkish and Indonesian. What is written whole begins so as well.
_BEGINNINGS = (
    "ene|jan|gen|sty|oca",
    "feb|fev|fév|lut|şub|sub",
    "mar|mär|mrz|mrt|maa",
    "abr|avr|apr|kwi|nis",
    "may|mai|mag|maj|mei",
    "jun|juin|giu|cze|haz",
    "jul|juil|lug|lip|tem",
    "ago|aoû|aou|aug|sie|ağu|agu|agt",
    "sep|set|wrz|eyl",
    "oct|out|okt|ott|paź|paz|eki",
    "nov|lis|kas",
    "dic|dez|déc|dec|gru|ara|des",
)
_NAMES = {
    name.lower(): f"{month:02d}"
    for month in range(1, 13)
    for name in (calendar.month_name[month], calendar.month_abbr[month], f"{month}月")
}
_BEGUN = {
    beginning: f"{month:02d}"
    for month, listed in enumerate(_BEGINNINGS, start=1)
    for beginning in listed.split("|")
}
_AFTERNOON = r"[AaPp]\.?[Mm]\.?|上午|下午"
_PIECES = {  # as they stand padded; and what may stand where something else parts them
    "Y": (r"[12]\d{3}|9999", r"[12]\d{3}|9999"),
    "y": (r"\d{2}", r"\d{2}"),
    "m": (r"0[1-9]|1[0-2]", r"0?[1-9]|1[0-2]"),
    "b": (r"\p{L}{3,12}\.?|\d{1,2}月",) * 2,
    "d": (r"0[1-9]|[12]\d|3[01]", r"0?[1-9]|[12]\d|3[01]"),
    "H": (r"[01]\d|2[0-3]", r"[01]?\d|2[0-3]"),
    "I": (r"0[1-9]|1[0-2]", r"0?[1-9]|1[0-2]"),
    "M": (r"[0-5]\d", r"[0-5]\d"),
    "S": (r"[0-5]\d", r"[0-5]\d"),
    "f": (r"\d{1,9}", r"\d{1,9}"),
    "p": (_AFTERNOON, _AFTERNOON),
    "z": (r"[+-]\d{2}:?\d{2}|Z", r"[+-]\d{1,2}(?::?\d{2})?|Z"),
}
_PLAIN = set("YmdHMS")
_DIRECTIVE = re.compile(r"%(.)")
_CENTURY = 69  # two digits from here on are of the last century, as POSIX has it
COUNTS = {"epoch": "s", "epoch_ms": "ms"}
SERIAL = "excel"
_EARLIEST, _LATEST = -2_208_988_800, 7_289_654_400  # seconds of 1900 and 2201
_SERIAL_EPOCH = -25_569  # days from 1970 to the day before Excel's first
_DAY = 86_400  # seconds
_DIGITS, _DECIMALS = 38, 18
_NO_TEXT = pa.scalar(None, pa.string())


def check_format(text: str) -> str:
    """Return a date format as it is, or say which part is not understood."""
    if text in {*COUNTS, SERIAL}:
        return text
    used = _DIRECTIVE.findall(text.replace("%B", "%b"))
    year = len({"Y", "y"} & set(used)) == 1
    month = len({"m", "b"} & set(used)) == 1
    hour = "H" not in used or "I" not in used
    half = ("I" in used) == ("p" in used)
    known = set(used) <= set(_PIECES) and len(set(used)) == len(used)
    if not (known and year and month and hour and half):
        raise ValueError(
            f"format {text!r} is not read: use %Y or %y, %m or %b, %d, %H or %I with %p, %M, %S, %f"
            f" and %z, each once, at least a year and a month; or {', '.join(COUNTS)}, {SERIAL}"
        )
    return text


def moments_of(values: pa.Array, formats: Sequence[str]) -> tuple[pa.Array, pa.Array | None]:
    """Read dates and times in the first of the formats that fits each value.

    An offset from UTC is no part of the moment: times are those of the clock that wrote them.

    Returns
    -------
    tuple of pa.Array
        Timestamps, null where nothing fits; and where that is (None: nowhere).
    """
    read = pa.nulls(len(values), pa.timestamp("us"))
    for text in formats:
        left = pc.if_else(pc.is_null(read), values, _NO_TEXT)
        if left.null_count == len(left):
            break
        read = pc.coalesce(
            read, _counted(left, text) if text in {*COUNTS, SERIAL} else _written(left, text)
        )
    unread = pc.and_(pc.is_valid(values), pc.is_null(read))
    return read, unread if pc.any(unread).as_py() else None


def _written(values: pa.Array, text: str) -> pa.Array:
    """Read what is written out: as most formats are, in one step, else part by part."""
    text = text.replace("%B", "%b")
    if not set(_DIRECTIVE.findall(text)) <= _PLAIN:
        return _calendar(_assembled(values, text))
    padded = _pattern(text, padded=True)
    fits = pc.match_substring_regex(values, f"^(?:{padded})$")
    if pc.all(fits).as_py() is not False:
        return _calendar(_iso(values, text, padded))
    fitting = pc.if_else(fits, values, _NO_TEXT)
    rest = pc.if_else(fits.fill_null(fill_value=True), _NO_TEXT, values)
    return pc.coalesce(_calendar(_iso(fitting, text, padded)), _calendar(_assembled(rest, text)))


def _pattern(text: str, *, padded: bool = False, named: bool = False) -> str:
    """Return the pattern of a format; parts that touch another are padded in any case."""
    parts = _DIRECTIVE.split(text)
    pattern = ""
    for at, part in enumerate(parts):
        if at % 2 == 0:
            pattern += re.escape(part)
            continue
        touches = (at > 1 and not parts[at - 1]) or (at < len(parts) - 2 and not parts[at + 1])
        piece = _PIECES[part][not (padded or touches)]
        pattern += f"(?P<{part}>{piece})" if named else f"({piece})"
    return pattern


def _iso(values: pa.Array, text: str, pattern: str) -> pa.Array:
    """Rewrite padded values as ``YYYY-MM-DD HH:MM:SS``, or its date alone."""
    if re.fullmatch(r"%Y-%m-%d(?: (?:%H:%M:%S|00:00:00))?", text):
        return values
    order = _DIRECTIVE.findall(text)
    group = {name: rf"\{order.index(name) + 1}" for name in order}
    day = f"{group['Y']}-{group['m']}-{group.get('d', '01')}"
    time = ":".join(group.get(name, "00") for name in "HMS")
    return pc.replace_substring_regex(values, f"^{pattern}$", f"{day} {time}")


def _assembled(values: pa.Array, text: str) -> pa.Array:
    """Take values apart and write them as ``YYYY-MM-DD HH:MM:SS.ffffff``."""
    if values.null_count == len(values):
        return values
    parts = pc.extract_regex(values, f"^(?:{_pattern(text, named=True)})$")
    names = {field.name for field in parts.type}

    def part(name: str, otherwise: str) -> pa.Array:
        if name not in names:
            return pc.if_else(pc.is_valid(parts), otherwise, _NO_TEXT)
        return pc.utf8_lpad(pc.struct_field(parts, name), 2, "0")

    year = part("Y", "")
    if "y" in names:
        digits = part("y", "")
        late = pc.greater_equal(digits.cast(pa.int64()), _CENTURY)
        year = pc.binary_join_element_wise(pc.if_else(late, "19", "20"), digits, "")
    month = _translated(part("b", ""), _month) if "b" in names else part("m", "01")
    hour = part("H", "00")
    if "I" in names:
        hour = pc.binary_join_element_wise(part("I", ""), part("p", ""), "")
        hour = _translated(hour, _HOURS.get)
    fraction = pc.utf8_rpad(pc.utf8_slice_codeunits(_whole(parts, "f"), 0, 6), 6, "0")
    day = pc.binary_join_element_wise(year, month, part("d", "01"), "-")
    time = pc.binary_join_element_wise(hour, part("M", "00"), part("S", "00"), ":")
    return pc.binary_join_element_wise(pc.binary_join_element_wise(day, time, " "), fraction, ".")


def _whole(parts: pa.Array, name: str) -> pa.Array:
    """Return a part as it stands, none where the format has none."""
    if name in {field.name for field in parts.type}:
        return pc.struct_field(parts, name)
    return pc.if_else(pc.is_valid(parts), "", _NO_TEXT)


def _hours() -> dict[str, str]:
    hours: dict[str, str] = {}
    for hour in range(1, 13):
        for late, words in (
            (False, ("am", "a.m.", "a.m", "am.", "上午")),
            (True, ("pm", "p.m.", "p.m", "pm.", "下午")),
        ):
            hours |= {f"{hour:02d}{word}": f"{hour % 12 + 12 * late:02d}" for word in words}
    return hours


_HOURS = _hours()


def _month(word: str) -> str | None:
    """Return the number of a month by its name, in any of the tongues; None of no month."""
    return _NAMES.get(word) or _BEGUN.get(word[:4]) or _BEGUN.get(word[:3])


def _translated(words: pa.Array, meaning: Callable[[str], str | None]) -> pa.Array:
    encoded = pc.utf8_lower(words).dictionary_encode()
    meant = [None if word is None else meaning(word) for word in encoded.dictionary.to_pylist()]
    return pa.array(meant, pa.string()).take(encoded.indices)


def _counted(values: pa.Array, text: str) -> pa.Array:
    """Read what counts from a day on: seconds or milliseconds from 1970, Excel's days from 1900."""
    fits = pc.match_substring_regex(values, r"^-?\d{1,14}(?:\.\d{1,18})?$")
    exact = pc.if_else(fits, values, _NO_TEXT).cast(pa.decimal128(_DIGITS, _DECIMALS))
    if text == SERIAL:
        days = exact.cast(pa.decimal256(_DIGITS, _DECIMALS))
        shifted = pc.add(days, pa.scalar(Decimal(_SERIAL_EPOCH)))
        count = pc.round(pc.multiply(shifted, pa.scalar(Decimal(_DAY))), 0, "half_to_even")
        unit, scale = "s", 1
    else:
        unit = COUNTS[text]
        count, scale = pc.floor(exact), {"s": 1, "ms": 1000}[unit]
    whole = count.cast(pa.int64(), safe=False)
    there = pc.and_(pc.greater_equal(whole, _EARLIEST * scale), pc.less(whole, _LATEST * scale))
    return (
        pc.if_else(there, whole, pa.scalar(None, pa.int64()))
        .cast(pa.timestamp(unit))
        .cast(pa.timestamp("us"))
    )


def _calendar(values: pa.Array) -> pa.Array:
    """Cast ISO text to a timestamp; days that no calendar has (31 June) become null."""
    try:
        return values.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        days = pc.utf8_slice_codeunits(values, 0, 10).dictionary_encode()
        real = pa.array([_is_day(text) for text in days.dictionary.to_pylist()], pa.bool_())
        keep = real.take(days.indices)
        return pc.if_else(keep, values, _NO_TEXT).cast(pa.timestamp("us"))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
