"""What the terminal is told: aligned by what a reader sees, and the same everywhere."""

from __future__ import annotations

import pytest

from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.report.page.numbers import with_bounds
from churn.report.terminal.explain import arithmetic, contacts, history
from churn.report.terminal.grid import grid
from churn.report.terminal.status import ledger_lines
from churn.store.ledger import StageRun
from churn.targeting import TargetingSettings
from tests.targeting.worlds import CALL, PLAIN, VISIT


def test_columns_are_as_wide_as_what_a_terminal_shows() -> None:
    """A Chinese character takes two places; nothing trails a line."""
    rows = [("head", "rows"), ("主动", "7"), ("", "12")]
    assert grid(rows) == ["head  rows", "主动  7", "      12"]
    assert grid(rows, numbers=True) == ["head  rows", "主动     7", "        12"]


def test_a_note_stands_behind_its_row() -> None:
    """At the same place in every row."""
    rows = [("night", "base"), ("a", "1.2 %"), ("b", "")]
    lines = grid(rows, numbers=True, notes=["", "fails the gate", "off"])
    assert lines == ["night   base", "    a  1.2 %  fails the gate", "    b         off"]


@pytest.mark.parametrize("name", ["FORCE_COLOR", "COLUMNS", "TERM"])
def test_the_lines_are_plain_whatever_the_terminal(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No colour, no markup, and no line is broken or cut."""
    monkeypatch.setenv(name, "20")
    cell = "[bold]" + "x" * 300
    assert grid([(cell, "y")]) == [f"{cell}  y"]


def test_a_figure_and_its_interval_have_one_form() -> None:
    """As the first says."""
    figure = Interval(value=0.0312, lower=0.0211, upper=0.0565)
    assert with_bounds(figure, "{:.2%}".format) == "3.12% [2.11%, 5.65%]"


def test_the_ledger_is_one_line_per_stage() -> None:
    """Or one sentence where nothing has run."""
    entry = StageRun(
        run="r",
        command="nightly",
        stage="score",
        as_of="2025-01-01",
        started_at="2025-01-02T03:04:05.678",
        finished_at=None,
        state="running",
        note="",
    )
    head, line = ledger_lines([entry])
    assert head.split("  ")[0] == "started (UTC)"
    assert line == "2025-01-02T03:04:05  nightly  score  2025-01-01  running"
    assert ledger_lines([]) == ["nothing has run in this workspace yet"]


def test_the_arithmetic_of_a_contact_is_told_with_its_numbers() -> None:
    """As the list reckons: p γ (V − d) − (1 − p) ψ d − f; a visit answers both causes."""
    settings = TargetingSettings.model_validate(PLAIN)
    row = {
        "action": CALL.name, "p_active": 0.2, "p_passive": 0.1, "value_if_saved": 200.0,
        "expected_profit": 2.4,
    }  # fmt: skip
    value, profit = arithmetic(row, settings, ())
    assert value.en == "  value if saved  200.00 CNY; effect of the action  30%, assumed"
    assert profit.en == (
        "  expected profit  0.2000 × 0.300 × (200.00 − 10.00) − 0.8000 × 1.00 × 10.00 − 1.00 = 2.40"
    )
    assert pytest.approx(2.4) == 0.2 * 0.3 * 190 - 0.8 * 10 - 1
    *_, visit = arithmetic({**row, "action": VISIT.name}, settings, ())
    assert "0.3000 × 0.500" in visit.zh
    assert list(arithmetic({**row, "action": "gone"}, settings, ())) == []


def test_earlier_nights_and_hand_overs_are_told_the_latest_first() -> None:
    """A head that was off is passed over; a control had no action; an answer that came is told."""
    nights = [
        {"night": "2025-02-01", "p_active": 0.1, "p_passive": None, "decision": Text("a", "甲")},
        {"night": "2025-01-01", "p_active": 0.2, "p_passive": 0.3, "decision": Text("b", "乙")},
    ]
    assert [line.en for line in history(nights)] == [
        "earlier nights",
        "  2025-02-01  active 10.00%  a",
        "  2025-01-01  active 20.00%  passive 30.00%  b",
    ]
    plain = {"action": "offer", "channel": "call", "answer": None}
    rows = [
        {**plain, "night": "2025-02-01", "arm": "treated", "answer": "refused"},
        {**plain, "night": "2025-01-01", "arm": "treated"},
        {**plain, "night": "2024-12-01", "arm": "control"},
    ]
    assert [line.zh for line in contacts(rows, (CALL,))] == [
        "历次派单",
        "  2025-02-01  优惠，电话：拒绝",
        "  2025-01-01  优惠，电话：尚无结果",
        "  2024-12-01  对照组，不联系",
    ]
    assert list(contacts([], (CALL,))) == []
