"""How numbers, flags and dates are spelt in files, and reading them."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from churn.ingest.casting import BOOLEANS
from churn.ingest.moments import COUNTS, SERIAL, moments_of
from churn.ingest.numerals import LARGEST, PLAIN, SHARES, read_numbers

#: Words that mean "no value" in a column that otherwise holds numbers, flags or dates.
MISSING = (
    "na",
    "n/a",
    "#n/a",
    "nan",
    "null",
    "(null)",
    "<na>",
    "none",
    "-",
    "--",
    "?",
    "\\n",
    "unknown",
    "未知",
    *("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#n/d", "(na)", "(blank)", "nil"),
    *("k.a.", "n.a.", "n.v.", "n/d", "s/d", "missing", "—", "–", ".", "..", "...", "暂无", "不详"),
    *(
        "n.d.",
        "k. a.",
        "n. a.",
        "sin dato",
        "sin datos",
        "не указано",
        "нет данных",
        "없음",
        "なし",
    ),
    *("空", "(空)", "（空）", "(空白)", "0000-00-00", "0000-00-00 00:00:00", "00.00.0000"),
    *("00/00/0000", "00000000"),
)
FLAGS = {word.lower(): meaning == "true" for word, meaning in BOOLEANS.items()}
EPOCH = date(1970, 1, 1)
LATEST_YEAR = 2200  # later dates mean "for ever"

DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m", "%Y/%m",
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d-%b-%Y", "%d/%m/%y", "%m/%d/%y",
    "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%d-%b-%y", "%d %b %Y", "%b %d, %Y", "%d/%b/%Y", "%d%b%Y",
    "%b-%Y", "%b %Y", "%m/%Y", "%Y年%m月", "%y-%m-%d", "%y/%m/%d", "%y.%m.%d", "%d%m%Y",
)  # fmt: skip
DIGITS_ONLY = "%Y%m%d"
_TIME = r"[ T]+\d{1,2}:\d{2}.*$"


def plain(values: pa.ChunkedArray) -> pa.Array | None:
    """Return text (trimmed, blank as null), int64, float64, bool or timestamp; None if nested.

    A length of time is its seconds, a time of the day text; bytes are text where all are UTF-8.
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    whole = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], kind)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        text = pc.utf8_trim_whitespace(whole.cast(pa.string()))
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    return _typed(whole)


def _typed(values: pa.Array) -> pa.Array | None:
    """Return values that have a type already in one of the few that are told apart."""
    kind = values.type
    if pa.types.is_integer(kind):
        return values.cast(pa.int64() if kind != pa.uint64() else pa.float64(), safe=False)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        number = values.cast(pa.float64())
        return pc.if_else(pc.is_finite(number), number, pa.scalar(None, pa.float64()))
    if pa.types.is_temporal(kind):
        return _of_time(values)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _of_octets(values)
    if pa.types.is_null(kind):
        return pa.nulls(len(values), pa.string())
    return values if pa.types.is_boolean(kind) else None


def _of_time(values: pa.Array) -> pa.Array | None:
    """Return days and moments as moments, by the clock of the zone that the column names."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(values) if kind.tz else values
        return local.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_date(kind):
        return values.cast(pa.timestamp("us"))
    if pa.types.is_time(kind):
        return values.cast(pa.time32("s"), safe=False).cast(pa.string())
    if pa.types.is_duration(kind):
        length = values.cast(pa.duration("us"), safe=False).cast(pa.int64())
        return pc.divide(length.cast(pa.float64()), 1e6)
    return None  # months and days, which are no length


def _of_octets(values: pa.Array) -> pa.Array | None:
    """Return bytes that are UTF-8 as text; None where some are not."""
    try:
        text = values.cast(pa.string() if pa.types.is_binary(values.type) else pa.large_string())
    except pa.ArrowInvalid:
        return None
    return plain(pa.chunked_array([text]))


def as_text(values: pa.Array) -> pa.Array:
    """Write values as a CSV of the same table has them; whole numbers without a point."""
    if pa.types.is_floating(values.type):
        whole = pc.if_else(pc.equal(values, pc.round(values)), values, None)
        written = whole.cast(pa.int64(), safe=False).cast(pa.string())
        return pc.coalesce(written, values.cast(pa.string()))
    return values.cast(pa.string())


def said_missing(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Tell where a word stands for no value: shape (rows,)."""
    if not pa.types.is_string(values.type):
        return np.zeros(len(values), dtype=np.bool_)
    missing = pc.is_in(pc.utf8_lower(values), pa.array(MISSING))
    return np.asarray(missing.to_numpy(zero_copy_only=False), dtype=np.bool_)


def numbers_of(values: pa.Array, form: str) -> npt.NDArray[np.float64]:
    """Read numbers in one form; NaN where there is none."""
    if pa.types.is_string(values.type):
        return read_numbers(values, form or PLAIN)
    if pa.types.is_timestamp(values.type):
        return np.full(len(values), np.nan)
    read = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    numbers = np.array(read, dtype=np.float64)
    numbers[np.abs(numbers) > LARGEST] = np.nan
    return numbers / 100 if form in SHARES else numbers


def flags_of(values: pa.Array) -> tuple[pd.Series, int]:
    """Read yes and no, missing where neither is said; and how many values say something else."""
    words = pc.utf8_lower(as_text(values))
    yes = pc.is_in(words, pa.array([word for word, true in FLAGS.items() if true]))
    known = pc.is_in(words, pa.array(list(FLAGS)))
    missing = ~known.to_numpy(zero_copy_only=False)
    unread = missing & values.is_valid().to_numpy(zero_copy_only=False) & ~said_missing(words)
    flags = pd.array(yes.to_numpy(zero_copy_only=False), dtype="boolean")
    flags[missing] = pd.NA
    return pd.Series(flags), int(np.count_nonzero(unread))


def days_of(values: pa.Array, form: str) -> npt.NDArray[np.float64]:
    """Return days since 1970; NaN where a value is no such date.

    Parameters
    ----------
    form
        A date format, behind which a time of the day may stand; or ``epoch``, ``epoch_ms`` or
        ``excel``, for what counts from a day on.
    """
    if pa.types.is_timestamp(values.type):
        moments = values
    elif pa.types.is_boolean(values.type):
        return np.full(len(values), np.nan)
    elif form in {*COUNTS, SERIAL}:
        moments, _ = moments_of(as_text(values), [form])
    elif pa.types.is_floating(values.type):
        return np.full(len(values), np.nan)
    else:
        text = pc.replace_substring_regex(values.cast(pa.string()), _TIME, "")
        moments, _ = moments_of(text, [form or DATES[0]])
    days = moments.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.float64))


def latest_of(values: pa.Array, form: str) -> date:
    """Return the latest day that does not mean "for ever"."""
    days = days_of(values, form)
    end = (date(LATEST_YEAR, 1, 1) - EPOCH).days
    real = days[days < end]
    last = float(real.max()) if len(real) else float(np.nanmax(days))
    return date.fromisoformat(str(np.datetime64(int(last), "D")))
