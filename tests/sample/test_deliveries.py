"""What the synthetic operator delivers, file by file."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import date

import pytest

from churn.sample import vocabulary as words
from churn.sample.statuses import STATUSES
from churn.tables import TABLES
from churn.windows import add_months
from tests.sample.conftest import World

DELIVERED = set(TABLES) - {
    "attributes", "usage_monthly", "port_queries", "recharges", "plan_changes",
}  # fmt: skip
PLAIN = sorted(DELIVERED - {"status_events", "complaints", "arrears"})


def test_one_file_per_table_and_month(world: World) -> None:
    """Every table has a file for each of the 10 months; bills come a second time."""
    assert {path.name for path in (world.folder / "extracts").iterdir()} == DELIVERED
    for table in DELIVERED:
        assert len(world.files(table)) == (19 if table == "bills" else 10)
        assert world.report.files[table] == len(world.files(table))


@pytest.mark.parametrize("table", PLAIN)
def test_headers_are_canonical(world: World, table: str) -> None:
    """Tables in UTF-8 carry the canonical names; ``delivered_on`` is in the file's name."""
    header = world.lines(world.files(table)[0])[0].split(",")
    optional = {"payment", "role", "plan_fee", "service_level", "acquired_through"}
    optional |= {"answered_at", "satisfied", "level", "unit", "delivered_on"}
    assert header == [name for name in TABLES[table].names if name not in optional]


def test_chinese_tables_are_gb18030(world: World) -> None:
    """States, complaints and arrears have Chinese headers in GB18030 and known codes."""
    for table, first in (("status_events", "用户编号"), ("complaints", "投诉编号")):
        assert world.lines(world.files(table)[0])[0].startswith(first)
    codes = set()
    for path in world.files("status_events"):
        codes |= set(world.read(path)["状态"].to_pylist())
    assert codes <= set(STATUSES)
    assert codes >= {"在用", "单停", "停机保号", "双停", "欠费服务暂停", "强拆销号", "锁定期"}
    assert codes >= {"退网停机", "携号转出", "预登录停机"}
    assert codes & set(words.ADMINISTRATIVE)


def test_arrears_dates_are_compact(world: World) -> None:
    """Arrears are dated YYYYMMDD, the last day of the month before the delivery."""
    for path in world.files("arrears"):
        delivered = date.fromisoformat(path.name[-15:-7])
        dates = set(world.read(path)["统计日期"].to_pylist())
        assert len(dates) == 1
        (day,) = dates
        assert (delivered - date.fromisoformat(day)).days == 1


def test_bills_are_restated_with_what_was_paid(world: World) -> None:
    """The same bills come unpaid first; a month later most are paid, and nothing else changed."""
    first, second = (
        world.read(world.folder / "extracts" / "bills" / f"bills_202304_{day}.csv.gz")
        for day in ("20230501", "20230601")
    )
    assert first["paid_on"].null_count == len(first)
    assert 0 < second["paid_on"].null_count < 0.3 * len(second)
    assert max(day for day in second["paid_on"].to_pylist() if day) < "2023-06-01"
    fixed = [name for name in first.column_names if name not in ("paid_on", "amount_paid")]
    assert first.select(fixed) == second.select(fixed)


def test_cases_are_open_first_and_restated_when_closed(world: World) -> None:
    """A complaint still open at the delivery comes again, closed, with the same number."""
    seen: dict[str, list[str | None]] = {}
    for path in world.files("complaints"):
        table = world.read(path)
        delivered = f"{date.fromisoformat(path.name[-15:-7])}"
        for case, closed in zip(
            table["投诉编号"].to_pylist(), table["办结时间"].to_pylist(), strict=True
        ):
            assert closed is None or closed < delivered
            seen.setdefault(case, []).append(closed)
    restated = [states for states in seen.values() if len(states) > 1]
    assert restated
    assert all(len(states) == 2 and states[0] is None and states[1] for states in restated)


