"""Numbers in the spellings of the world: one spelling for a column, found by the whole of it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from churn.ingest.numerals import between_thousands, look_numeric, read_numbers, spellings


@pytest.mark.parametrize(
    "written",
    [
        "{:.2f}",
        "{:,.2f}",
        "${:,.2f}",
        "-|{:.2f}",
        "DE {:,.2f}",
        "DE {:,.2f} €",
        "DE R$ {:,.2f}",
        "DE {:.2f} руб.",
        "DE {:.4E}",
        "FR {:,.2f}",
        "FR {:,.2f} EUR",
        "CH {:,.2f}",
        "CH CHF {:,.2f}",
        "₹{:,.2f}",
        "USD {:,.2f}",
        "{:.2f}元",
        "{:.2f} MB",
        "({:.2f})",
        "{:.2f}-",
    ],
)
def test_one_amount_in_every_spelling_is_one_amount(written):
    """Signs of thousands and decimals, money before or behind, units, brackets for minus."""
    amounts = [1889.5, 20.25, 1234567.75, 3.0, 0.5]
    country, _, form = written.partition(" ")
    signs = {"DE": {",": ".", ".": ","}, "FR": {",": "\u202f", ".": ","}, "CH": {",": "’"}}
    form = form if country in signs else written.replace("-|", "-")
    table = str.maketrans(signs.get(country, {}))
    texts = [form.replace("{", "\0{").split("\0") for _ in amounts]
    texts = [
        head + rest.format(amount).translate(table).replace("руб,", "руб.")
        for (head, rest), amount in zip(texts, amounts, strict=True)
    ]
    values = pa.array(texts)
    read = {spelling: read_numbers(values, spelling) for spelling in spellings(values)}
    best = max(read, key=lambda spelling: np.isfinite(read[spelling]).sum())
    minus = -1 if "(" in written or "-" in written else 1
    np.testing.assert_allclose(read[best], [minus * amount for amount in amounts], rtol=1e-4)


@pytest.mark.parametrize(
    ("text", "spelling", "number"),
    [
        ("12 %", "percent", 0.12),
        ("12,5%", "1,5 %", 0.125),
        ("01:02:03", "h:mm:ss", 3723),
        ("1.2万", "plain", 12_000),
        ("3亿", "plain", 3e8),
        ("１２．５", "plain", 12.5),
        ("−5", "plain", -5),
        ("$-5", "plain", -5),
        ("12,34,567.5", "1,234.5", 1234567.5),
    ],
)
def test_shares_times_and_magnitudes_are_read(text, spelling, number):
    """Full-width signs are the usual ones."""
    assert read_numbers(pa.array([text]), spelling)[0] == pytest.approx(number)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("0.125", "1.234,5"),
        ("1.23.456", "1.234,5"),
        ("12 MB", "plain|GB"),
        ("12", "plain|GB"),
        ("00:61:00", "h:mm:ss"),
        ("1e400", "plain"),
        ("plan5", "plain"),
    ],
)
def test_what_is_written_otherwise_is_no_number(text, spelling):
    """Least of all in another unit, or with thousands of two digits."""
    assert np.isnan(read_numbers(pa.array([text]), spelling)).all()


@pytest.mark.parametrize(
    ("texts", "thousands"),
    [
        (["2.262", "1.325", "48", "742", "1.050", "3.111", "1.764.798"], True),
        (["2.262", "1.325", "48", "1742", "1.050", "3.111", "9.050"], False),
        (["2.262", "1.325", "48", "742", "1.05", "3.111", "9.050"], False),
        (["2.262", "1.325", "0.048", "742", "1.050", "3.111", "9.050"], False),
        (["2.262", "1.325", "8.480", "7.742", "1.050", "3.111"], False),
    ],
)
def test_dots_part_thousands_where_nothing_speaks_for_decimals(texts, thousands):
    """Below a thousand without, above never without, three digits behind each."""
    assert between_thousands(pa.array(texts), ".") is thousands


def test_what_looks_like_a_number_is_told_from_words_and_codes():
    """By its digits and what parts them."""
    texts = ["1 600,88", "3/1/2024 2:05 pm", "12·5", "basic", "A-7", "12345", "1'2/3"]
    assert look_numeric(pa.array(texts)).tolist() == [True, True, False, False, False, False, True]
