"""A PostgreSQL server, asked by settings alone: what it brings is kept as deliveries."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
import yaml
from pydantic import ValidationError

from churn.errors import ExtractError, SettingsError
from churn.ingest import IngestSettings, deliveries
from churn.ingest.query_files import ask
from churn.sample import generate
from churn.store import Workspace
from tests.deployments import deployment, few_tables

SAMPLE = Path(__file__).parents[2] / "pipelines" / "settings" / "sample.yaml"
TODAY = date(2025, 3, 2)
SAME = {"targets", "last_notices", "key_accounts", "handover", "suppress"}  # files told by tables
SECRET = "s3cret/with@signs"  # noqa: S105 - of a server that lives as long as the test


def server_program(name: str) -> str | None:
    """Return where a program of PostgreSQL's server is; Debian keeps them off the path."""
    found = shutil.which(name)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(versions[-1]) if versions else None)


@pytest.fixture(scope="module")
def server():
    """Start a server that asks for a password; give the address with a place for it."""
    initdb, postgres = server_program("initdb"), server_program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL server here (Debian: postgresql)")
    root = Path(tempfile.mkdtemp(prefix="pg"))
    user = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(root, "postgres", "postgres")
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    root.chmod(0o755)
    password = root / "password"
    password.write_text(SECRET)
    password.chmod(0o644)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run(
        [initdb, "-D", root / "data", "-U", "reader", "-A", "scram-sha-256", "-E", "UTF8",
         "--no-locale", "--no-sync", f"--pwfile={password}"],
        check=True, **user, **quiet,
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("fsync=off", "listen_addresses=127.0.0.1", f"port={port}", "shared_buffers=16MB")
    running = subprocess.Popen(
        [postgres, "-D", root / "data", "-k", root, *(f"-c{option}" for option in options)],
        **user, **quiet,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield f"postgresql://reader:${{TEST_DATABASE_PASSWORD}}@127.0.0.1:{port}/postgres"
    finally:
        running.terminate()
        running.wait(30)
        shutil.rmtree(root)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user="reader", password=SECRET, dbname="postgres"
            ).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture
def database(server, monkeypatch):
    """Give a connection to an empty schema that queries find, and its address."""
    monkeypatch.setenv("TEST_DATABASE_PASSWORD", SECRET)
    port = int(server.rpartition(":")[2].split("/")[0])
    with psycopg.connect(
        host="127.0.0.1", port=port, user="reader", password=SECRET, dbname="postgres",
        autocommit=True,
    ) as connection:  # fmt: skip
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        yield connection


class Asker:
    """Settings that read bills from a database, and what they keep."""

    def __init__(self, operator, server):
        self.operator = operator
        self.address = server
        self.query = {
            "database": "crm", "sql": "SELECT * FROM bills", "delivered_on": "loaded_on",
            "period": "period",
        }  # fmt: skip
        self.source = {"query": "bills"}

    def settings(self):
        """Return the settings as the product reads them."""
        return IngestSettings.model_validate(
            {
                "folder": "extracts", "id_key": self.operator.id_key,
                "databases": {"crm": {"address": self.address}},
                "queries": {"bills": self.query},
                "tables": {**self.operator.tables, "bills": {"sources": [self.source]}},
            }
        )  # fmt: skip

    def ask(self, today=TODAY):
        """Ask on a day; return the deliveries taken, their rows, and the deliveries kept."""
        (asked,) = ask(self.settings(), self.operator.root, today)
        return asked.taken, asked.rows, asked.kept

    def kept(self):
        """Name the files that are kept."""
        folder = self.operator.root / "extracts" / "queries" / "bills"
        return sorted(path.name for path in folder.glob("*.parquet"))

    def ingest(self):
        """Read them into tables."""
        self.operator.settings = self.settings
        return self.operator.ingest()


@pytest.fixture
def asker(operator, server):
    """Return an operator whose bills are in the database."""
    return Asker(operator, server)


BILLS = (
    "subscriber_id,bill_month,amount_due,paid_on\n"
    "13800000001,2025-01-01,12345678901.25,2025-02-03\n"
    "13800000002,2025-01-01,0.10,\n"
)
AGAIN = "subscriber_id,bill_month,amount_due,paid_on\n13800000003,2025-02-01,-7.00,\n"


def fill(database):
    """Put the rows of both files into one table, as a warehouse holds them."""
    database.execute(
        "CREATE TABLE bills (subscriber_id bigint, bill_month date, amount_due numeric,"
        " paid_on date, period text, loaded_on timestamp)"
    )
    database.execute(
        "INSERT INTO bills VALUES"
        " (13800000002, '2025-01-01', 0.10, NULL, '202501', '2025-02-02 03:00'),"
        " (13800000003, '2025-02-01', -7, NULL, '202502', '2025-03-02 03:00'),"
        " (13800000001, '2025-01-01', 12345678901.25, '2025-02-03', '202501', '2025-02-02 03:00')"
    )


def test_a_database_gives_the_rows_that_its_files_would(operator, asker, database, tmp_path):
    """Deliveries by day and period, ids and amounts to the digit; the address tells nobody."""
    operator.map("bills")
    operator.deliver("bills_202501_20250202.csv", BILLS)
    operator.deliver("bills_202502_20250302.csv", AGAIN)
    operator.ingest()
    columns = ("subscriber_id", "bill_month", "amount_due", "paid_on", "delivered_on")
    by_files = set(operator.rows("bills", *columns))
    assert len(by_files) == 3
    fill(database)
    assert asker.ask() == (2, 3, 0)
    assert asker.kept() == ["bills_202501_20250202.parquet", "bills_202502_20250302.parquet"]
    forget(operator)
    report = asker.ingest()
    assert len(report.built) == 2
    assert set(operator.rows("bills", *columns)) == by_files
    kept = "".join(path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET not in kept


def test_an_operator_kept_in_a_database_has_the_tables_of_its_files(operator, server, database):
    """All tables of the synthetic operator, whatever their encoding and mode of delivery."""
    generate(operator.root, customers=60, months=2, seed=3, calls_per_month=2, dirty=False)
    content = yaml.safe_load(SAMPLE.read_text("utf-8"))["ingest"] | {"folder": "extracts"}
    operator.settings = lambda: IngestSettings.model_validate(content)
    operator.ingest()
    by_files = everything(operator)
    assert {"subscribers", "bills", "status_events", "calls", "arrears"} <= set(by_files)
    for table, mapping in content["tables"].items():
        (source,) = mapping["sources"]
        load(database, table, operator.root / "extracts" / table, source.pop("encoding", "utf-8"))
        for key in ("files", "name"):
            source.pop(key)
        source |= {"query": table, "optional": True}  # no row, no delivery
    content["databases"] = {"crm": {"address": server}}
    content["queries"] = {
        table: {"database": "crm", "sql": f"SELECT * FROM {table}", "period": "period",
                "delivered_on": "loaded_on"}
        for table in content["tables"]
    }  # fmt: skip
    ask(operator.settings(), operator.root, TODAY)
    forget(operator)
    operator.ingest()
    from_database = everything(operator)
    assert set(from_database) == set(by_files)
    for table, stored in by_files.items():
        assert from_database[table] == stored, table


@pytest.mark.acceptance
def test_a_night_from_a_database_hands_over_what_one_from_files_does(tmp_path, server, database):
    """Read by settings alone, the same tables give the same list, scores and last notices."""
    generate(tmp_path / "world", customers=3000, months=15, seed=7, calls_per_month=2, dirty=False)
    by_files = deployment(tmp_path / "files", tmp_path / "world", few_tables)

    def from_database(settings):
        few_tables(settings)
        ingest = settings["ingest"]
        for table, mapping in ingest["tables"].items():
            (source,) = mapping["sources"]
            folder, encoding = Path(ingest["folder"]) / table, source.pop("encoding", "utf-8")
            load(database, table, folder, encoding)
            mapping["sources"] = [
                {"query": table, "optional": True, "columns": source.get("columns", {})}
            ]
        ingest["folder"] = "extracts"
        ingest["databases"] = {"crm": {"address": server}}
        ingest["queries"] = {
            table: {"database": "crm", "sql": f"SELECT * FROM {table}", "period": "period",
                    "delivered_on": "loaded_on"}
            for table in ingest["tables"]
        }  # fmt: skip

    by_queries = deployment(tmp_path / "queries", tmp_path / "world", from_database)
    (tmp_path / "queries" / "extracts").mkdir()
    handed = []
    for each in (by_files, by_queries):
        run = each.run("nightly")
        assert run.returncode == 0, run.stderr
        files = each.exported()
        handed.append({name: files[name] for name in files if Path(name).stem in SAME})
    assert {Path(name).stem for name in handed[0]} == SAME
    assert handed[1] == handed[0]


def forget(operator):
    """Begin with a workspace that holds nothing."""
    shutil.rmtree(operator.workspace.root)
    operator.workspace = Workspace(operator.workspace.root).open()


def load(database, table, folder, encoding):
    """Put all files of a table into one, with the period and the day that their names tell."""
    for path in sorted(folder.iterdir()):
        _, period, day = path.name.split(".")[0].rsplit("_", 2)
        lines = gzip.decompress(path.read_bytes()).decode(encoding)
        header = ", ".join(f'"{name}" text' for name in lines.splitlines()[0].split(","))
        database.execute(
            f"CREATE TABLE IF NOT EXISTS {table} ({header}, period text, loaded_on date)"
        )
        database.execute(f"ALTER TABLE {table} ALTER period SET DEFAULT '{period}'")
        database.execute(f"ALTER TABLE {table} ALTER loaded_on SET DEFAULT '{day}'")
        columns = ", ".join(f'"{name}"' for name in lines.splitlines()[0].split(","))
        with (
            database.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            copy.write(lines)


def everything(operator):
    """Return the rows of every delivery, by table, in no order."""
    stored = {}
    for delivery in deliveries(operator.workspace):
        for path in delivery.paths:
            rows = [tuple(row.values()) for row in pq.read_table(path).to_pylist()]
            key = (delivery.partition, delivery.delivered_on, delivery.covers_until, delivery.mode)
            if rows:
                stored.setdefault(delivery.table, []).append((key, sorted(rows, key=repr)))
    return {table: sorted(each) for table, each in stored.items()}


def test_what_was_kept_is_not_taken_again_and_changes_are_refused(asker, database):
    """The same rows in another order are kept; other rows of a kept day are told, not taken."""
    fill(database)
    asker.ask()
    before = {name: (folder(asker) / name).read_bytes() for name in asker.kept()}
    database.execute("CREATE TABLE other AS SELECT * FROM bills ORDER BY amount_due DESC")
    database.execute("DROP TABLE bills; ALTER TABLE other RENAME TO bills")
    assert asker.ask() == (0, 0, 2)
    database.execute("UPDATE bills SET amount_due = 1 WHERE period = '202501'")
    database.execute("INSERT INTO bills VALUES (1, '2025-03-01', 2, NULL, '202503', '2025-04-02')")
    with pytest.raises(ExtractError, match="1 deliveries that were kept have other rows") as error:
        asker.ask()
    assert "bills_202501_20250202.parquet" in error.value.where
    assert {name: (folder(asker) / name).read_bytes() for name in before} == before
    assert "bills_202503_20250402.parquet" in asker.kept()
    (folder(asker) / "bills_202501_20250202.parquet").unlink()
    assert asker.ask() == (1, 2, 2)


def folder(asker):
    """Return where the rows of the query are kept."""
    return asker.operator.root / "extracts" / "queries" / "bills"


def test_a_query_may_ask_for_what_is_new_alone(asker, database):
    """``%(since)s`` is the last day that is kept, and no day at all at first."""
    fill(database)
    asker.query["sql"] = "SELECT * FROM bills WHERE loaded_on::date > %(since)s -- and no more"
    assert asker.ask() == (2, 3, 0)
    database.execute("INSERT INTO bills VALUES (1, '2025-03-01', 2, NULL, '202503', '2025-04-02')")
    assert asker.ask() == (1, 1, 0)


def test_rows_without_a_day_are_delivered_when_they_are_asked_for_once_a_day(asker, database):
    """The first answer of a day counts, also an empty one; the next day asks again."""
    database.execute("CREATE TABLE bills (subscriber_id text, bill_month date, amount_due numeric)")
    asker.query = {"database": "crm", "sql": "SELECT * FROM bills;"}
    assert asker.ask() == (1, 0, 0)
    database.execute("INSERT INTO bills VALUES ('a\nb', '2025-01-01', 2), ('', '2025-01-01', 3)")
    assert asker.ask() == (0, 0, 1)
    assert asker.ask(date(2025, 3, 3)) == (1, 2, 0)
    assert asker.kept() == ["bills_20250302.parquet", "bills_20250303.parquet"]
    with pytest.raises(ExtractError, match="1 of 2 rows fail BILL001"):
        asker.ingest()


def test_a_kept_answer_that_was_changed_is_refused(asker, database):
    """The hash beside it tells."""
    fill(database)
    asker.ask()
    (folder(asker) / "bills_202501_20250202.parquet").write_bytes(b"PAR1")
    with pytest.raises(ExtractError, match="are not what they were"):
        asker.ask()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"sql": "SELECT nothing FROM bills"}, "42703.*nothing"),
        ({"sql": "SELECT period FROM bills"}, "no column loaded_on"),
        ({"sql": "SELECT 1 AS a, 2 AS a"}, "columns twice: a"),
        ({"sql": "DELETE FROM bills RETURNING *"}, "the query failed"),
        (
            {"sql": "SELECT nextval('numbers')", "delivered_on": None, "period": None},
            "would change",
        ),
        ({"sql": "SELECT *, now() AS at FROM bills"}, "times with a zone"),
        ({"sql": "SELECT period::int / 0 AS a, * FROM bills"}, "the query failed .22012.\n"),
        ({"sql": "SELECT period, 'soon' AS loaded_on FROM bills"}, "holds what is no day"),
        ({"sql": "SELECT 'a b' AS period, loaded_on FROM bills"}, "cannot name a period"),
    ],
)
def test_a_query_that_cannot_be_kept_is_one_error_and_leaves_nothing(
    query, message, asker, database
):
    """Names of the query are told, values of rows never; nothing half-taken stays."""
    fill(database)
    database.execute("CREATE SEQUENCE numbers")
    asker.query |= query
    with pytest.raises((ExtractError, SettingsError)) as error:
        asker.ask()
    assert error.match(f"(?s){message}")
    assert list(folder(asker).iterdir()) == []
    assert database.execute("SELECT count(*) FROM bills").fetchone() == (3,)


