"""How the values of a column are read as a canonical one: every way is proved by reading them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.casting import DATE_FORMATS, MONTH_FORMATS, TIMESTAMP_FORMATS
from churn.ingest.columns import ColumnMapping
from churn.ingest.mapping import read_column
from churn.ingest.moments import moments_of
from churn.ingest.numerals import (
    PLAIN,
    before_three_digits,
    between_thousands,
    read_numbers,
    spellings,
)
from churn.ingest.spelling import DATES, FLAGS
from churn.ingest.suggestion.likeness import meaning, meanings, words_of
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.vocabulary import OTHER, VALUES
from churn.tables import Column, Table

GLANCED = 5  # values in which a format shows itself
PROVED = 2_000  # distinct values by which a way of reading is proved
LONGEST = 200  # further ones, the longest, that tell how numbers are written
ALL = 0.998  # share of the rows that is as good as all: single ones may be damaged
MOST = 0.9
SOME = 0.5
LEVELS = 60  # distinct values up to which a column may hold codes
TIMES = (
    "", " %H:%M:%S", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S.%f", "T%H:%M:%S%z",
    "T%H:%M:%S.%f%z", " %H:%M:%S%z", "%H%M%S", " %H%M%S", "%H%M", " %I:%M:%S %p", " %I:%M %p",
    " %H时%M分%S秒", " %H时%M分",
)  # fmt: skip
MORE_DATES = (
    "%d.%m.%y", "%d-%m-%y", "%d %b %Y", "%b %d, %Y", "%d-%b-%y", "%d%b%Y", "%m/%Y", "%m.%Y",
    "%Y年%m月", "%Y.%m", "%y-%m-%d", "%y%m%d", "%b-%Y", "%b %Y", "%d%m%Y", "%b-%y", "%b %y",
    "%m-%Y",
)  # fmt: skip
CONSENT = frozenset({"consent", "consented", "agree", "agreed", "allowed", "permission"})
CONSENTED = ("同意", "允许", "许可", "接受")  # of a header whose flag says what one may do
OPT_OUTS = "subscribers.opt_outs"
SEPARATORS = "|;,/、，；+&"  # of several values in one field
COUNTED = ("epoch", "epoch_ms", "excel")
#: Pairs that read the same texts in another order.
TURNED = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%d/%m/%y": "%m/%d/%y"}
_MARKS = {
    "1,234.5": {"thousands": ","},
    "1.234,5": {"decimal": ",", "thousands": "."},
    "1 234,5": {"decimal": ",", "thousands": " "},
    "1 234.5": {"thousands": " "},
    "1'234.5": {"thousands": "'"},
    "1'234,5": {"decimal": ",", "thousands": "'"},
}
_UNIT_WORDS = {
    "milliseconds": {"millisecond", "ms", "msec", "毫秒"},
    "seconds": {"second", "sec", "秒"},
    "minutes": {"minute", "min", "分钟", "分钟数", "mou"},
    "hours": {"hour", "hr", "小时"},
    "MB": {"mb", "m", "兆"},
    "KB": {"kb", "k"},
    "GB": {"gb", "g"},
    "bytes": {"byte", "bytes", "b", "字节"},
    "days": {"day", "天", "天数"},
    "weeks": {"week", "周"},
    "hundredths": {"cent", "fen", "分", "pence", "penny"},
}
_UNITS_OF = {
    "seconds": ("milliseconds", "minutes", "hours"),
    "minutes": ("seconds", "hours"),
    "MB": ("KB", "GB", "bytes"),
    "days": ("weeks",),
    "currency": ("hundredths",),
}


#: From which middle value on a month's use is counted in another unit, the largest first:
#: 2,000 minutes are more than an hour a day, a million megabytes more than anybody's line carries.
_USUAL = {
    "minutes": (("seconds", 2_000),),
    "MB": (("bytes", 300_000_000), ("KB", 1_000_000)),
}


@dataclass(frozen=True)
class Reading:
    """A way to read a column.

    Attributes
    ----------
    how
        What the mapping says beside ``from:``.
    share
        Share of the rows with a value that are read so.
    doubtful
        Formats that would read these values as well.
    unknown
        Codes whose meaning is not told, with their rows.
    decided
        Whether the values themselves tell that they are of this column's kind: dates, and words
        of its vocabulary do; any number may be anything.
    """

    how: Mapping[str, Any]
    share: float
    doubtful: tuple[str, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    decided: bool = False

    def mapping(self, header: str) -> ColumnMapping:
        """Return the column's part of the settings."""
        return ColumnMapping.model_validate({"from": header, **self.how})


