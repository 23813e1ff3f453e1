"""Do the tables speak of the same subscribers, and what would make them."""

from __future__ import annotations

import pytest

from churn.ingest.matching import Match, matches, respelt, shape, strangers
from churn.ingest.registry import Registry

LINES = "subscriber_id,customer_id\n10000000001,c1\n10000000002,c2\n10000000003,\n"


@pytest.fixture
def counted(operator):
    """Ingest what was delivered and count, by table, the rows and those that match."""

    def count():
        operator.ingest()
        entries = list(Registry(operator.workspace).entries.values())
        found = matches(entries, operator.workspace.root, operator.engine)
        return {
            match.table: (match.rows, match.matched, match.newest, match.newest_matched)
            for match in found
        }

    return count


def test_rows_of_nobody_on_the_books_are_counted_by_table(operator, counted):
    """Every row counts, whoever it names; a table keyed by customers is held to the holders."""
    for table in ("subscribers", "arrears", "visits"):
        operator.map(table)
    operator.deliver("subscribers_202501_20250201.csv", LINES)
    operator.deliver(
        "arrears_202501_20250201.csv",
        "subscriber_id,as_of,amount_overdue\n"
        "10000000001,2025-01-31,1\n+10000000002,2025-01-31,1\n+10000000002,2025-01-30,1\n",
    )
    operator.deliver(
        "visits_202501_20250201.csv",
        "customer_id,visited_on,by\nc1,2025-01-31,x\n10000000003,2025-01-31,x\nc9,2025-01-31,x\n",
    )
    assert counted() == {"arrears": (3, 1, 3, 1), "visits": (3, 2, 3, 2)}


def test_a_subscriber_of_any_delivery_was_on_the_books(operator, counted):
    """Who has left, and who is only about to be listed, is no stranger."""
    operator.map("subscribers")
    operator.map("arrears")
    operator.deliver("subscribers_202501_20250201.csv", "subscriber_id\na\nb\n")
    operator.deliver("subscribers_202502_20250301.csv", "subscriber_id\nb\nc\n")
    operator.deliver(
        "arrears_202501_20250201.csv",
        "subscriber_id,as_of,amount_overdue\na,2025-01-31,1\nc,2025-01-31,1\nd,2025-01-31,1\n",
    )
    assert counted() == {"subscribers": (2, 1, 2, 1), "arrears": (3, 2, 3, 2)}


def test_strangers_are_named_by_their_hashes(operator, counted):
    """What is looked at to find another spelling is the same on every run."""
    operator.map("subscribers")
    operator.map("arrears")
    operator.deliver("subscribers_202501_20250201.csv", LINES)
    rows = "".join(f"+1000000000{i},2025-01-31,1\n" for i in range(1, 4))
    operator.deliver("arrears_202501_20250201.csv", "subscriber_id,as_of,amount_overdue\n" + rows)
    assert counted() == {"arrears": (3, 0, 3, 0)}
    entries = list(Registry(operator.workspace).entries.values())
    match = Match("arrears", "subscriber_id", 3, 0, 3, 0)
    ids = {row["hash"]: row["id"] for row in operator.id_map()}
    strange, books = strangers(match, entries, operator.workspace.root, operator.engine, most=2)
    assert strange == sorted(strange)
    assert {ids[name] for name in strange} < {f"+1000000000{i}" for i in range(1, 4)}
    assert {ids[name] for name in books} == {f"1000000000{i}" for i in range(1, 4)}


ARREARS = "subscriber_id,as_of,amount_overdue\n"


def test_the_newest_delivery_decides(operator, counted):
    """A spelling that changes shows at once, and one that was mended is no error any more."""
    operator.map("subscribers")
    operator.map("arrears")
    operator.deliver("subscribers_202501_20250201.csv", LINES)
    good, bad = "10000000001,2025-0{}-28,1\n", "+10000000001,2025-0{}-28,1\n"
    for month, row in ((1, bad), (2, good), (3, bad)):
        name = f"arrears_20250{month}_20250{month + 1}01.csv"
        operator.deliver(name, ARREARS + row.format(month))
        rows, matched, newest, newest_matched = counted()["arrears"]
        assert (rows, newest) == (month, 1)
        assert newest_matched == (row is good)
    assert matched == 1


def test_books_written_in_another_way_are_held_to_those_before(operator, counted):
    """Else everybody would be a newcomer of the day on which the writing changed."""
    operator.map("subscribers")
    operator.deliver("subscribers_202501_20250201.csv", LINES)
    assert counted() == {}
    respelt_lines = "".join(f"+1000000000{i},c{i}\n" for i in range(1, 4))
    operator.deliver(
        "subscribers_202502_20250301.csv", "subscriber_id,customer_id\n" + respelt_lines
    )
    assert counted() == {"subscribers": (3, 0, 3, 0)}


