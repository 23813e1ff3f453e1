"""Complaints, faults and service orders as delivered: open first, restated when done."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from churn.sample import vocabulary as words
from churn.sample.behaviour import Cases
from churn.sample.clock import Month
from churn.sample.writing import choice, codes, dates, times

Columns = dict[str, pa.Array]
DAY = 86_400


@dataclass
class Book:
    """The cases of one kind that are still open, and the next free number."""

    seconds: bool
    next_number: int = 1
    waiting: dict[str, np.ndarray] = field(default_factory=dict)

    def deliver(self, month: Month, cases: Cases) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Take in the month's cases; return the rows to deliver and which are not done yet."""
        count = len(cases.line)
        rows = {"number": self.next_number + np.arange(count), **vars(cases)}
        self.next_number += count
        if self.waiting:
            rows = {n: np.concatenate([self.waiting[n], values]) for n, values in rows.items()}
        is_open = rows["closed"] >= month.end * (DAY if self.seconds else 1)
        self.waiting = {name: values[is_open] for name, values in rows.items()}
        due = ~is_open
        due[len(due) - count :] = True
        return {name: values[due] for name, values in rows.items()}, is_open[due]


def complaints(rows: dict[str, np.ndarray], is_open: np.ndarray, numbers: np.ndarray) -> Columns:
    """Return the columns as delivered, under Chinese headers."""
    return {
        "投诉编号": codes("TS", rows["number"], 7),
        "用户编号": pa.array(numbers[rows["line"]]),
        "受理时间": times(rows["opened"]),
        "办结时间": times(rows["closed"], null=is_open),
        "投诉类别": choice(words.COMPLAINT_CATEGORIES, rows["about"]),
        "是否升级": choice(("否", "是"), rows["flag"].astype(int)),
    }


def faults(rows: dict[str, np.ndarray], is_open: np.ndarray, numbers: np.ndarray) -> Columns:
    """Return the columns as delivered."""
    return {
        "fault_id": codes("F", rows["number"], 7),
        "subscriber_id": pa.array(numbers[rows["line"]]),
        "opened_at": times(rows["opened"]),
        "restored_at": times(rows["closed"], null=is_open),
        "category": choice(words.FAULT_CATEGORIES, rows["about"]),
    }


def orders(rows: dict[str, np.ndarray], is_open: np.ndarray, numbers: np.ndarray) -> Columns:
    """Return the columns as delivered."""
    return {
        "order_id": codes("O", rows["number"], 7),
        "subscriber_id": pa.array(numbers[rows["line"]]),
        "kind": choice(words.ORDER_KINDS, rows["about"]),
        "ordered_on": dates(rows["opened"]),
        "due_on": dates(rows["flag"]),
        "done_on": dates(rows["closed"], null=is_open),
    }