def test_times_with_a_zone_are_kept_as_the_local_times_told(asker, database):
    """A zone named in the settings makes local times of them."""
    asker.query = {
        "database": "crm", "zone": "Asia/Shanghai",
        "sql": "SELECT 1 AS subscriber_id, timestamptz '2024-12-31 16:00+00' AS bill_month,"
        " 2 AS amount_due",
    }  # fmt: skip
    asker.ask()
    asker.source["columns"] = {"bill_month": {"from": "bill_month", "format": "%Y-%m-%d %H:%M:%S"}}
    asker.ingest()
    assert asker.operator.rows("bills", "bill_month") == [(date(2025, 1, 1),)]


def test_a_database_that_refuses_or_is_not_there_tells_no_secret(asker, monkeypatch):
    """What the driver says is not told on; a variable that is not set is named."""
    monkeypatch.setenv("TEST_DATABASE_PASSWORD", "wrong-secret")
    for address, message in (
        (asker.address, "database crm refuses this user"),
        ("postgresql://reader:${TEST_DATABASE_PASSWORD}@127.0.0.1:9/none", "does not answer"),
    ):
        asker.address = address
        with pytest.raises(ExtractError, match=message) as error:
            asker.ask()
        assert "wrong-secret" not in str(error.value)
        assert error.value.__cause__ is None
    monkeypatch.delenv("TEST_DATABASE_PASSWORD")
    with pytest.raises(SettingsError, match="TEST_DATABASE_PASSWORD is not set"):
        asker.ask()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"databases": {"crm": {"address": "postgresql://me:secret@host/x"}}}, "a password does"),
        ({"databases": {"crm": {"address": "postgresql://h/x?password=se"}}}, "a password does"),
        ({"databases": {"crm": {"address": "mysql://host/x"}}}, "begins with postgresql"),
        ({"queries": {"bills": {"database": "dwh", "sql": "SELECT 1"}}}, "asks dwh, which"),
        ({"queries": {}}, "reads what `queries:` keeps"),
    ],
)
def test_settings_that_cannot_be_asked_are_refused(change, message):
    """Before anything is asked; a password never stands in a file."""
    content = {
        "folder": "extracts", "id_key": "a key for tests",
        "databases": {"crm": {"address": "postgresql://me:${PASSWORD}@host/x"}},
        "queries": {"bills": {"database": "crm", "sql": "SELECT 1"}},
        "tables": {"bills": {"sources": [{"query": "bills"}]}},
    }  # fmt: skip
    IngestSettings.model_validate(content)
    with pytest.raises(ValidationError, match=message) as error:
        IngestSettings.model_validate(content | change)
    assert "secret" not in str(error.value.errors(include_input=False))
