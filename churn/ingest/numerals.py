"""Numbers in the spellings of the world: recognised by a whole column, read in the one found.

A spelling is told as an example: ``1.234,5`` for decimal commas behind dots between thousands,
``1 234,5|€`` with what stands before or behind each number.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

PLAIN = "plain"
PERCENT = "percent"
COMMA_PERCENT = "1,5 %"
SHARES = frozenset({PERCENT, COMMA_PERCENT})
CLOCK = "h:mm:ss"
_BLANK, _APOSTROPHE = " ", "['’]"
_MARKS = {  # spelling: what parts thousands, what begins decimals
    PLAIN: ("", "."),
    "1,234.5": (",", "."),
    "1.234,5": (r"\.", ","),
    "1 234,5": (_BLANK, ","),
    "1 234.5": (_BLANK, "."),
    "1'234.5": (_APOSTROPHE, "."),
    "1'234,5": (_APOSTROPHE, ","),
}
NUMBERS = (*_MARKS, PERCENT, COMMA_PERCENT, CLOCK)
"""The spellings in which nothing but their marks stands with numbers."""
#: What may stand before or behind a number and says what it counts, the same in a whole column.
AFFIXES = (
    *("R$", "US$", "HK$", "NT$", "$", "€", "£", "¥", "₹", "₽", "₩", "₺", "zł", "Kč", "Ft", "kr."),
    *("kr", "руб.", "руб", "р.", "Rs.", "Rs", "Rp", "lei", "元", "人民币", "RMB"),
    *("USD", "EUR", "GBP", "CHF", "CNY", "JPY", "INR", "RUB", "BRL", "PLN", "TRY", "SEK", "NOK"),
    *("DKK", "HKD", "TWD", "KRW", "IDR", "MXN", "AUD", "CAD", "SGD", "MYR", "THB", "VND", "ZAR"),
    *("bytes", "KB", "kB", "MB", "GB", "TB", "minutes", "mins", "min.", "min", "seconds", "secs"),
    *("sec", "hours", "hrs", "days", "months", "years", "分钟", "秒", "小时", "天", "个月", "月"),
    *("年", "次", "条", "%"),
)
_MAGNITUDES = {"万": 10_000.0, "亿": 100_000_000.0}
_ALWAYS = "$€£¥"  # stripped wherever they stand, as they tell nothing but money
_SIGN = r"[-+]?"
_CLOCK = r"^(\d{1,6}):([0-5]\d):([0-5]\d)$"
_AFFIX = "|".join(re.escape(affix) for affix in sorted(AFFIXES, key=len, reverse=True))
LARGEST = float(np.finfo(np.float32).max)
DOTTED = 5  # distinct numbers with a mark that tell what it marks
THOUSAND = 1000
_NUMERIC = r"^[^\p{L}\d]{0,3}\d[\d\s.,'’:/-]*[.,'’:/\s-][\d\s.,'’:/-]*\D{0,8}$"


def spellings(texts: pa.Array) -> list[str]:
    """Return the spellings in which numbers of a column may be written, the plainest first.

    Where several currencies stand in it, only that which stands with most numbers is read: a dollar
    is not a euro.

    Parameters
    ----------
    texts
        Its distinct values.
    """
    affix = _affix(texts)
    forms = [PERCENT, COMMA_PERCENT] if affix == "%" else [f"{mark}|{affix}" for mark in _MARKS]
    marks = [] if _of_several_currencies(texts) else _MARKS
    return [*marks, *(forms if affix else []), CLOCK]


def read_numbers(texts: pa.Array, spelling: str) -> npt.NDArray[np.float64]:
    """Read text in one spelling: NaN where there is no such number, shape (values,).

    Brackets, or a minus behind, are a minus; 万 and 亿 multiply; full-width signs are read as the
    usual ones.
    """
    texts = _usual(texts)
    if spelling == CLOCK:
        return _seconds(texts)
    marks, _, affix = spelling.partition("|")
    if spelling in SHARES:
        marks, affix = (PLAIN if spelling == PERCENT else "1.234,5"), "%"
    thousands, decimal = _MARKS[marks]
    bare = _signed(texts)
    stripped = re.escape(affix) if affix else f"[{_ALWAYS}]"
    behind = pc.match_substring_regex(bare, rf"(?:^[-+]?\s*(?:{stripped}))|(?:(?:{stripped})$)")
    bare = pc.replace_substring_regex(bare, rf"^([-+]?)\s*(?:{stripped})\s*", r"\1")
    bare = pc.replace_substring_regex(bare, rf"\s*(?:{stripped})$", "")
    times = np.ones(len(texts))
    for sign, value in _MAGNITUDES.items():
        ends = pc.ends_with(bare, sign).fill_null(fill_value=False)
        times[ends.to_numpy(zero_copy_only=False)] = value
    bare = pc.replace_substring_regex(bare, r"\s*[万亿]$", "")
    point = re.escape(decimal)
    whole = rf"[1-9]\d{{0,2}}(?:{thousands}\d{{3}})+|\d+" if thousands else r"\d+"
    if thousands == ",":
        whole = r"[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}|\d+"
    pattern = rf"^{_SIGN}(?:(?:{whole})(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?$"
    fits = pc.match_substring_regex(bare, pattern)
    if affix:
        fits = pc.and_(fits, behind)
    bare = pc.if_else(fits, bare, pa.scalar(None, pa.string()))
    if thousands:
        bare = pc.replace_substring_regex(bare, thousands, "")
    if decimal != ".":
        bare = pc.replace_substring(bare, decimal, ".")
    read = pc.utf8_ltrim(bare, "+").cast(pa.float64()).to_numpy(zero_copy_only=False)
    numbers = np.array(read, dtype=np.float64) * times
    numbers[np.abs(numbers) > LARGEST] = np.nan
    return numbers / 100 if spelling in SHARES else numbers


def between_thousands(texts: pa.Array, mark: str) -> bool:
    """Tell that a sign parts thousands where it could as well begin three decimals.

    So it is where each stands before three digits, numbers below a thousand stand without it, and
    none of a thousand or more does.
    """
    texts = _usual(texts)
    sign = re.escape(mark)
    marked = texts.filter(pc.match_substring_regex(texts, sign))
    bare = texts.filter(pc.match_substring_regex(texts, rf"^{_SIGN}\d{{1,15}}$"))
    groups = pc.match_substring_regex(marked, rf"^{_SIGN}[1-9]\d{{0,2}}(?:{sign}\d{{3}})+$")
    if len(marked) < DOTTED or not len(bare) or not pc.all(groups).as_py():
        return False
    whole = pc.abs(pc.utf8_ltrim(bare, "+").cast(pa.int64()))
    return bool(pc.all(pc.less(whole, THOUSAND)).as_py())


def before_three_digits(texts: pa.Array, mark: str) -> bool:
    """Tell that a sign stands before three digits wherever it stands, with other digits before."""
    texts = _usual(texts)
    sign = re.escape(mark)
    marked = texts.filter(pc.match_substring_regex(texts, sign))
    groups = pc.match_substring_regex(marked, rf"^\D*[1-9]\d{{0,2}}(?:{sign}\d{{3}})+\D*$")
    return bool(len(marked)) and bool(pc.all(groups).as_py())


def _of_several_currencies(texts: pa.Array) -> bool:
    texts = _usual(texts)
    signs = (pc.match_substring(texts, sign) for sign in _ALWAYS)
    return sum(bool(pc.any(there).as_py()) for there in signs) > 1


def look_numeric(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Tell what looks like a number, date or time in some spelling, shape (values,)."""
    looks = pc.match_substring_regex(_usual(texts), _NUMERIC).fill_null(fill_value=False)
    return np.asarray(looks.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _usual(texts: pa.Array) -> pa.Array:
    """Write full-width and compatibility signs, and blanks of any width, as the usual ones."""
    if not pc.any(pc.invert(pc.string_is_ascii(texts))).as_py():
        return texts
    return pc.replace_substring(pc.utf8_normalize(texts, form="NFKC"), "−", "-")


def _signed(texts: pa.Array) -> pa.Array:
    """Write brackets around a number, or a minus behind it, as a minus before it."""
    bare = pc.replace_substring_regex(texts, r"^\(([^()-]*\d[^()-]*)\)$", r"-\1")
    return pc.replace_substring_regex(bare, r"^([^-]*\d)-$", r"-\1")


def _affix(texts: pa.Array) -> str:
    """Return what stands with most of the numbers, of what may stand there; nothing if nothing."""
    some = _signed(_usual(texts))
    counts: dict[str, int] = {}
    before = rf"^[-+]?\s*(?P<affix>{_AFFIX})\s*[-+]?[\d.,]"
    behind = rf"\d[.,]?\s*[万亿]?\s*(?P<affix>{_AFFIX})$"
    for pattern in (before, behind):
        found = pc.struct_field(pc.extract_regex(some, pattern), "affix")
        for entry in pc.value_counts(found.drop_null()).to_pylist():
            counts[entry["values"]] = counts.get(entry["values"], 0) + entry["counts"]
    best = max(counts, key=lambda affix: counts[affix], default="")
    return best if best and counts[best] > len(texts) / 2 else ""


def _seconds(texts: pa.Array) -> npt.NDArray[np.float64]:
    fits = pc.match_substring_regex(texts, _CLOCK)
    parts = pc.split_pattern(pc.if_else(fits, texts, pa.scalar(None, pa.string())), ":")
    seconds = np.zeros(len(texts))
    for at, size in enumerate((3600, 60, 1)):
        part = pc.list_element(parts, at) if len(texts) else pa.array([], pa.string())
        count = part.cast(pa.float64()).to_numpy(zero_copy_only=False)
        seconds = seconds + size * np.array(count, dtype=np.float64)
    return seconds
