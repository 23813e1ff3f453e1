"""Deliveries: what is registered, what counts once, what is made again, what survives a kill."""

from __future__ import annotations

import pkgutil
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from churn.errors import ExtractError
from churn.ingest import deliveries

HEADER = "subscriber_id,answered_on,score\n"
JANUARY = "surveys_202501_20250203.csv"


def test_a_delivery_says_when_it_came_and_what_it_covers(operator):
    """Partition and day come from the name; the period's end is what it covers."""
    operator.map("surveys")
    operator.deliver(JANUARY, HEADER + "1,2025-01-02,85\n")
    operator.ingest()
    (delivery,) = deliveries(operator.workspace)
    assert (delivery.partition, delivery.delivered_on, delivery.covers_until, delivery.mode) == (
        "202501",
        date(2025, 2, 3),
        date(2025, 1, 31),
        "append",
    )
    assert pq.read_schema(delivery.paths[0]).names == [
        "subscriber_id",
        "answered_on",
        "score",
        "delivered_on",
    ]


@pytest.mark.parametrize(
    ("table", "text", "covers"),
    [
        ("surveys", HEADER + "1,2025-01-02,85\n2,2025-01-20,85\n", date(2025, 1, 20)),
        ("bills", "subscriber_id,bill_month,amount_due\n1,2025-01-01,1\n", date(2025, 1, 31)),
        ("contact_details", "subscriber_id,name\n1,Li\n", date(2025, 2, 3)),
    ],
)
def test_without_a_period_the_latest_occurrence_is_covered(operator, table, text, covers):
    """A month counts to its last day; where nothing occurs, the day of delivery counts."""
    operator.map(table, {"name": table + "_{delivered_on}.csv"})
    operator.deliver(f"{table}_2025-02-03.csv", text)
    operator.ingest()
    assert [d.covers_until for d in deliveries(operator.workspace)] == [covers]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (
            {"name": "surveys_{period}_{covers_until}_{delivered_on}.csv"},
            "202501_20250128_20250203",
        ),
        ({"covers_until": "2025-01-28"}, "202501_20250203"),
        ({"covers_until": "2025-01-28"}, "north_20250203"),
    ],
)
def test_what_a_delivery_covers_may_be_declared(operator, source, name):
    """A declaration beats the period and the latest occurrence: it may be more, or less."""
    operator.map("surveys", source)
    operator.deliver(f"surveys_{name}.csv", HEADER + "1,2025-01-02,85\n")
    operator.ingest()
    assert [d.covers_until for d in deliveries(operator.workspace)] == [date(2025, 1, 28)]


def test_files_of_one_delivery_cover_what_all_of_them_do(operator):
    """Two files of one month, one cut on the 28th: the delivery is not observed beyond that."""
    operator.map("surveys", {"name": "surveys_{period}_{part}_{covers_until}_{delivered_on}.csv"})
    operator.deliver("surveys_202501_a_20250131_20250203.csv", HEADER + "1,2025-01-02,85\n")
    operator.deliver("surveys_202501_b_20250128_20250203.csv", HEADER + "2,2025-01-02,85\n")
    operator.ingest()
    assert [d.covers_until for d in deliveries(operator.workspace)] == [date(2025, 1, 28)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("surveys_202501_20250120.csv", "1,2025-01-02,85\n"),
        ("surveys_north_20250120.csv", "1,2025-01-02,85\n2,2052-01-01,85\n"),
    ],
)
def test_a_delivery_covers_no_day_after_it_came(operator, name, text):
    """A month delivered before it ends, or a date mistyped, claims no more than could be there."""
    operator.map("surveys")
    operator.deliver(name, HEADER + text)
    operator.ingest()
    assert [d.covers_until for d in deliveries(operator.workspace)] == [date(2025, 1, 20)]


def test_a_header_alone_is_a_delivery_without_rows(operator):
    """A month without rows moves what is covered; empty months are no repetitions."""
    operator.map("surveys")
    operator.deliver(JANUARY, HEADER)
    operator.deliver("surveys_202502_20250303.csv", HEADER)
    report = operator.ingest()
    assert [d.covers_until.month for d in deliveries(operator.workspace)] == [1, 2]
    assert operator.rows("surveys", "score") == []
    assert report.repeated == ()


def test_a_file_delivered_twice_counts_once(operator):
    """The same content under another name or packed again adds nothing."""
    operator.map("calls")
    text = "subscriber_id,started_at\n1,2025-01-02 00:00:00\n"
    operator.deliver("calls_202501_20250203.csv.gz", text)
    again = operator.deliver("calls_202501_20250204.csv.gz", text)
    packed_later = bytearray(again.read_bytes())
    packed_later[4] = 1  # the time of packing
    again.write_bytes(packed_later)
    report = operator.ingest()
    assert len(operator.rows("calls", "started_at")) == 1
    assert report.repeated == ("calls: calls_202501_20250204.csv.gz",)


