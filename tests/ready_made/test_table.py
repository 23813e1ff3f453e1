"""Ready-made tables: what columns hold, who stays together, what rows weigh."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from churn.errors import ExtractError
from churn.ingest.spelling import plain
from churn.ready_made.parts import folds_of
from churn.ready_made.recognition import Reading, Said, SetAside, recognise
from churn.ready_made.table import RoleError, ready_made

ROWS = 60


def _column(*values, rows=ROWS):
    """Repeat the values over the rows."""
    return [values[at % len(values)] for at in range(rows)]


def _table(rows=ROWS, **columns):
    given = {"churn": _column("Yes", "No", "No", rows=rows), **columns}
    return pa.table({name: pa.array(values) for name, values in given.items()})


def _found(values, name="x"):
    return recognise(name, plain(pa.chunked_array([pa.array(values)])), name)


def _read(values, reading):
    return reading.read(plain(pa.chunked_array([pa.array(values)])))


@pytest.mark.parametrize(
    ("values", "kind", "form", "first"),
    [
        (["29.85", " ", "1889.5"], "number", "", 29.85),
        (["7", "8", "n/a"], "number", "", 7),
        (["1,889.50", "20", "-3"], "number", "1,234.5", 1889.5),
        (["1.889,50", "20,5", "3"], "number", "1.234,5", 1889.5),
        (["1.889", "20", "1.050", "2.111", "7.007", "9.120"], "number", "1.234,5", 1889),
        (["1 889,50 €", "20,50 €", "3,00 €"], "number", "1 234,5", 1889.5),
        (["12,5 %", "20,0 %", "3,5 %"], "number", "1,5 %", 0.125),
        (["1889.5", "#DIV/0!", "20"], "number", "", 1889.5),
        (["$1,200", "$30", "5"], "number", "1,234.5", 1200),
        (["12.5%", "3 %", ""], "number", "percent", 0.125),
        (["1e3", "+2", ".5"], "number", "", 1000),
        (["Yes", "no", ""], "flag", "", True),
        (["是", "否", "未知"], "flag", "", True),
        ([1, 0, None], "flag", "", True),
        ([True, False, None], "flag", "", True),
        ([3, 5, None], "number", "", 3),
        ([1.5, 2.0, float("inf")], "number", "", 1.5),
        (["2024-01-31", "2024-01-01", ""], "date", "%Y-%m-%d", 0),
        (["2024-01-30 08:00:00", "2024-01-31 09:30"], "date", "%Y-%m-%d", 1),
        (["31/12/2023", "1/2/2024"], "date", "%d/%m/%Y", 32),
        (["12/31/2023", "2/1/2024"], "date", "%m/%d/%Y", 32),
        (["2024年1月30日", "2024年1月31日"], "date", "%Y年%m月%d日", 1),
        (["20240130", "20240131"], "date", "%Y%m%d", 1),
        ([20240130, 20240131], "date", "%Y%m%d", 1),
        ([date(2024, 1, 30), date(2024, 1, 31)], "date", "", 1),
        ([datetime(2024, 1, 30, 8), None, datetime(2024, 1, 31)], "date", "", 1),
        (["Month-to-month", "One year"], "text", "", "Month-to-month"),
        (["007", "012"], "text", "", "007"),
        (["12", "many", "few"], "text", "", "12"),
        (["2024-02-30", "2024-02-01"], "text", "", "2024-02-30"),
    ],
)  # fmt: skip
def test_what_a_column_holds(values, kind, form, first):
    """Numbers in several spellings, flags, dates as days before the latest, texts."""
    values = _column(*values)
    found = _found(values)
    assert isinstance(found, Reading)
    assert (found.kind, found.form) == (kind, form)
    read, misfits = _read(values, found)
    assert misfits == 0
    assert read.iloc[0] == first


def test_few_strays_in_a_number_are_missing_and_counted():
    """Under one in twenty a column stays a number; from there on it is text."""
    some = _column(*[str(at) for at in range(29)], "x3")
    read, misfits = _read(some, _found(some))
    assert misfits == 2
    assert read.isna().sum() == 2
    many = _column(*[str(at) for at in range(9)], "x3")
    assert _found(many).kind == "text"


def test_a_date_counts_back_from_trainings_latest_day():
    """A later row is before the latest day of training by a negative number of days."""
    found = _found(_column("2024-01-01", "2024-01-31"))
    assert found.latest == date(2024, 1, 31)
    assert _read(["2024-02-02"], found)[0].tolist() == [-2]
    assert _read([date(2024, 1, 30)], found)[0].tolist() == [1]
    assert "before 2024-01-31" in found.en
    assert _found(_column("2024-01-01", "9999-12-31")).latest == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("x", [f"{at:04d}-ABC" for at in range(ROWS)], "identifier"),
        ("x", [f"0{at}" for at in range(ROWS)], "identifier"),
        ("x", list(range(1, ROWS + 1)), "identifier"),
        ("msisdn", [f"+8613{79190000 + 7919 * at}" for at in range(ROWS)], "identifier"),
        ("x", [str(at) for at in range(ROWS)], "identifier"),
        ("x", [1_390_000_000 + 7919 * at for at in range(ROWS)], "identifier"),
        ("customerID", [17 * at * at for at in range(ROWS)], "identifier"),
        ("x", [f"{at % 9}:{at % 60:02d}" for at in range(ROWS)], "unread"),
        ("x", _column("a"), "constant"),
        ("x", _column("", None), "empty"),
        ("x", _column(None), "empty"),
    ],
)
def test_columns_that_teach_nothing_are_set_aside(name, values, code):
    """Names of rows in text and numbers, constants, blanks: each with its reason."""
    found = _found(values, name)
    assert isinstance(found, SetAside)
    assert found.code == code
    assert found.why.en
    assert found.why.zh


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("amount", [17 * at * at for at in range(ROWS)]),
        ("change", [f"{17 * at * at:+d}" for at in range(ROWS)]),
        ("amount", [at * 1.37 for at in range(ROWS)]),
        ("amount", [f"{at * 1.37:.2f}" for at in range(ROWS)]),
        ("customerID", _column(3, 9, 27)),
        ("joined", [f"2024-{1 + at // 28:02d}-{1 + at % 28:02d}" for at in range(ROWS)]),
    ],
)
def test_distinct_quantities_are_no_identifiers(name, values):
    """Amounts and dates may differ in every row; an id that repeats is a level."""
    assert isinstance(_found(values, name), Reading)


@pytest.mark.parametrize(
    ("name", "values", "kind", "form", "first"),
    [
        ("customerID", [f"{17 * at * at}" for at in range(ROWS)], "number", "", 0),
        ("grade", _column("1", "0"), "number", "", 1),
        ("area", [20240130 + at % 2 for at in range(ROWS)], "text", "", "20240130"),
        ("rate", _column("12 %", "3 %", "waived"), "number", "percent", 0.12),
        ("since", _column("1.2.2024", "30.2.2024", "1.3.2024"), "date", "%d.%m.%Y", 29),
        ("asked", _column("yes", "perhaps", "no"), "flag", "", True),
    ],
)
def test_what_somebody_says_of_a_column_goes_before_recognition(name, values, kind, form, first):
    """An id that is a size, codes that are none, a date that does not always exist."""
    values = plain(pa.chunked_array([pa.array(values)]))
    found = recognise(name, values, name, Said(kind))
    assert isinstance(found, Reading)
    assert (found.kind, found.form) == (kind, form)
    assert recognise(name, values, name) != found
    assert found.read(values)[0].iloc[0] == first


def test_units_are_told_by_the_header():
    """Only for wording: what is not told apart has no unit."""
    numbers = _column(1.5, 2.5)
    units = {
        name: _found(numbers, name).unit
        for name in ("MonthlyCharges", "BILL_AMT1", "Total day minutes", "tenure", "费用")
    }
    assert list(units.values()) == ["currency", "currency", "minutes", "", "currency"]


def test_a_table_becomes_a_panel():
    """Yes counts, blank targets are left out, repeated rows are counted, folds are set."""
    table = _table(
        churn=_column("Yes", "No", " "), spend=_column(1.5, 2.5, 3.5, 4.5), weight=_column(1, 2)
    )
    made = ready_made(table, target="churn")
    assert made.unlabelled == 20
    assert len(made.frame) == 40
    assert made.frame["outcome"].value_counts().to_dict() == {"active": 20, "none": 20}
    assert made.recipe.positive == ("yes",)
    assert made.repeated == 40 - 8
    assert (made.frame["weight"] == 1).all()
    assert [one.name for one in made.recipe.columns] == ["spend", "weight_"]  # no clash with meta
    assert "training_weight" not in made.frame


def test_folds_do_not_follow_from_the_order_of_rows():
    """Without id and group the fold follows from the content, ids left out."""
    columns = {"a": _column(*range(1, 8)), "key": [f"k{at}" for at in range(ROWS)]}
    one = ready_made(_table(**columns), target="churn").frame
    backwards = _table(**columns).take(pa.array(range(ROWS)[::-1]))
    two = ready_made(backwards, target="churn").frame
    dealt = [frame.groupby(["a", "outcome", "fold"]).size().to_dict() for frame in (one, two)]
    assert dealt[0] == dealt[1]


def test_copies_stay_together_whatever_they_are_called():
    """Rows that are equal beyond chance are in one fold, with all that their groups name."""
    draw, rows = np.random.default_rng(5), 600
    columns = {f"x{at}": draw.normal(size=rows).tolist() * 2 for at in range(6)}
    table = _table(2 * rows, **columns, key=[f"k{at // 2}" for at in range(2 * rows)])
    made = ready_made(table, target="churn", id_column="key")
    assert (made.copied.equal, made.copied.near, made.copied.groups) == (2 * rows, 0, rows)
    customers = made.frame["customer_id"].to_numpy()
    assert (customers[:rows] == customers[rows:]).all()
    assert made.frame.groupby("subscriber_id")["customer_id"].nunique().max() == 1
    assert made.frame["customer_id"].nunique() == rows // 2


def test_groups_and_ids_stay_together_and_blanks_stand_alone():
    """A group goes to one fold as a whole; rows without one are no group."""
    table = _table(
        a=[at * 1.1 for at in range(ROWS)], house=_column("h1", "h2", "h3", "", rows=ROWS)
    )
    made = ready_made(table, target="churn", group_column="house")
    named = made.frame[made.frame["customer_id"].str.startswith("name")]
    assert named["customer_id"].nunique() == 3
    assert named.groupby("customer_id")["fold"].nunique().max() == 1
    assert made.frame["customer_id"].nunique() == 3 + ROWS // 4
    assert [one.column for one in made.recipe.columns] == ["a"]


def test_folds_are_of_one_size_and_follow_the_seed():
    """A fifth each, of the target too, whatever the sizes of groups."""
    draw = np.random.default_rng(0)
    keys = np.array([f"c{at}" for at in draw.integers(0, 700, 1_000)], dtype=object)
    churned = draw.random(1_000) < 0.1
    folds = folds_of(keys, churned, 1)
    assert pd.Series(folds).groupby(keys).nunique().max() == 1
    assert np.ptp(np.bincount(folds)) <= 8
    assert np.ptp(np.bincount(folds, churned)) <= 6
    assert np.mean(folds == folds_of(keys, churned, 2)) < 0.3
    order = draw.permutation(1_000)
    assert (folds_of(keys[order], churned[order], 1) == folds[order]).all()


def test_a_resampled_table_weighs_as_its_population():
    """With a third of churners and a population of 10 %, every fold weighs to 10 %."""
    numbers = [at * 1.1 for at in range(600)]
    frame = ready_made(_table(rows=600, a=numbers), target="churn", base_rate=0.1).frame
    assert (frame["training_weight"] == 1).all()
    for _, fold in frame.groupby("fold"):
        churned = fold["outcome"] == "active"
        weight = fold["weight"]
        assert weight[churned].unique() == pytest.approx([0.1 / churned.mean()])
        assert weight[~churned].unique() == pytest.approx([0.9 / (1 - churned.mean())])
        assert weight.sum() == pytest.approx(len(fold))


def test_what_was_filled_in_afterwards_is_set_aside():
    """A reason given by all but few churners, and by nobody else, is no feature."""
    churn = _column("Yes", "No", "No")
    reason = ["price" if word == "Yes" and at else "" for at, word in enumerate(churn)]
    blank = ["" if word == "Yes" else f"w{at % 3}" for at, word in enumerate(churn)]
    some = ["x" if at % 4 == 0 else "" for at in range(ROWS)]
    made = ready_made(_table(churn=churn, reason=reason, blank=blank, some=some), target="churn")
    aside = {one.column: one.code for one in made.recipe.set_aside}
    assert aside == {"reason": "tells_target", "blank": "tells_target"}


@pytest.mark.parametrize(
    ("target", "positive", "counted"),
    [
        (_column("Churned", "Stayed"), "churned", ("churned",)),
        (_column("a", "b", "NA"), "b", ("b",)),
        (_column("1.0", "0.0"), None, ("1",)),
        (_column(1, 0), None, ("1",)),
        (_column(1.0, 0.0), None, ("1",)),
        (_column(True, False), None, ("true",)),  # noqa: FBT003 - cells
        (_column("是", "否"), None, ("是",)),
        (_column(1, 0), "0", ("0",)),
    ],
)
def test_which_value_counts(target, positive, counted):
    """A yes by itself, anything else by name."""
    made = ready_made(_table(churn=target, a=_column(1, 2, 3)), target="churn", positive=positive)
    assert made.recipe.positive == counted


@pytest.mark.parametrize(
    ("options", "role", "what"),
    [
        ({"target": "chrun"}, "target", "no column chrun .did you mean churn"),
        ({"target": "churn", "id_column": "nobody"}, "id", "no column nobody"),
        ({"target": "churn", "group_column": "nobody"}, "group", "no column nobody"),
        ({"target": "churn", "positive": "maybe"}, "positive", "none of them"),
        ({"target": "three"}, "target", "do not read as yes and no"),
        ({"target": "one"}, "target", "do not read as yes and no"),
        ({"target": "one", "positive": "yes"}, "positive", "no other"),
        ({"target": "churn", "id_column": "churn"}, "target", "no single outcome"),
    ],
)
def test_roles_that_do_not_fit_the_table(options, role, what):
    """Usage errors name column and role, never a customer's value."""
    table = _table(three=_column("a", "b", "c"), one=_column("yes"))
    with pytest.raises(RoleError, match=what) as refusal:
        ready_made(table, **options)
    assert refusal.value.exit_code == 2
    assert refusal.value.role == role


