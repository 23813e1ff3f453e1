"""The operator's indicators from deliveries to ``kpis.xlsx`` and the terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.commands import churn
from tests.pipelines.lists.world import NIGHT
from tests.pipelines.tiny import sheet_rows, texts


def test_a_month_tells_what_left_and_what_it_had_brought(english: Path) -> None:
    """Two of fourteen lines ported out in February, of 500 a month; one went silent."""
    rows = sheet_rows(english / "kpis.xlsx", "By month")
    february = {row["indicator"]: row for row in rows if row["period"] == "2025-02"}
    assert february["lines"]["amount"] == 14
    assert february["churn rate"]["share"] == pytest.approx(2 / 14)
    assert (february["lines lost"]["amount"], february["revenue lost (CNY)"]["amount"]) == (2, 500)
    assert february["lines lost"]["amount_before"] == 0
    assert february["churn rate, active"]["share"] == pytest.approx(2 / 14)
    assert february["revenue lost, passive (CNY)"]["amount"] == 0
    assert february["silent"]["amount"] == 1
    assert [february["downgrades"][name] for name in ("amount", "amount_before")] == [2, 1]
    assert february["downgrades"]["amount_year"] == "–", "no change was on record then"
    lost = february["fee lost by downgrades (CNY)"]
    assert (lost["amount"], lost["amount_before"]) == (120, 60)
    assert february["asked about porting"]["amount"] == 0
    running = {row["indicator"]: row for row in rows if row["period"] == "2025-03 (9 d)"}
    assert running["asked about porting"]["amount"] == 2
    assert "silent" not in running, "its month has not ended"
    assert "kept, net" not in running, "no contacts were delivered"


def test_dimensions_add_up_to_the_total(english: Path) -> None:
    """Lines by tier and product are the lines of the month."""
    for sheet in ("By tier", "By product", "By region"):
        rows = sheet_rows(english / "kpis.xlsx", sheet)
        assert sum(row["amount"] for row in rows if row["indicator"] == "lines") == 14
    tiers = {
        row["value"]: row["amount"]
        for row in sheet_rows(english / "kpis.xlsx", "By tier")
        if row["indicator"] == "lines lost"
    }
    assert tiers == {"key accounts": 2, "mass market": 0}


def test_indicators_speak_chinese_with_their_definitions(chinese: Path) -> None:
    """Each stands beside its definition."""
    months = {row["period"] for row in sheet_rows(chinese / "kpis.xlsx", "按月")}
    assert {"2025-03（9天）", "2025-02"} <= months
    about = texts(chinese / "kpis.xlsx", "指标定义")
    assert "2025-02：14户中离网2户（14.29%），月收入损失500.00元。" in about
    assert "降档损失" in about
    assert "合约续约率 | 到期前90天至后30天内续约/到期数（截至当晚）" in about


def test_the_terminal_tells_the_same(settings: Path) -> None:
    """The last whole month, then the running one; nothing is written."""
    done = churn("kpis", "--settings", settings, "--as-of", date.isoformat(NIGHT))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("2025-02")
    rate = next(line for line in lines if line.startswith("churn rate"))
    assert rate.split()[2] == "14.29%"
    assert any(line.startswith("2025-03 (9 d)") for line in lines)
    assert any(line.split()[:5] == ["downgrades", "2", "1", "–", "–"] for line in lines)
    assert lines[-1] == "Not delivered, so not told: campaign contacts."
