"""Cards and rewards from deliveries to ``loyalty.xlsx``, on a night that no model scores."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.pipelines.tiny import sheet_rows, texts


def test_households_have_cards_and_key_accounts_have_none(english: Path) -> None:
    """Firms with a class are served by plan; the rest stands in the csv; the counts agree."""
    with (english / "loyalty.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["customer_id"].lstrip("'"): row for row in csv.DictReader(file)}
    assert {"+86C1", "C2", "C3", "C4", "NEARLY", "SMALL", "MARKED"} == set(rows)
    first = rows["+86C1"]
    assert (first["points_tenure"], first["points_lines"], first["points_mobile"]) == (
        "2", "1", "1",
    )  # fmt: skip
    counts = json.loads((english / "manifest.json").read_text("utf-8"))["counts"]["loyalty"]
    assert counts["households"] == len(rows)
    assert counts["gold"] + counts["silver"] + counts["standard"] == len(rows)
    assert counts["due"] == len(sheet_rows(english / "loyalty.xlsx", "Rewards of the month"))
    near = sheet_rows(english / "loyalty.xlsx", "Near the next card")
    assert {row["points_missing"] for row in near} <= {1}
    assert "the shipped example, not this operator's" in texts(english / "loyalty.xlsx", "About")


def test_it_speaks_chinese(chinese: Path) -> None:
    """Sheets, cards and the mark of the example."""
    assert "随附示例，并非本企业规则" in texts(chinese / "loyalty.xlsx", "说明")
    sheet_rows(chinese / "loyalty.xlsx", "临近升级")