def test_some_rows_come_late(world: World) -> None:
    """About 0.3 % of the call records come with the next month's file; none come early."""
    late = total = 0
    for path in world.files("calls")[1:]:
        month = path.name[6:12]
        begun = [value[:7].replace("-", "") for value in world.read(path)["started_at"].to_pylist()]
        assert max(begun) <= month
        late += sum(value < month for value in begun)
        total += len(begun)
    assert 0.001 < late / total < 0.006


def test_half_the_suspensions_are_cured_within_grace(world: World) -> None:
    """Of the suspensions with 60 days of history after them, about half end within 30 days."""
    events: dict[str, list[tuple[str, str]]] = {}
    for path in world.files("status_events"):
        columns = world.read(path)
        for line, at, status in zip(
            *(columns.columns[i].to_pylist() for i in range(3)), strict=True
        ):
            events.setdefault(line, []).append((at, status))
    cured = []
    for history in events.values():
        history.sort()
        for (at, status), (then, following) in itertools.pairwise(history):
            if status in words.SUSPENDED and at < "2023-08":
                away = date.fromisoformat(then[:10]) - date.fromisoformat(at[:10])
                cured.append(following == "在用" and away.days <= 30)
    assert len(cured) > 300
    assert 0.42 < sum(cured) / len(cured) < 0.58


def test_people_come_stay_together_and_come_back(world: World) -> None:
    """There are newcomers, households with several lines, and leavers who return."""
    lists = [
        set(world.read(path)["subscriber_id"].to_pylist()) for path in world.files("subscribers")
    ]
    assert lists[-1] - lists[0]
    assert any(
        (lists[i] - lists[i + 1]) & lists[j]
        for i in range(len(lists) - 2)
        for j in range(i + 2, len(lists))
    )
    holders = world.read(world.files("subscribers")[0])["customer_id"].to_pylist()
    held = Counter(Counter(holders).values())
    assert held[1] > held[2] > held[3] > 0


def test_campaigns_have_a_control_arm_on_record(world: World) -> None:
    """From the eighth month on contacts are delivered, about their control share left alone."""
    assert all(len(world.lines(path)) == 1 for path in world.files("campaign_contacts")[:7])
    arms: Counter[str] = Counter()
    shares = 0.0
    actions = set()
    for path in world.files("campaign_contacts")[7:]:
        table = world.read(path)
        arms.update(table["arm"].to_pylist())
        shares += sum(float(share) for share in table["control_share"].to_pylist())
        actions |= set(table["action"].to_pylist())
    assert actions == set(words.ACTIONS)
    assert arms["control"] == pytest.approx(shares, rel=0.15)


def test_the_report_counts_the_rows(world: World) -> None:
    """The report's rows are the files' lines but for the headers; without dirt none is listed."""
    for table in DELIVERED:
        lines = sum(len(world.lines(path)) - 1 for path in world.files(table))
        assert world.report.rows[table] == lines
    assert world.report.dirt == {}


def test_dirt_is_listed_beside_the_truth(dirty_world: World) -> None:
    """Every line beyond the good rows is listed by file and defect, and only bills and calls."""
    listed = json.loads((dirty_world.folder / "truth" / "dirt.json").read_text())
    assert listed == dirty_world.report.dirt
    assert listed
    extra = Counter({name: sum(kinds.values()) for name, kinds in listed.items()})
    for table in DELIVERED:
        lines = sum(len(dirty_world.lines(path)) - 1 for path in dirty_world.files(table))
        added = sum(extra[path.name] for path in dirty_world.files(table))
        assert lines == dirty_world.report.rows[table] + added
    for name, kinds in listed.items():
        path = dirty_world.folder / "extracts" / name.split("_")[0] / name
        body = [line.split(",") for line in dirty_world.lines(path)[1:]]
        width = len(TABLES[path.parent.name].names)
        assert sum(len(cells) != width for cells in body) == kinds.get("short_line", 0)
        assert sum(cells[0] == "" for cells in body) == kinds.get("missing_id", 0)
        assert sum("02-30" in ",".join(cells) for cells in body) == kinds.get("bad_date", 0)


def test_truth_ends_with_the_last_delivery(world: World) -> None:
    """The last snapshot is the day of the last delivery."""
    last = world.truth()["snapshot"].max()
    assert last.astype(object) == add_months(date(2023, 1, 1), 10)
