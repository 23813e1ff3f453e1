"""Writes the three files of Nordlink, an invented operator: ``python docs/own-delivery/make.py``.

They are what ``churn sample`` makes up, told in another operator's headers, codes and dates.
"""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from churn.sample import generate

SERVICES = {"mobile": "MOB", "fixed": "TEL", "broadband": "NET", "leased": "LEASED"}
TARIFFS = {
    "数字专线": "Leased line",
    "商务套餐199": "Business 199",
    "校园卡": "Campus",
    "流量王套餐59": "Data 59",
    "畅享套餐129": "Enjoy 129",
    "畅享套餐79": "Enjoy 79",
    "经济套餐39": "Basic 39",
    "预付畅聊卡": "Prepaid",
    "宽带1000M": "Home 1000",
    "宽带200M": "Home 200",
    "宽带500M": "Home 500",
    "商务固话": "Office",
    "固定电话": "Phone",
}
EVENTS = {
    "在用": "ACTIVE",
    "单停": "BARRED",
    "停机保号": "PAUSED",
    "双停": "CUT",
    "欠费服务暂停": "CUT",
    "预登录停机": "UNUSED",
    "强拆销号": "REMOVED",
    "锁定期": "QUARANTINE",
    "退网停机": "LEFT",
    "携号转出": "PORTED",
    "过户": "OWNER",
    "产品迁移": "MIGRATED",
    "移机改号": "MIGRATED",
    "死亡": "DECEASED",
    "欺诈": "FRAUD",
    "实名关停": "FRAUD",
}


def main(folder: Path) -> None:
    """Write ``lines``, ``history`` and ``invoices``, extracted on one day."""
    with tempfile.TemporaryDirectory() as made:
        generate(Path(made), customers=2200, months=24, seed=11, calls_per_month=1, dirty=False)
        extracts = Path(made) / "extracts"
        lines = {row["subscriber_id"]: row for row in _read(extracts / "subscribers")}
        events = list(_read(extracts / "status_events", "gb18030"))
        bills = {
            (row["subscriber_id"], row["bill_month"]): row for row in _read(extracts / "bills")
        }
    _write(
        folder / "lines.csv.gz",
        ("Line", "Household", "Service", "Connected", "Tariff", "Committed until"),
        (
            (
                key,
                row["customer_id"],
                SERVICES[row["product"]],
                _day(row["activated_on"]),
                TARIFFS[row["plan"]],
                _day(row["contract_ends_on"]),
            )
            for key, row in lines.items()
        ),
    )
    _write(
        folder / "history.csv.gz",
        ("Line", "When", "Event"),
        (
            (row["用户编号"], _moment(row["生效时间"]), EVENTS[row["状态"]])
            for row in events
            if row["用户编号"] in lines
        ),
    )
    _write(
        folder / "invoices.csv.gz",
        ("Line", "Month", "Billed", "Due", "Paid on", "Paid"),
        (
            (line, month[:7], row["amount_due"], _day(row["due_on"]), _day(row["paid_on"]),
             row["amount_paid"])
            for (line, month), row in bills.items()
        ),
    )  # fmt: skip


def _read(folder: Path, encoding: str = "utf-8") -> Iterator[dict[str, str]]:
    """Read a table's deliveries, the oldest first."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name.split("_")[::-1]):
        with gzip.open(path, "rt", encoding=encoding, newline="") as file:
            yield from csv.DictReader(file)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    writer.writerows(sorted(rows))
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d.%m.%Y") if text else ""


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%d.%m.%Y %H:%M")


if __name__ == "__main__":
    main(Path(__file__).parent)