def test_a_full_table_delivered_unchanged_is_a_delivery_of_its_own(operator):
    """The same register a month later says that nobody has gone."""
    operator.map("subscribers")
    operator.deliver("subscribers_202501_20250203.csv", "subscriber_id\n1\n")
    operator.deliver("subscribers_202502_20250303.csv", "subscriber_id\n1\n")
    operator.ingest()
    assert [d.delivered_on.month for d in deliveries(operator.workspace)] == [2, 3]


def test_nothing_new_nothing_to_do(operator):
    """A second run changes no byte and says so; new files alone are read."""
    operator.map("surveys")
    operator.deliver(JANUARY, HEADER + "1,2025-01-02,85\n")
    operator.ingest()
    before = operator.stored_bytes()
    report = operator.ingest()
    assert report.unchanged
    assert report.summary().startswith("nothing to do")
    assert operator.stored_bytes() == before
    operator.deliver("surveys_202502_20250303.csv", HEADER + "1,2025-02-02,85\n")
    report = operator.ingest()
    assert (len(report.built), report.kept) == (1, 1)


def test_a_changed_mapping_rebuilds_that_table_alone(operator):
    """Another mapping makes the table anew from the raw files and leaves no old file behind."""
    operator.map("surveys")
    operator.map("visits")
    operator.deliver(JANUARY, HEADER + "1,2025-01-02,85\n")
    operator.deliver("visits_202501_20250203.csv", "customer_id,visited_on,by\n1,2025-01-02,me\n")
    operator.ingest()
    operator.map("visits", {"columns": {"by": {"constant": "you"}}})
    report = operator.ingest()
    assert [entry.table for entry in report.built] == ["visits"]
    assert operator.rows("visits", "by") == [("you",)]
    assert len(list(operator.workspace.tables.glob("visits/*"))) == 1


def test_another_code_version_rebuilds_what_it_can(operator):
    """Code that changed makes deliveries anew, except those whose files were archived."""
    operator.map("surveys")
    gone = operator.deliver(JANUARY, HEADER + "1,2025-01-02,85\n")
    operator.deliver("surveys_202502_20250303.csv", HEADER + "1,2025-02-02,85\n")
    operator.ingest()
    gone.unlink()
    report = operator.ingest(code_version="2")
    assert [entry.partition for entry in report.built] == ["202502"]
    assert report.archived == ("surveys 202501 of 2025-02-03",)
    assert len(operator.rows("surveys", "score")) == 2


def test_a_changed_mapping_needs_the_archived_file_back(operator):
    """What cannot be made again is not thrown away: the run stops and names the file."""
    operator.map("surveys")
    gone = operator.deliver(JANUARY, HEADER + "1,2025-01-02,85\n")
    operator.deliver("surveys_202502_20250303.csv", HEADER + "1,2025-02-02,85\n")
    operator.ingest()
    before = operator.stored_bytes()
    gone.unlink()
    operator.map("surveys", {"columns": {"score": {"from": "score", "round": True}}})
    with pytest.raises(ExtractError, match=JANUARY):
        operator.ingest()
    assert operator.stored_bytes() == before


def test_another_key_makes_the_map_anew(operator):
    """With another key no old hash stays in the map."""
    operator.map("surveys")
    operator.deliver(JANUARY, HEADER + "1,2025-01-02,85\n")
    operator.ingest()
    operator.id_key = "another key"
    operator.ingest()
    assert len(operator.id_map()) == 1
    assert operator.rows("surveys", "subscriber_id") == [(operator.id_map()[0]["hash"],)]


def test_a_corrected_name_pattern_moves_a_delivery(operator):
    """A file that the settings now date otherwise is not counted under both days."""
    operator.map("surveys", {"files": "s.csv", "delivered_on": "2025-02-03"})
    operator.deliver("s.csv", HEADER + "1,2025-01-02,85\n")
    operator.ingest()
    operator.map("surveys", {"files": "s.csv", "delivered_on": "2025-02-05"})
    report = operator.ingest()
    assert [d.delivered_on.day for d in deliveries(operator.workspace)] == [5]
    assert report.dropped == ("surveys of 2025-02-03",)


