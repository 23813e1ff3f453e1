"""Views: queries over delivered files, checked before use, every line accounted for."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from churn.errors import ExtractError, SettingsError
from churn.ingest import IngestSettings
from churn.ingest.queries import checked
from churn.ingest.views import ViewMapping

USERS = "id,first,last,plan,left\n1,An,Li,s,\n2,Bo,Wu,u,2025-01-05\n3,Cy,Xu,z,\n"
PLANS = "plan,fee\ns,20\nu,70\n"
SOURCE = {"view": "people", "delivered_on": "2025-02-01", "columns": {"subscriber_id": "id"}}
QUERY = """
SELECT u.id, u.first || ' ' || u.last AS name
FROM users AS u JOIN plans AS p ON u.plan = p.plan
WHERE CAST(p.fee AS DECIMAL(9, 2)) > 5 AND u.left IS NULL
"""


@pytest.fixture
def viewed(operator):
    """Return a function that sets the view's query and reads the settings."""

    def write(query=QUERY, users=USERS, **source):
        operator.deliver("users.csv", users)
        operator.deliver("plans.csv", PLANS)
        operator.map("contact_details", {**SOURCE, **source}, mode="append", max_rejected=1.0)
        views = {"people": {"query": query, "inputs": {"users": "users.csv", "plans": "plans.csv"}}}
        operator.settings = lambda: IngestSettings.model_validate(
            {
                "folder": "extracts",
                "id_key": operator.id_key,
                "tables": operator.tables,
                "views": views,
            }
        )
        return operator

    return write


def test_rows_of_a_view_are_mapped_as_those_of_a_file(viewed):
    """What the query leaves out is not selected; every line of the first input is counted."""
    one = viewed()
    assert one.check().ok
    (entry,) = one.ingest().built
    assert one.rows("contact_details", "name") == [("An Li",)]
    assert (entry.delivered, entry.accepted, entry.not_selected) == (3, 1, 2)
    counts = {f.role: (f.name, f.delivered, f.accepted, f.not_selected) for f in entry.files}
    assert counts == {
        "viewed": ("users.csv", 3, 1, 2),
        "joined": ("plans.csv", 2, 2, 0),
        "rows": ("users.csv", 1, 1, 0),
    }
    assert one.ingest().unchanged


def test_unreadable_lines_and_bad_rows_are_set_aside(viewed):
    """A line that is no record never reaches the query; a row that breaks a rule is kept aside."""
    query = "SELECT id, first AS name FROM users u JOIN plans p ON u.plan = p.plan"
    one = viewed(query, USERS + "broken\n,Di,Wu,s,\n")
    (entry,) = one.ingest().built
    assert (entry.delivered, entry.accepted, entry.quarantined, entry.not_selected) == (5, 2, 2, 1)
    assert one.quarantined("contact_details") == [
        ("users.csv", 5, "CSV004", b"broken"),
        ("users.csv (view people)", 1, "CONT001", b'{"id": "", "name": "Di"}'),
    ]


def test_grouped_lines_count_as_taken(viewed):
    """Rows that many lines make are the view's; lines that no row holds are not selected."""
    query = """
        SELECT p.plan AS id, COUNT(*) AS name
        FROM users u LEFT JOIN plans p ON u.plan = p.plan WHERE p.fee IS NOT NULL GROUP BY p.plan
    """
    one = viewed(query, USERS + "4,Ed,Li,s,\n")
    (entry,) = one.ingest().built
    assert sorted(one.rows("contact_details", "name")) == [("1",), ("2",)]
    first = next(file for file in entry.files if file.role == "viewed")
    assert (first.delivered, first.accepted, first.not_selected) == (4, 3, 1)
    assert entry.delivered == entry.accepted + entry.quarantined + entry.not_selected == 3


def test_bills_of_an_account_are_divided_among_its_lines(viewed):
    """Each line bears its part; what nobody bears is not selected, and said so."""
    query = """
        SELECT l.id, round(CAST(b.fee AS DECIMAL(9, 2)) / count(*) OVER (PARTITION BY b.plan), 2)
               AS name
        FROM plans AS b JOIN users AS l ON b.plan = l.plan
    """
    one = viewed(query, USERS + "4,Di,Wu,u,\n5,Ed,Li,u,\n")
    (entry,) = one.ingest().built
    assert sorted(one.rows("contact_details", "name")) == [("20.0",), *[("23.33",)] * 3]
    first = next(file for file in entry.files if file.role == "viewed")
    assert (first.name, first.delivered, first.accepted) == ("plans.csv", 2, 2)


