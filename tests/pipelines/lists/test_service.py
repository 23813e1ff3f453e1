"""Service from deliveries to ``service.xlsx`` and ``callbacks.csv``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from tests.pipelines.tiny import sheet_rows, texts


def test_what_is_past_its_time_is_listed_the_longest_first(english: Path) -> None:
    """Complaints open for more than fifteen days, an order past its promised day."""
    rows = sheet_rows(english / "service.xlsx", "Overdue")
    assert [(row["kind"], row["job_id"], row["days"]) for row in rows] == [
        ("complaint", "k0", 84), ("complaint", "k1", 22), ("order", "o1", 9),
    ]  # fmt: skip
    (complaints,) = sheet_rows(english / "service.xlsx", "Complaints")
    assert (complaints["opened"], complaints["open"], complaints["overdue"]) == (1, 3, 2)


def test_orders_and_faults_are_held_against_their_time(english: Path) -> None:
    """On time over due; hours to repair; satisfaction against the days before."""
    (orders,) = sheet_rows(english / "service.xlsx", "Orders")
    assert (orders["due"], orders["on_time"], orders["late"], orders["open"]) == (3, 1, 2, 1)
    assert orders["on_time_share"] == pytest.approx(1 / 3)
    (faults,) = sheet_rows(english / "service.xlsx", "Faults")
    assert (faults["opened"], faults["open"], faults["hours_to_repair"]) == (2, 1, 72)
    (score,) = sheet_rows(english / "service.xlsx", "Satisfaction")
    assert (score["surveys"], score["score"], score["before"]) == (2, 75, 90)
    topics = sheet_rows(english / "service.xlsx", "Topics of the week")
    assert {(row["topic"], row["week"]) for row in topics} == {("断网", 1), ("–", 0)}


def test_what_no_case_tells_is_named(english: Path, chinese: Path) -> None:
    """Neither unit nor level was delivered: no empty sheet, but a sentence."""
    assert "By unit and level" not in openpyxl.load_workbook(english / "service.xlsx").sheetnames
    unknown = "Not on record of these days, so not told: unit, level reached, service level."
    assert unknown in texts(english / "service.xlsx", "About")
    assert "此期间无记录，故不列：处理单位、投诉层级、服务等级。" in texts(
        chinese / "service.xlsx", "说明"
    )


def test_finished_jobs_are_drawn_and_who_applied_to_port_is_left_alone(english: Path) -> None:
    """At least one of every kind, region and topic; counts are those of the manifest."""
    content = (english / "callbacks.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["kind"], row["job_id"], row["subscriber_id"]) for row in rows] == [
        ("fault", "fb1", "b1"), ("order", "o2", "013800000002"),
    ]  # fmt: skip
    assert rows[1]["check"] == "Was it done on the promised day, and right the first time?"
    counts = json.loads((english / "manifest.json").read_text("utf-8"))["counts"]["service"]
    assert (counts["callbacks"], counts["jobs_finished"], counts["overdue"]) == (2, 2, 3)


def test_service_speaks_chinese(chinese: Path) -> None:
    """Topics and the sentence in Chinese."""
    (orders,) = sheet_rows(chinese / "service.xlsx", "工单")
    assert orders["topic"] == "装机"
    assert "近期完成工单2件，抽取回访2件。" in texts(chinese / "service.xlsx", "说明")
