"""Optional columns and tables that the synthetic operator delivers if asked."""

from __future__ import annotations

import gzip
import io

import pyarrow.csv as pacsv
import pytest

from churn.engines import Engine
from churn.ingest import IngestSettings, deliveries, ingest
from churn.sample import generate
from churn.store import Workspace
from churn.tables import TABLES
from tests.sample.freezing import content_hash

NEW = ("recharges", "port_queries", "plan_changes")
WIDER = {
    "subscribers": {"payment", "role", "plan_fee", "service_level", "acquired_through"},
    "complaints": {"answered_at", "satisfied", "level", "unit"},
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Return the same world twice: as shipped, and with what is optional."""
    plain, more = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("more")
    for folder, additions in ((plain, False), (more, True)):
        generate(
            folder, customers=400, months=3, seed=4, calls_per_month=1, dirty=False,
            additions=additions,
        )  # fmt: skip
    return plain, more


def read(path, encoding="utf-8"):
    """Return a delivered file as rows."""
    text = gzip.decompress(path.read_bytes()).decode(encoding)
    return pacsv.read_csv(io.BytesIO(text.encode())).to_pylist()


def test_all_other_files_and_the_truth_keep_their_bytes(worlds):
    """What is added draws from numbers of its own."""
    plain, more = worlds
    for path in sorted(plain.rglob("*.*")):
        name = path.relative_to(plain)
        same = (more / name).read_bytes() == path.read_bytes()
        assert same == (name.parts[1] not in WIDER), name
    assert content_hash(plain) != content_hash(more)


def test_what_is_added_is_what_the_tables_declare(worlds, tmp_path, engine: Engine):
    """Every row is accepted under the canonical names, and holds what it is about."""
    _, more = worlds
    tables = {
        name: {
            "sources": [
                {"files": f"{name}/*.csv.gz",
                 "name": f"{name}_{{period}}_{{delivered_on}}.csv.gz"}
            ]
        }
        for name in ("subscribers", *NEW)
    }  # fmt: skip
    settings = IngestSettings.model_validate(
        {"folder": str(more / "extracts"), "id_key": "a key for tests", "tables": tables}
    )
    workspace = Workspace(tmp_path / "workspace").open()
    report = ingest(settings, tmp_path, workspace, engine, code_version="1")
    assert (report.quarantined, report.accepted > 0) == (0, True)
    assert {delivery.table for delivery in deliveries(workspace)} == {"subscribers", *NEW}
    people = read(max((more / "extracts" / "subscribers").iterdir()))
    assert {row["payment"] for row in people} == {"prepaid", "postpaid"}
    assert {row["role"] for row in people} == {"main", "companion", ""}
    prepaid = {row["subscriber_id"] for row in people if row["payment"] == "prepaid"}
    top_ups = [row for path in (more / "extracts" / "recharges").iterdir() for row in read(path)]
    assert len(top_ups) > 10
    assert all(row["balance_after"] >= row["amount"] for row in top_ups)
    assert {row["subscriber_id"] for row in top_ups} & prepaid


def test_complaints_tell_how_they_were_handled(worlds):
    """Answered within their time; asked only once they are closed."""
    _, more = worlds
    files = (more / "extracts" / "complaints").iterdir()
    rows = [row for path in files for row in read(path, "gb18030")]
    assert set(rows[0]) >= WIDER["complaints"]
    assert {row["level"] for row in rows} <= set(TABLES["complaints"]["level"].allowed)
    for row in rows:
        if row["办结时间"]:
            assert row["受理时间"] <= row["answered_at"] <= row["办结时间"]
        else:
            assert row["answered_at"] in {None, ""}
            assert row["satisfied"] in {None, ""}
