"""Columns as the world writes them: read rightly, told to be doubtful, or not read and told so."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from churn.ingest.spelling import plain
from churn.ready_made.recognition import Reading, Said, SetAside, recognise
from churn.ready_made.roles import RoleError

ROWS = 300
DAYS = [date(2019, 1, 1) + timedelta(at * 37 % 1800) for at in range(ROWS)]
AMOUNTS = [round(1.5 + at * at * 0.37, 2) for at in range(ROWS)]


def _found(values, name="x", said=None):
    return recognise(name, plain(pa.chunked_array([pa.array(values)])), name, said)


def _days(values, name="x"):
    """Return the days that a column was read as."""
    found = _found(values, name)
    assert isinstance(found, Reading)
    assert found.kind == "date"
    before, misfits = found.read(plain(pa.chunked_array([pa.array(values)])))
    return [found.latest - timedelta(int(days)) for days in before], misfits, found


@pytest.mark.parametrize(
    "form",
    [
        *("%d.%m.%y", "%d-%m-%y", "%m/%d/%y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y"),
        *("%d/%b/%Y", "%d%b%Y", "%d%m%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d-%b-%Y"),
        "%Y-%m-%dT%H:%M:%SZ",
    ],
)
def test_dates_in_every_common_order(form):
    """With names of months, two digits of the year, or a time behind."""
    read, misfits, _ = _days([day.strftime(form) for day in DAYS])
    assert read == DAYS
    assert misfits == 0


def test_a_bad_date_does_not_cost_the_column():
    """It is missing and counted; so are days that databases write for none, but not counted."""
    values = ["2021-02-30", "0000-00-00", *[str(day) for day in DAYS[2:]]]
    found = _found(values)
    assert found.kind == "date"
    read, misfits = found.read(plain(pa.chunked_array([pa.array(values)])))
    assert read.isna().tolist() == [True, True, *[False] * (ROWS - 2)]
    assert misfits == 1


@pytest.mark.parametrize(
    "written",
    [
        lambda day: f"{day.year + 543}-{day:%m-%d}",  # Buddhist
        lambda day: f"{day:%d/%m}/{day.year + 543}",
        lambda day: f"{day:%d/%m}/{(day.year + 543) % 100}",
        lambda day: f"{day.year - 621}/{day:%m/%d}",  # Persian
        lambda day: f"{day.year - 1911}/{day:%m/%d}",  # of the Republic
        lambda day: f"R{day.year - 2018}.{day.month}.{day.day}",  # Reiwa
        lambda day: f"令和{day.year - 2018}年{day.month}月{day.day}日",
        lambda day: f"{day.year - 2018:02}/{day:%m/%d}",
        lambda day: f"{day:%d/%m}/{day.year - 60:04}"[:6] + f"{(day.year - 62) % 100}",  # births
        lambda day: f"{day.day} {('tammi', 'helmi', 'touko', 'kesä')[day.month % 4]}. {day.year}",
        lambda day: f"{day.year}-W{day.isocalendar().week:02}",
    ],
)
def test_years_of_other_calendars_are_not_read_as_ours(written):
    """Nor as words that tell rows apart: the column is told to be unread, and how it is written."""
    found = _found([written(day) for day in DAYS])
    assert isinstance(found, SetAside)
    assert found.code == "unread"
    assert "9" in found.shape
    assert found.shape in found.why.en
    assert found.shape in found.why.zh


def test_days_for_ever_are_no_other_calendar():
    """One or two days far ahead stand for no end."""
    values = ["9999-12-31" if at % 4 == 0 else str(day) for at, day in enumerate(DAYS)]
    assert _found(values).kind == "date"


@pytest.mark.parametrize(
    ("days", "form", "doubtful"),
    [
        ([day.replace(day=1 + day.day % 12) for day in DAYS], "%d/%m/%Y", "%m/%d/%Y"),
        ([day.replace(day=1) for day in DAYS], "%m/%d/%Y", ""),  # else all would lie in January
        (DAYS, "%m/%d/%Y", ""),
    ],
)
def test_which_comes_first_is_told_by_the_whole_column_or_doubted(days, form, doubtful):
    """The day or the month; months stand for their first days."""
    found = _found([day.strftime("%m/%d/%Y") for day in days])
    assert (found.kind, found.form, found.doubtful) == ("date", form, doubtful)


@pytest.mark.parametrize(
    ("values", "form", "doubtful"),
    [
        ([f"{at % 9 + 1}.{at:03}" for at in range(ROWS)], "", "1.234,5"),
        ([f"{at % 9 + 1},{at:03}" for at in range(ROWS)], "1,234.5", "1.234,5"),
        ([f"{at % 9},{at:03}" for at in range(ROWS)], "1.234,5", ""),  # 0,125 has no thousands
        ([f"{at * 77:,}" for at in range(ROWS)], "1,234.5", ""),  # below a thousand without
        ([f"{at * 77:,}".replace(",", ".") for at in range(ROWS)], "1.234,5", ""),
        ([f"{amount:.2f}" for amount in AMOUNTS], "", ""),
    ],
)
def test_a_sign_before_three_digits_is_decided_or_doubted(values, form, doubtful):
    """1.856 is either, until others of the column tell."""
    found = _found(values)
    assert (found.kind, found.form, found.doubtful) == ("number", form, doubtful)


def test_what_is_doubtful_is_decided_by_who_knows():
    """The form that is named is the one that reads."""
    days = [day.replace(day=1 + day.day % 12) for day in DAYS]
    found = _found([f"{day:%m/%d/%Y}" for day in days], said=Said("date", "%m/%d/%Y"))
    assert (found.form, found.latest) == ("%m/%d/%Y", max(days))
    values = [f"{at % 9 + 1}.{at:03}" for at in range(ROWS)]
    read, _ = _found(values, said=Said("number", "1.234,5")).read(pa.array(values))
    assert read.tolist() == [(at % 9 + 1) * 1000 + at for at in range(ROWS)]
    with pytest.raises(RoleError, match="0 of 300 values of x read as date written %Y-%m-%d"):
        _found(values, said=Said("date", "%Y-%m-%d"))


def test_a_dollar_is_not_a_euro():
    """Where two currencies stand in a column few of the other are missing, many leave it unread."""
    few = [f"{'$' if at % 40 == 0 else '€'}{amount}" for at, amount in enumerate(AMOUNTS)]
    found = _found(few)
    read, misfits = found.read(pa.array(few))
    assert misfits == read.isna().sum() == len(few[::40])
    assert read[1] == AMOUNTS[1]
    many = _found([f"{'$€'[at % 2]}{amount}" for at, amount in enumerate(AMOUNTS)])
    assert many.code == "unread"
    assert "€99999.99" in many.shape
    bare = [f"{'$' if at % 2 else ''}{amount}" for at, amount in enumerate(AMOUNTS)]
    assert _found(bare).read(pa.array(bare))[0].tolist() == AMOUNTS


@pytest.mark.parametrize("word", ["keine Angabe", "unlimited", "5 CR"])
def test_numbers_among_words_are_unread_with_share_and_examples(word):
    """Nobody knows whether such a word says nothing or a great deal; text they are not."""
    values = [word if at % 4 == 0 else str(amount) for at, amount in enumerate(AMOUNTS)]
    found = _found(values)
    assert (found.code, found.share) == ("unread", 0.25)
    assert found.shape == word.replace("5", "9")
    assert "(25.0% of its values)" in found.why.en
    assert "25.0%" in found.why.zh
    said = _found(values, said=Said("number")).read(pa.array(values))[0]
    np.testing.assert_array_equal(said.isna(), np.arange(ROWS) % 4 == 0)


@pytest.mark.parametrize("word", ["—", "k. A.", "sin dato", "なし", "없음", "（空）", "N.D."])
def test_words_of_many_languages_say_no_value(word):
    """However many of them there are."""
    values = [word if at % 4 == 0 else str(amount) for at, amount in enumerate(AMOUNTS)]
    read, misfits = _found(values).read(pa.array(values))
    assert (misfits, read.isna().sum()) == (0, ROWS // 4)


def test_codes_with_a_letter_here_and_there_stay_text():
    """Codes of digits and letters are what rows have in common."""
    codes = [f"{6000 + at % 60}{'A' if at % 7 == 0 else ''}" for at in range(ROWS)]
    found = _found(codes)
    assert (found.kind, len(found.levels)) == ("text", len(set(codes)))


ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@pytest.mark.parametrize(
    "written", [lambda at: f"{at}h {at % 60}m", lambda at: str(at).translate(ARABIC)]
)
def test_measures_and_digits_of_other_scripts_are_unread(written):
    """They are no names of rows."""
    assert _found([written(at) for at in range(ROWS)]).code == "unread"


@pytest.mark.parametrize(
    ("name", "step", "form"),
    [("createdAt", 1, "epoch"), ("x", 3600, "epoch"), ("x", 1000, "epoch_ms"),
     ("登录时间", 7, "epoch_ms"), ("contract_date", 1, "excel")],
)  # fmt: skip
def test_days_that_are_counted_are_dates_where_header_or_roundness_tells(name, step, form):
    """Seconds and milliseconds from 1970, Excel's days; else a count is a count."""
    length = {"epoch": 86_400, "epoch_ms": 86_400_000, "excel": 1}[form]
    first = {"epoch": date(1970, 1, 1), "epoch_ms": date(1970, 1, 1), "excel": date(1899, 12, 30)}
    counts = [(day - first[form]).days * length + step * (at % 2 if step > 1 else 0)
              for at, day in enumerate(DAYS)]  # fmt: skip
    assert _days(counts, name)[2].form == form
    read, misfits, found = _days([str(count) for count in counts], name)
    assert (found.form, read, misfits) == (form, DAYS, 0)