def test_a_late_part_joins_its_delivery(operator):
    """Files of one table, period and day are one delivery, made anew when a part arrives."""
    operator.map("surveys", {"name": "surveys_{period}_{delivered_on}_{part}.csv"})
    operator.deliver("surveys_202501_20250203_a.csv", HEADER + "1,2025-01-02,85\n")
    operator.ingest()
    operator.deliver("surveys_202501_20250203_b.csv", HEADER + "2,2025-01-02,85\n")
    operator.ingest()
    (delivery,) = deliveries(operator.workspace)
    assert pq.read_metadata(delivery.paths[0]).num_rows == 2


def test_a_key_delivered_twice_keeps_the_first_by_content(operator):
    """Of rows with one key one is kept; equal ones are harmless, others count as broken."""
    rows = ["1,2025-01-02,90", "1,2025-01-02,85", "1,2025-01-02,85", "2,2025-01-02,70"]
    operator.map("surveys", max_rejected=0.3)
    operator.deliver(JANUARY, HEADER + "\n".join(rows))
    (entry,) = operator.ingest().built
    assert sorted(int(score) for (score,) in operator.rows("surveys", "score")) == [70, 85]
    assert entry.accepted + entry.quarantined == entry.delivered == 4
    assert operator.quarantined("surveys") == [
        (JANUARY, 2, "SURV009", b"1,2025-01-02,90"),
        (JANUARY, 4, "SURV010", b"1,2025-01-02,85"),
    ]


def test_records_without_a_key_may_repeat(operator):
    """Two calls alike in every column are two calls."""
    operator.map("calls")
    row = "1,2025-01-02 00:00:00\n"
    operator.deliver("calls_202501_20250203.csv", "subscriber_id,started_at\n" + row + row)
    operator.ingest()
    assert len(operator.rows("calls", "started_at")) == 2


def test_a_number_of_rows_may_be_set_aside_whatever_their_share(operator):
    """One bad row of three is a third of a small delivery, and no reason to stop it."""
    operator.map("surveys", max_rejected=0, max_rejected_rows=1)
    operator.deliver(JANUARY, HEADER + "3,2025-01-02,x\n4,2025-01-02,1\n5,2025-01-02,1\n")
    assert operator.check().problems == ()
    assert operator.ingest().accepted == 2
    operator.deliver("surveys_202502_20250303.csv", HEADER + "1,2025-02-02,x\n2,2025-02-02,y\n")
    with pytest.raises(ExtractError, match=r"2 of 2 rows fail .*the limit is 0 % or 1 rows"):
        operator.ingest()


def test_a_layout_holds_from_a_delivery_on_and_leaves_the_earlier_as_they_are(operator):
    """The new layout stands behind the old one; archived deliveries need not be made again."""
    operator.map("surveys")
    first = operator.deliver(JANUARY, HEADER + "1,2025-01-02,85\n")
    operator.ingest()
    first.unlink()
    new = {
        "delimiter": ";", "from_delivery": "2025-03-03",
        "columns": {"subscriber_id": "用户", "answered_on": {"from": "日期", "format": "%Y%m%d"},
                    "score": "分数"},
    }  # fmt: skip
    operator.map("surveys", {"to_delivery": "2025-03-02"}, new)
    operator.deliver("surveys_202502_20250303.csv", "用户;日期;分数\n2;20250202;90\n")
    report = operator.ingest()
    assert (len(report.built), len(report.archived), report.dropped) == (1, 1, ())
    assert sorted(operator.rows("surveys", "score")) == [(85,), (90,)]
    with pytest.raises(ValidationError, match="lies before"):
        operator.map("surveys", new | {"to_delivery": "2025-01-01"})
        operator.settings()