@pytest.mark.parametrize(
    ("strange", "books", "words"),
    [
        (["+49170001"], ["49170001"], "without a leading plus (+99999999 beside 99999999)"),
        (["0049170001"], ["49170001"], "without leading zeros"),
        (["49170001"], ["0049170001"], "without leading zeros"),
        (["+49170001"], ["0049170001"], "without a leading plus or zeros"),
        (["49170001.0"], ["49170001"], "without a decimal point (99999999.9 beside 99999999)"),
        (["49 170-001"], ["49170001"], "without blanks and dashes"),
        (["ab12"], ["AB12"], "without regard to case (AA99 beside AA99)"),
        (["8613800138000"], ["13800138000"], "by their last 8 digits"),
    ],
)
def test_another_spelling_is_found_and_told_without_a_digit_of_anybody(strange, books, words):
    """The plainest change that makes most of them match is told, as shapes."""
    hint = respelt(strange, books)
    assert hint is not None
    assert words in hint
    assert not {character for character in hint.split("(", 1)[1] if character.isdigit()} - {"9"}


def test_no_spelling_is_claimed_for_ids_that_are_others():
    """Different numbers stay different; half of them matching by chance is not enough."""
    assert respelt(["a1", "b2"], ["c3", "d4"]) is None
    assert respelt(["+1", "x"], ["1"]) is None
    assert respelt([], []) is None


def test_a_shape_is_cut_where_a_text_is_long():
    """A name or an address in the column of ids does not fill the message."""
    assert shape("x" * 90) == "A" * 40 + "…"


def test_few_matching_rows_are_an_error_with_the_limit_and_the_remedy():
    """At the limit it is none; below, the message says how to go on."""
    match = Match("bills", "subscriber_id", 100, 20, 100, 20)
    assert match.problem(0.2, None) is None
    error = match.problem(0.21, "3 of 3 ids would match without a leading plus")
    assert error is not None
    assert error.what.startswith("80 of the newest 100 rows of bills name a subscriber who was")
    assert "without a leading plus" in error.what
    assert "ingest.tables.bills.min_matched" in error.do


def test_a_few_strangers_are_an_error_only_where_another_spelling_explains_them():
    """One notice to somebody unknown stops no night."""
    match = Match("notices", "subscriber_id", 1, 0, 1, 0)
    assert match.problem(0.2, None) is None
    assert match.problem(0.2, "1 of 1 ids looked at would match without leading zeros")


def checked(operator, bill_ids):
    """Check three lines' bills, as delivered under these ids."""
    operator.map("subscribers")
    operator.map("bills", mode="append")
    operator.map("status_events")
    operator.deliver("subscribers_202501_20250201.csv", LINES)
    operator.deliver(
        "status_events_202501_20250201.csv",
        "subscriber_id,effective_at,status\n10000000001,2025-01-01 00:00:00,x\n",
    )
    rows = "".join(f"{one},2025-01-01,1\n" for one in bill_ids)
    operator.deliver("bills_202501_20250201.csv", "subscriber_id,bill_month,amount_due\n" + rows)
    return operator.check()


def test_check_refuses_ids_that_match_nobody(operator):
    """Before anything is written, and with both ways of writing them."""
    findings = checked(operator, [f"+1000000000{i}" for i in range(1, 4)])
    (problem,) = findings.problems
    assert "3 of the newest 3 rows of bills name a subscriber" in problem.what
    assert "without a leading plus (+99999999999 beside 99999999999)" in problem.what


def test_check_tells_of_some_rows_of_nobody(operator):
    """Some strangers are no error: they are counted."""
    findings = checked(operator, ["10000000001", "10000000002", "77"])
    assert not findings.problems
    assert any("1 of the first 3 rows of bills" in note for note in findings.notes)


def test_check_takes_first_rows_of_leavers_for_no_error(operator):
    """Those who left long ago may stand first; ingest counts all rows."""
    findings = checked(operator, [f"7{i:05d}" for i in range(60)])
    assert not findings.problems
    assert any("60 of the first 60 rows of bills" in note for note in findings.notes)


def test_check_says_nothing_where_all_match(operator):
    """Nothing is told of what is as it should be."""
    findings = checked(operator, ["10000000001", "10000000002"])
    assert not findings.problems
    assert not [note for note in findings.notes if "bills" in note]