def reading(profile: Profile, table: Table, column: Column) -> Reading:
    """Find the way in which most of the values are read; a share of 0 where there is none."""
    if not len(profile.distinct):
        return Reading({}, 0.0)
    if column.allowed or column.type == "boolean":
        return _codes(profile, table, column)
    if column.type in {"date", "timestamp"}:
        return _dates(profile, table, column)
    if column.type == "string":
        return Reading({}, 1.0)
    return _numbers(profile, table, column)


def _share(profile: Profile, table: Table, column: Column, how: Mapping[str, Any]) -> float:
    values = profile.distinct[:PROVED]
    counts = profile.counts[:PROVED]
    mapping = ColumnMapping.model_validate({"from": profile.header, **how})
    _, bad = read_column(values, table, column, mapping)
    return float(counts[~bad].sum() / counts.sum())


def formats_of(profile: Profile) -> tuple[str, ...]:
    """Return the formats in which the most frequent values are dates, the likelier first."""
    return _formats(profile.values[:GLANCED])


@lru_cache(maxsize=10_000)
def _formats(values: tuple[str, ...]) -> tuple[str, ...]:
    few = pa.array(values, pa.string())
    found = []
    for text, pattern in _PATTERNS.items():
        if sum(bool(pattern.fullmatch(value)) for value in values) > len(values) / 2:
            moments, _ = moments_of(few, (text,))
            if len(moments.drop_null()) > len(values) / 2:
                found.append(text)
    return tuple(found)


def _dates(profile: Profile, table: Table, column: Column) -> Reading:
    month = table.occurs_at_month_end and column.name == table.occurs_on
    plain = _share(profile, table, column, {})
    if plain >= ALL:
        return Reading({}, plain, decided=True)
    shares: dict[str, float] = {}
    for text in (*formats_of(profile), *COUNTED):
        if not month and "%d" not in text and text not in COUNTED:
            continue
        if text in COUNTED and not _recent(profile, text):
            continue
        shares[text] = _share(profile, table, column, {"format": text})
        if shares[text] >= ALL and not _may_turn(text):
            break
    best = max(shares, key=lambda text: shares[text], default="")
    if not best or shares[best] < plain:
        return Reading({}, plain, decided=plain >= MOST)
    turned = tuple(t for t, share in shares.items() if t != best and share >= shares[best])
    firsts = [t for t in (best, *turned) if _are_firsts(profile, t)] if month and turned else []
    if len(firsts) == 1:  # months are written as their first days, not as twelve days of one
        (best,), turned = firsts, ()
    if shares[best] >= ALL:
        return Reading({"format": best}, shares[best], turned, decided=True)
    default = TIMESTAMP_FORMATS if column.type == "timestamp" else DATE_FORMATS
    both = [best, *(MONTH_FORMATS if month else default)]
    several = _share(profile, table, column, {"format": both})
    if several > shares[best]:
        return Reading({"format": both}, several, turned, decided=several >= MOST)
    return Reading({"format": best}, shares[best], turned, decided=shares[best] >= MOST)


def _are_firsts(profile: Profile, text: str) -> bool:
    """Tell that a format makes first days of several months of all values."""
    moments, _ = moments_of(profile.distinct[:PROVED], (text,))
    days = moments.drop_null()
    return len(days) > 1 and bool(pc.max(pc.day(days)).as_py() == 1)


def _may_turn(text: str) -> bool:
    return any(text.startswith(day) for day in TURNED) or "%y" in text


def _pattern(text: str) -> re.Pattern[str]:
    """Return what texts of a format look like, for a first glance."""
    pieces = {"Y": r"\d{4}", "b": r"(?:[^\W\d_]{3,12}\.?|\d{1,2}月)", "f": r"\d{1,9}"}
    pieces |= {"p": "(?:[AaPp].?[Mm].?|上午|下午)", "z": r"(?:[+-]\d{1,2}:?\d{0,2}|Z)"}
    parts = re.split(r"%(.)", text)
    return re.compile(
        "".join(
            pieces.get(part, r"\d{1,2}") if at % 2 else re.escape(part)
            for at, part in enumerate(parts)
        )
    )


_PATTERNS = {day + time: _pattern(day + time) for day in (*DATES, *MORE_DATES) for time in TIMES}


def _recent(profile: Profile, text: str) -> bool:
    """Tell whether counts make days between 1990 and 2100: others are some other number."""
    if not all(re.fullmatch(r"\d{4,13}(\.\d+)?", value) for value in profile.values[:GLANCED]):
        return False
    moments, bad = moments_of(profile.distinct[:PROVED], (text,))
    years = pc.year(moments.drop_null())
    if bad is not None or not len(years):
        return False
    low, high = pc.min(years).as_py(), pc.max(years).as_py()
    return bool(low >= 1990 and high < 2100)  # noqa: PLR2004 - told above