def test_long_numbers_that_nothing_calls_a_time_name_rows():
    """Ten digits may be a telephone."""
    assert _found([1_390_000_000 + 7919 * at for at in range(ROWS)]).code == "identifier"


def test_parquet_keeps_lengths_and_times_and_the_days_of_its_zone():
    """A length is its seconds, a time of the day is one; midnight in Shanghai is that day."""
    seconds = [at % 90 for at in range(ROWS)]
    lengths = pa.array([timedelta(seconds=at) for at in seconds], pa.duration("ms"))
    assert plain(pa.chunked_array([lengths])).to_pylist() == seconds
    clock = plain(pa.chunked_array([pa.array(seconds, pa.time32("s"))]))
    assert recognise("x", clock, "x").read(clock)[0].tolist() == seconds
    zone = pa.timestamp("us", "Asia/Shanghai")
    midnight = pa.array([datetime(2024, 1, 30, 16)], pa.timestamp("us")).cast(zone)
    assert plain(pa.chunked_array([midnight])).to_pylist() == [datetime(2024, 1, 31)]
    octets = pa.array([b"Lyon", b"Nice"])
    assert plain(pa.chunked_array([octets])).to_pylist() == ["Lyon", "Nice"]
    assert plain(pa.chunked_array([pa.array([b"\xff"])])) is None