def test_nothing_to_learn_from():
    """A table of ids and constants is refused."""
    with pytest.raises(ExtractError, match="none of the 2 columns"):
        ready_made(_table(same=_column("a")), target="churn")


def test_a_new_table_is_read_as_the_training_table():
    """Other types, other order, more columns: the same features; misfits are counted."""
    made = ready_made(
        _table(amount=_column("1,000", "2", "3"), yes=_column("Yes", "No"), kind=_column("1", "x")),
        target="churn",
    )
    new = pa.table({"kind": [1, 2], "more": [0, 0], "yes": [True, None], "amount": ["2", "many"]})
    frame, unread = made.recipe.features(new)
    assert frame["amount"].tolist()[0] == 2
    assert frame["amount"].isna().tolist() == [False, True]
    assert frame["kind"].tolist() == ["1", "2"]
    assert frame["yes"].isna().tolist() == [False, True]
    assert unread == {"amount": 1, "kind": 1}
    assert made.recipe.ids(new).to_pylist() == [1, 2]


def test_a_foreign_table_is_refused():
    """Absent columns are named; a column that hardly reads as before, too."""
    recipe = ready_made(_table(a=_column(1.5, 2.5), b=_column(3, 4)), target="churn").recipe
    with pytest.raises(ExtractError, match="1 columns of the training table are absent: b"):
        recipe.features(pa.table({"a": [1.5]}))
    with pytest.raises(ExtractError, match="column a was a number in training; 2 values are not"):
        recipe.features(pa.table({"a": ["x", "y", "3"], "b": [3, 4, 3]}))


def test_words_never_seen_and_columns_gone_blank_are_told():
    """Renamed tariffs and a failed join change scores: counted, and refused where few are left."""
    training = _table(plan=_column("basic", "plus"), bill=_column("1.5", "2.5", ""))
    recipe = ready_made(training, target="churn").recipe
    rows = training.num_rows
    renamed = training.set_column(1, "plan", pa.array(["basic", "gold"] * (rows // 2)))
    assert recipe.features(renamed)[1] == {"plan": rows // 2}
    renamed = training.set_column(1, "plan", pa.array(["silver", "gold"] * (rows // 2)))
    with pytest.raises(ExtractError, match=f"training never saw {rows:,} values of column plan"):
        recipe.features(renamed)
    blank = training.set_column(2, "bill", pa.array([""] * rows))
    with pytest.raises(ExtractError, match=f"column bill has no value in {rows:,} rows; in train"):
        recipe.features(blank)
    one = pa.table({"plan": ["gold"], "bill": [""]})
    assert recipe.features(one)[1] == {"plan": 1}