def test_a_changed_query_reads_the_files_again(viewed):
    """The query is part of the mapping."""
    viewed().ingest()
    one = viewed(QUERY.replace("'", "'").replace("> 5", "> 50").replace(" AND u.left IS NULL", ""))
    assert len(one.ingest().built) == 1
    assert one.rows("contact_details", "name") == [("Bo Wu",)]


def test_the_order_of_lines_changes_no_byte(viewed):
    """Rows come in an order of their own."""
    query = "SELECT id, first AS name FROM users u LEFT JOIN plans p ON u.plan = p.plan"
    stored = []
    for body in (USERS, "\n".join([USERS.splitlines()[0], *USERS.splitlines()[:0:-1]])):
        one = viewed(query, body)
        one.ingest(code_version=str(len(stored)))
        stored.append({n: d for n, d in one.stored_bytes().items() if n.endswith(".parquet")})
    assert stored[0] == stored[1]


def test_a_column_that_is_not_there_is_named(viewed):
    """Columns are looked for in the inputs' headers before anything is written."""
    one = viewed(QUERY.replace("p.fee", "p.fees"))
    assert not one.check().ok
    with pytest.raises(ExtractError, match=r"no input has fees \(did you mean fee\?\)"):
        one.ingest()
    one = viewed("SELECT id, plan AS name FROM users u JOIN plans p ON u.plan = p.plan")
    with pytest.raises(ExtractError, match="2 columns are called plan"):
        one.ingest()
    assert list(one.workspace.tables.iterdir()) == []


def test_a_cast_that_fails_is_null_and_a_query_that_fails_shows_no_value(viewed):
    """One bad number costs its row; text compared as a number costs the query."""
    cast = "SELECT id, CAST(first AS INT) AS name FROM users u LEFT JOIN plans p ON u.plan = p.plan"
    one = viewed(cast)
    one.ingest()
    assert one.rows("contact_details", "name") == [(None,)] * 3
    one = viewed(cast.replace("CAST(first AS INT)", "u.first + 1"))
    with pytest.raises(SettingsError, match="the query does not run") as caught:
        one.ingest()
    assert "An" not in str(caught.value).replace("CAST", "")
    assert "ingest.views.people" in str(caught.value)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT id FROM users; DROP TABLE users", "a single SELECT"),
        ("DELETE FROM users", "a single SELECT"),
        ("WITH a AS (SELECT 1 AS x) SELECT x FROM a", "without WITH"),
        ("SELECT id FROM users UNION SELECT id FROM users", "a single SELECT"),
        ("SELECT id FROM users WHERE id IN (SELECT id FROM users)", "a query inside it"),
        ("SELECT id FROM 'secret.csv'", "which is none of its inputs"),
        ("SELECT id FROM usrs", r"did you mean users\?"),
        ("SELECT id FROM main.users", "none of its inputs"),
        ("SELECT id FROM read_csv('secret.csv')", "no function read_?csv"),
        ("SELECT id FROM information_schema.tables", "none of its inputs"),
        ("SELECT getenv('HOME') AS id FROM users", "no function getenv"),
        ("SELECT now() AS id FROM users", "no function now"),
        ("SELECT CURRENT_DATE AS id FROM users", "no function currentdate"),
        ("SELECT random() AS id FROM users", "no function rand"),
        ("SELECT uuid() AS id FROM users", "no function uuid"),
        ("SELECT ROW_NUMBER() OVER () AS id FROM users", "no other window"),
        ("SELECT COUNT(*) OVER () AS id FROM users", "no other window"),
        ("SELECT SUM(1) OVER (PARTITION BY a ORDER BY b) AS id FROM users", "no other window"),
        ("SELECT LAST_VALUE(a) OVER (PARTITION BY b) AS id FROM users", "no other window"),
        (
            "SELECT COUNT(*) OVER (PARTITION BY a ROWS 2 PRECEDING) AS id FROM users",
            "no other window",
        ),
        ("SELECT id FROM users LIMIT 1", "without LIMIT"),
        ("SELECT id FROM users ORDER BY id", "without ORDER BY"),
        ("SELECT DISTINCT ON (id) id FROM users", "no DISTINCT ON"),
        ("SELECT id FROM users GROUP BY id HAVING COUNT(*) > 1", "with `only:`"),
        ("SELECT id FROM users USING SAMPLE 3", "SQL|without|single SELECT"),
        ("SELECT CAST(id AS DOUBLE) AS id FROM users", "not to DOUBLE"),
        ("SELECT * FROM users", "no `\\*`"),
        ("SELECT id, COUNT(*) FROM users GROUP BY id", "each column of a view is named"),
        ("SELECT id, first AS ID FROM users", "one column called"),
        ("SELECT u.id FROM users", "u is no input"),
        ("SELECT __line FROM users", "does not read __line"),
        ("SELECT 1 AS id", "reads input users 0 times"),
        ("SELECT FROM WHERE", "SQL|named|single"),
    ],
)
def test_what_a_view_may_not_do_is_refused_by_name(query, words):
    """No file, no network, no clock, no chance, no order: and nothing that cannot be counted."""
    with pytest.raises(ValueError, match=words):
        checked(query, {"users"})