def _numbers(profile: Profile, table: Table, column: Column) -> Reading:
    marks = _marks(profile, money=column.unit == "currency")
    named = named_unit(profile.header) or named_unit(f"({marks.get('affix', '')})")
    ways: list[dict[str, Any]] = [marks, {**marks, "round": True}]
    if column.unit == "seconds":
        ways = [*ways[:1], {"unit": "hh:mm:ss"}, {"unit": "mm:ss"}]
        if named is None:
            ways += [{**marks, "unit": "minutes", "round": True}, {**marks, "round": True}]
    if named is None and table.name == "usage_monthly":
        named = _by_magnitude(profile, column)
    if named is not None and named != column.unit and named in _UNITS_OF.get(column.unit, ()):
        ways = [{**marks, "unit": named}, {**marks, "unit": named, "round": True}]
    best = Reading({}, 0.0)
    for way in ways:
        share = _share(profile, table, column, way)
        if share >= ALL:
            return Reading(way, share)
        if share > best.share + (1 - ALL):
            best = Reading(way, share)
    return best


def _by_magnitude(profile: Profile, column: Column) -> str | None:
    """Return the unit of a month's use where what is usual would be absurd in the table's own."""
    usual = _USUAL.get(column.unit)
    values = read_numbers(profile.distinct[:PROVED], PLAIN)
    counts = profile.counts[:PROVED][values > 0]
    values = values[values > 0]
    if usual is None or not len(values):
        return None
    order = np.argsort(values)
    middle = values[order][np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)]
    return next((unit for unit, least in usual if middle >= least), None)


def _marks(profile: Profile, *, money: bool = False) -> dict[str, Any]:
    """Return what numbers are written with, beside a decimal point.

    Parameters
    ----------
    money
        Whether they are amounts, of which hardly any currency has three decimals: where each sign
        stands before three digits it parts thousands.
    """
    values, counts = _telling(profile)
    forms = [form for form in spellings(values) if form.partition("|")[0] in {PLAIN, *_MARKS}]
    if between_thousands(values, ".") or (money and before_three_digits(values, ".")):
        forms.sort(key=lambda form: not form.startswith("1.234,5"))
    shares = {form: counts[~np.isnan(read_numbers(values, form))].sum() for form in forms}
    best = max(forms, key=lambda form: (shares[form], "|" in form))
    marks, _, affix = best.partition("|")
    return {**_MARKS.get(marks, {}), **({"affix": affix} if affix else {})}


