"""What the terminal is told: aligned by what a reader sees, and the same everywhere."""

from __future__ import annotations

import pytest

from churn.evaluation.intervals import Interval
from churn.report.page.numbers import with_bounds
from churn.report.terminal.grid import grid
from churn.report.terminal.status import ledger_lines
from churn.store.ledger import StageRun


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