@pytest.mark.parametrize(
    "join", ["users, plans", "users NATURAL JOIN plans", "users RIGHT JOIN plans USING (plan)"]
)
def test_inputs_are_joined_to_the_first(join):
    """Every row of a view comes from a line of its first input."""
    with pytest.raises(ValueError, match="joined by JOIN or LEFT JOIN, with ON or USING"):
        checked(f"SELECT id FROM {join}", {"users", "plans"})


def test_the_settings_of_a_view_are_checked(viewed, operator):
    """A view that is not there, or a source that says twice what it reads, is named."""
    one = viewed(view="peple")
    with pytest.raises(ValidationError, match=r"no view peple \(did you mean people"):
        one.settings()
    with pytest.raises(ValidationError, match="either `files:`, a `view:`"):
        viewed(files="users.csv").settings()
    with pytest.raises(ValidationError, match="`encoding:` belongs to the inputs"):
        viewed(encoding="utf-8").settings()


def test_the_engine_cuts_a_query_off(engine, tmp_path):
    """Even a query nobody has checked reads no file and sets nothing."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    for query in (f"SELECT * FROM read_csv('{secret}')", "SET threads = 4", "SELECT * FROM engine"):
        with pytest.raises(SettingsError, match="the query does not run"):
            list(engine.sql(query, {}))


def test_a_view_runs_once_for_each_file_of_its_first_input(operator):
    """Files are dated by their names as ever; one with a header alone is a delivery of no rows."""
    extra = {"fee": {"from": "fee", "unit": "currency", "en": "monthly fee", "zh": "月费"}}
    columns = {"subscriber_id": "id"}
    source = {"view": "people", "name": "users_{delivered_on}.csv", "columns": columns}
    operator.tables = {"subscribers": {"sources": [{**source, "extra": extra}]}}
    query = "SELECT u.id, p.fee FROM users u LEFT JOIN plans p ON u.plan = p.plan"
    inputs = {"users": "users_*.csv", "plans": "plans.csv"}
    operator.settings = lambda: IngestSettings.model_validate(
        {
            "folder": "extracts",
            "id_key": operator.id_key,
            "tables": operator.tables,
            "views": {"people": {"query": query, "inputs": inputs}},
        }
    )
    operator.deliver("plans.csv", PLANS)
    operator.deliver("users_20250201.csv", USERS)
    operator.deliver("users_20250301.csv", USERS.splitlines()[0] + "\n")
    built = operator.ingest().built
    assert sorted((e.table, e.delivered_on, e.delivered, e.accepted) for e in built) == [
        ("attributes", "2025-02-01", 3, 3),
        ("attributes", "2025-03-01", 0, 0),
        ("subscribers", "2025-02-01", 3, 3),
        ("subscribers", "2025-03-01", 0, 0),
    ]
    fees = [number for (number,) in operator.rows("attributes", "number")]
    assert sorted(fees, key=str) == [Decimal(20), Decimal(70), None]
    assert operator.ingest().unchanged


def test_two_columns_that_sql_cannot_tell_apart_are_named(viewed):
    """SQL does not mind upper and lower case; an extract may."""
    one = viewed(users=USERS.replace("plan,left", "First,left").replace("last", "plan"))
    with pytest.raises(ExtractError, match="two columns are called first"):
        one.ingest()


MONTHLY = """
SELECT id, substring(day, 1, 7) AS month, sum(CAST(mb AS DECIMAL(9, 2))) AS mb
FROM days WHERE id <> 'total' GROUP BY id, substring(day, 1, 7)
"""


@pytest.fixture
def by_days(operator):
    """Return an operator whose use comes in a file a day."""
    operator.map(
        "usage_monthly",
        {
            "view": "months",
            "name": "use_{day}.csv",
            "delivered_on": {"days_after_period": 2},
            "columns": {"subscriber_id": "id", "megabytes": "mb"},
        },
        max_rejected=1.0,
    )
    operator.settings = lambda: IngestSettings.model_validate(
        {
            "folder": "extracts",
            "id_key": operator.id_key,
            "tables": operator.tables,
            "views": {
                "months": {
                    "query": MONTHLY,
                    "inputs": {"days": {"files": "use_*.csv", "together": True}},
                }
            },
        }
    )
    operator.deliver("use_20250101.csv", "id,day,mb\n1,2025-01-01,1.5\n2,2025-01-01,4\nbad\n")
    operator.deliver("use_20250131.csv", "mb,id,day\n2,1,2025-01-31\n9,total,2025-01-31\n")
    operator.deliver("use_20250201.csv", "id,day,mb\n1,2025-02-01,8\n")
    return operator


def test_the_files_of_a_months_days_are_added_up_together(by_days):
    """A delivery a month; each line of each file is taken, set aside or not selected."""
    january, february = by_days.ingest().built
    assert (january.partition, january.delivered_on) == ("202501", "2025-02-02")
    assert (february.partition, february.covers_until) == ("202502", "2025-02-28")
    rows = sorted(by_days.rows("usage_monthly", "month", "megabytes"))
    assert [(str(month), str(mb)) for month, mb in rows] == [
        ("2025-01-01", "3.500"), ("2025-01-01", "4.000"), ("2025-02-01", "8.000")
    ]  # fmt: skip
    counts = {f.name: (f.delivered, f.accepted, f.quarantined, f.not_selected)
              for f in january.files if f.role == "viewed"}  # fmt: skip
    assert counts == {"use_20250101.csv": (3, 2, 1, 0), "use_20250131.csv": (2, 1, 0, 1)}
    assert by_days.ingest().unchanged


def test_a_day_that_comes_later_makes_its_month_anew(by_days):
    """And a file whose columns are others is refused by its name."""
    by_days.ingest()
    by_days.deliver("use_20250202.csv", "id,day,mb\n1,2025-02-02,0.5\n")
    (february,) = by_days.ingest().built
    assert february.partition == "202502"
    assert [f.name for f in february.files if f.role == "viewed"] == [
        "use_20250201.csv", "use_20250202.csv"
    ]  # fmt: skip
    assert {str(mb) for month, mb in by_days.rows("usage_monthly", "month", "megabytes")} == {
        "3.500", "4.000", "8.500"
    }  # fmt: skip
    by_days.deliver("use_20250203.csv", "id,day,megabytes\n1,2025-02-03,0.5\n")
    with pytest.raises(ExtractError, match=r"not those of use_20250201\.csv") as refused:
        by_days.ingest()
    assert "use_20250203.csv" in refused.value.where


def test_only_the_first_input_is_read_together():
    """The others stand beside it, one for each delivery."""
    inputs = {"a": "a.csv", "b": {"files": "b*.csv", "together": True}}
    query = "SELECT a.id FROM a JOIN b ON a.id = b.id"
    with pytest.raises(ValidationError, match="`together:` is for the first input"):
        ViewMapping.model_validate({"query": query, "inputs": inputs})