def test_too_many_bad_rows_stop_a_delivery_and_leave_the_others(operator):
    """The error counts by rule, holds no value, and the quarantine can be looked at."""
    operator.map("surveys", max_rejected=0.5)
    operator.deliver(JANUARY, HEADER + "secret,2025-01-02,x\n4,2025-01-02,y\n5,2025-01-02,1\n")
    operator.deliver("surveys_202502_20250303.csv", HEADER + "1,2025-02-02,85\n")
    with pytest.raises(ExtractError) as caught:
        operator.ingest()
    assert str(caught.value) == (
        "extract breaks its contract: 2 of 3 rows fail SURV006 (score is a number of at most 2"
        " decimals); written score as in 'a' (9 for a digit, a for a letter); the limit is 50 %\n"
        "  where  surveys, delivery 202501 of 2025-02-03,"
        f" {operator.workspace.quarantine}/surveys/202501-20250203.parquet\n"
        "  do     correct the extract, or raise ingest.tables.surveys.max_rejected"
    )
    assert [d.partition for d in deliveries(operator.workspace)] == ["202502"]
    assert len(operator.quarantined("surveys")) == 2
    assert not (operator.workspace.personal / "incoming").exists()
    operator.deliver(JANUARY, HEADER + "4,2025-01-02,1\n")
    operator.ingest()
    assert operator.quarantined("surveys") == []


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize(
    ("owner", "step"),
    [
        ("churn.ingest.building.stage", "before"),
        ("churn.ingest.building.IdMap.add", "before"),
        ("churn.ingest.building.IdMap.add", "after"),
        ("churn.ingest.building.Builder._write", "after"),
        ("churn.ingest.registry.Registry.put", "after"),
        ("churn.ingest.quarantine.Quarantine.keep", "after"),
    ],
)
def test_killed_anywhere_the_next_run_finishes_with_the_same_bytes(
    operator, tmp_path_factory, monkeypatch, owner, step
):
    """What a killed run left is finished or removed: the workspace equals an undisturbed one."""
    undisturbed = type(operator)(tmp_path_factory.mktemp("undisturbed"), operator.engine)
    for one in (operator, undisturbed):
        one.map("surveys", max_rejected=0.9)
        one.map("visits")
        one.deliver(JANUARY, HEADER + "1,2025-01-02,85\n1,2025-01-02,x\n")
        one.deliver("surveys_202502_20250303.csv", HEADER + "3,2025-02-02,85\n")
        one.deliver("visits_202501_20250203.csv", "customer_id,visited_on\n1,2025-01-02\n")
    undisturbed.ingest()
    target = pkgutil.resolve_name(owner)
    calls = []

    def stumble(*args, **kwargs):
        calls.append(1)
        if step == "after" or len(calls) == 1:  # "before" lets the first delivery through
            result = target(*args, **kwargs)
        if step == "after" or len(calls) == 2:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(owner, stumble)
        with pytest.raises(Killed):
            operator.ingest()
    operator.ingest()
    assert operator.stored_bytes() == undisturbed.stored_bytes()


def test_a_rule_dates_the_deliveries_whose_names_tell_the_period_alone(operator):
    """So many days after the period's last one; folders of a name count as well."""
    source = {
        "files": "*/surveys.csv",
        "name": "{period}/surveys.csv",
        "delivered_on": {"days_after_period": 3},
    }
    operator.map("surveys", source)
    operator.deliver("202402/surveys.csv", HEADER + "1,2024-02-02,85\n")
    operator.deliver("2024-03/surveys.csv", HEADER + "1,2024-03-02,85\n")
    operator.ingest()
    found = {(d.partition, d.delivered_on, d.covers_until) for d in deliveries(operator.workspace)}
    assert found == {
        ("202402", date(2024, 3, 3), date(2024, 2, 29)),
        ("2024-03", date(2024, 4, 3), date(2024, 3, 31)),
    }
    operator.deliver("north/surveys.csv", HEADER + "1,2024-03-02,85\n")
    with pytest.raises(ExtractError, match="north is neither a month nor a day"):
        operator.ingest()


def test_a_rule_needs_a_period(operator):
    """It counts from one."""
    operator.map("surveys", {"files": "s.csv", "delivered_on": {"days_after_period": 3}})
    with pytest.raises(ValueError, match="counts from a period"):
        operator.settings()


PART = {"subscriber_id": ["1", "2"], "answered_on": ["2025-01-02"] * 2, "score": ["1", "2"]}


def _cluster(operator, *names):
    """Write a folder as a cluster writes a table: parts, and what tells of the writing."""
    folder = operator.root / "extracts" / "surveys_202501_20250201.parquet"
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            ids = [f"{number}{i}" for i in PART["subscriber_id"]]
            pq.write_table(pa.table({**PART, "subscriber_id": ids}), path)
        else:
            path.write_bytes(b"")
    operator.map("surveys", {"name": "surveys_{period}_{delivered_on}.parquet"})


def test_a_folder_of_parts_is_one_delivery(operator):
    """Period and day stand in the folder's name; marks and checksums beside parts are none."""
    _cluster(operator, "part-00000-a.snappy.parquet", "part-00001-a.snappy.parquet", "_SUCCESS",
             ".part-00000-a.snappy.parquet.crc")  # fmt: skip
    report = operator.ingest()
    assert [(e.partition, e.accepted, len(e.files)) for e in report.built] == [("202501", 4, 2)]
    assert operator.ingest().unchanged


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("part-00000.parquet", "_temporary/0/x"), "still being written"),
        (("month=1/part-00000.parquet", "_SUCCESS"), "divided by the values of a column"),
        (("month=1/part-00000.parquet",), "divided by the values of a column"),
    ],
)
def test_a_folder_of_parts_that_is_not_whole_is_refused(operator, names, said):
    """Nothing of it is taken before its writer has finished."""
    _cluster(operator, *names)
    with pytest.raises(ExtractError, match=said):
        operator.ingest()