def _telling(profile: Profile) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Return the most frequent values and the longest, in which signs between thousands stand."""
    rest = profile.distinct[PROVED:]
    longest = pc.sort_indices(pc.negate(pc.utf8_length(rest).cast(pa.int64())))[:LONGEST]
    values = pa.concat_arrays([profile.distinct[:PROVED], rest.take(longest)])
    more = profile.counts[PROVED:][longest.to_numpy(zero_copy_only=False)]
    return values, np.concatenate([profile.counts[:PROVED], more])


def named_unit(header: str) -> str | None:
    """Return the unit that stands in a header, also in brackets."""
    text = unicodedata.normalize("NFKC", header).lower()
    inside = re.findall(r"[(\[【]([^)\]】]+)[)\]】]", text)
    for piece in [*inside, " ".join(words_of(header))]:
        for word in re.findall(r"[a-z]+|[^\W\da-z_]+", piece):
            for unit, words in _UNIT_WORDS.items():
                short = len(word) == 1
                if word in words and (not short or piece in inside):
                    return unit
    for unit in ("minutes", "milliseconds", "seconds", "hours"):
        if any(not w.isascii() and w in text for w in _UNIT_WORDS[unit]):
            return unit
    return None


def _codes(profile: Profile, table: Table, column: Column) -> Reading:
    plain = _share(profile, table, column, {})
    if plain == 1:
        decided = not {value.lower() for value in profile.values} <= {"0", "1", "y", "n"}
        return Reading({}, plain, decided=decided)
    parted = _several(profile, table, column) if column.several else None
    if parted is not None:
        return parted
    if len(profile.distinct) > LEVELS:
        return Reading({}, plain)
    counted = profile.counted()
    codes = _translated(profile, table, column)
    if None in codes.values():
        codes = _by_initials(profile, table, column) or codes
    known = {code: text for code, text in codes.items() if text is not None}
    unknown = {code: counted[code] for code, text in codes.items() if text is None}
    share = 1 - sum(unknown.values()) / profile.present
    if not known or (column.name == "product" and share < SOME):
        return Reading({}, plain)  # of brands some may sound like products
    how: dict[str, Any] = {"codes": known}
    if unknown and OTHER in column.allowed:
        return Reading({**how, "otherwise": OTHER}, 1.0, unknown=unknown, decided=share >= MOST)
    if unknown:
        how = {"codes": {**known, **dict.fromkeys(unknown)}}
    return Reading(how, share, unknown=unknown, decided=share >= MOST)


def _by_initials(profile: Profile, table: Table, column: Column) -> dict[str, str | None]:
    """Read letters as the beginnings of words, where all stand for values of their own."""
    words = VALUES.get(f"{table.name}.{column.name}", {})
    begun = {
        value: {word[0][0] for text in listed.split("|") if (word := words_of(text))}
        for value, listed in words.items()
    }
    codes: dict[str, str | None] = {}
    for letter in sorted(profile.values):
        meant = [value for value, letters in begun.items() if letter.lower() in letters]
        if len(letter) > 1 or len(meant) != 1 or meant[0] in codes.values():
            return {}
        codes[letter] = meant[0]
    return codes if len(codes) > 1 else {}


def _several(profile: Profile, table: Table, column: Column) -> Reading | None:
    """Read several values in one field, or a flag that stands for them; None where neither is."""
    if {value.lower() for value in profile.values} <= FLAGS.keys():
        return _refusals(profile, table, column)
    return _parted(profile, table, column)


def _refusals(profile: Profile, table: Table, column: Column) -> Reading:
    """Read a flag as the values that its header names, or as all: set, or unset of a consent."""
    words = {*words_of(profile.header)}
    consent = bool(words & CONSENT) or any(sign in profile.header for sign in CONSENTED)
    listed = VALUES[OPT_OUTS]
    channels = [value for value in column.allowed if value in listed and ":" not in value]
    if f"{table.name}.{column.name}" != OPT_OUTS:
        return Reading({}, 0.0)
    named = [v for v in channels if _names(profile.header, words, listed[v])] or channels
    marketing = "marketing" in words or "营销" in profile.header
    said = ";".join(f"{v}:marketing" if marketing else v for v in named)
    codes = {v: "" if FLAGS[v.lower()] is consent else said for v in sorted(profile.values)}
    return Reading({"codes": codes}, 1.0)


def _names(header: str, words: set[str], listed: str) -> bool:
    """Tell that a header names one of the words between bars."""
    return any(word in (words if word.isascii() else header) for word in listed.split("|"))


def _parted(profile: Profile, table: Table, column: Column) -> Reading | None:
    """Part several values in one field by the one sign between them; None where none is."""
    used = [sign for sign in SEPARATORS if any(sign in value for value in profile.values)]
    if len(used) != 1:
        return None
    rows: Counter[str] = Counter()
    for value, count in profile.counted().items():
        rows.update({part: count for piece in value.split(used[0]) if (part := piece.strip())})
    words = VALUES.get(f"{table.name}.{column.name}") or {name: name for name in column.allowed}
    codes = meanings(sorted(rows), words)
    known = {code: text for code, text in codes.items() if text is not None}
    if len(rows) > LEVELS or not known:
        return None
    unknown = {code: rows[code] for code, text in codes.items() if text is None}
    how = {"separator": used[0], "codes": known | dict.fromkeys(unknown)}
    share = _share(profile, table, column, {**how, "codes": known})
    return Reading(how, share, unknown=unknown, decided=share >= MOST)


def _translated(profile: Profile, table: Table, column: Column) -> dict[str, str | None]:
    """Return the canonical value that each value says, or its name in a code list."""
    values = sorted(profile.values)
    words = VALUES.get(f"{table.name}.{column.name}") or {name: name for name in column.allowed}
    if column.type == "boolean":
        flags = {word: "true" if true else "false" for word, true in FLAGS.items()}
        listed = VALUES.get(f"{table.name}.{column.name}", {})
        said = meanings([profile.named(value) for value in values], listed)
        return {v: flags.get(profile.named(v).lower()) or said[profile.named(v)] for v in values}
    if not column.several:
        return {value: meaning(profile.named(value), words) for value in values}
    codes: dict[str, str | None] = {}
    for value in values:
        parts = [part for part in _parts(profile.named(value)) if part]
        meant = [one for one in meanings(parts, words).values() if one]
        whole = len(meant) == len(set(parts)) and bool(meant)
        codes[value] = ";".join(dict.fromkeys(meant)) if whole else None
    return codes


def _parts(value: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;,|/、，；+&\s]+", value)]


def days_of(profile: Profile, table: Table, column: Column, how: Mapping[str, Any]) -> pa.Array:
    """Return the days or times that the values are read as, null where they are not."""
    mapping = ColumnMapping.model_validate({"from": profile.header, **how})
    values, _ = read_column(profile.distinct, table, column, mapping)
    return values


def span_of(
    profile: Profile, table: Table, column: Column, how: Mapping[str, Any]
) -> tuple[date, date] | None:
    """Return the first and the last day among the values; None where there is none."""
    days = days_of(profile, table, column, how).cast(pa.timestamp("us")).drop_null()
    if not len(days):
        return None
    low, high = pc.min(days).as_py(), pc.max(days).as_py()
    return low.date(), high.date()
