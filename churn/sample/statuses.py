"""Status events: every change of state in the operator's codes, delivered when it has happened."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.departures import Departures
from churn.sample.lines import ADMINISTRATIVE, LEFT, NEVER, NOT_OUT, SUSPENDED, Lines
from churn.sample.money import Settled
from churn.sample.writing import choice, times

STATUSES = (
    words.IN_SERVICE,
    words.SOFT_SUSPENDED,
    words.ON_HOLD,
    *words.SUSPENDED,
    words.PRE_REGISTERED,
    words.REMOVED,
    words.LOCKED,
    words.LEFT,
    words.PORTED,
    *words.ADMINISTRATIVE,
)
CODE = {status: number for number, status in enumerate(STATUSES)}
REASONS = (
    "",
    "开户",
    "缴费复机",
    "返网",
    "欠费",
    "超信用额度",
    "用户申请",
    "欠费超期",
    "号码回收",
    "资费原因",
    "竞争对手优惠",
    "搬迁",
    "网络质量",
    "未使用",
)
WHY = {reason: number for number, reason in enumerate(REASONS)}
LATE_SHARE = 0.02
HOUR = 3_600


@dataclass
class Register:
    """Events that have not been delivered yet; each row is line, second, status, reason, due."""

    rng: np.random.Generator
    pending: list[np.ndarray] = field(default_factory=list)

    def note(
        self, line: np.ndarray, day: np.ndarray, status: np.ndarray | int, reason: np.ndarray | int
    ) -> None:
        """Enter events; a few will be delivered a month late."""
        second = day * 24 * HOUR + self.rng.integers(2 * HOUR, 22 * HOUR, len(line))
        late = self.rng.random(len(line)) < LATE_SHARE
        months = day.astype("datetime64[D]").astype("datetime64[M]") + np.timedelta64(1, "M")
        following = months.astype("datetime64[D]").astype(np.int64)
        due = np.where(late, following, day)
        columns = np.broadcast_arrays(line, second, status, reason, due)
        self.pending.append(np.column_stack(columns).astype(np.int64))

    def deliver(self, month: Month, lines: Lines) -> dict[str, pa.Array]:
        """Return what is delivered at the month's end, by time."""
        events = np.concatenate(self.pending)
        ready = events[:, 4] < month.end
        self.pending = [events[~ready]]
        rows = events[ready]
        rows = rows[np.lexsort((rows[:, 2], rows[:, 0], rows[:, 1]))]
        if month.index == 0:  # who left before the first delivery was never heard of
            rows = rows[lines.on_books(month.start)[rows[:, 0]] | (rows[:, 4] >= month.start)]
        return {
            "用户编号": pa.array(lines.numbers[rows[:, 0]]),
            "生效时间": times(rows[:, 1]),
            "状态": choice(STATUSES, rows[:, 2]),
            "原因": choice(REASONS, rows[:, 3]),
        }


def arrivals(register: Register, lines: Lines, start: int) -> None:
    """Enter the first events of the lines from row ``start`` on."""
    rows = np.arange(start, len(lines))
    waits = lines.activated[rows] != lines.registered[rows]
    stored = rows[waits]
    register.note(stored, lines.registered[stored], CODE[words.PRE_REGISTERED], WHY["未使用"])
    used = rows[lines.activated[rows] < NEVER]
    register.note(used, lines.activated[used], CODE[words.IN_SERVICE], WHY["开户"])


def departures(register: Register, lines: Lines, month: Month, gone: Departures) -> None:
    """Enter what a regime's departures will do to the state, up to removal and lock."""
    rng = register.rng
    line, day, kind = gone.line, gone.day, gone.kind
    left = kind == LEFT
    ported = rng.random(len(line)) < 0.45
    leaving = rng.choice([9, 10, 11, 12], len(line), p=[0.35, 0.35, 0.15, 0.15])
    status = np.where(ported, CODE[words.PORTED], CODE[words.LEFT])
    register.note(line[left], day[left], status[left], leaving[left])
    stopped = kind == SUSPENDED
    _soften_before(register, lines, month, line[stopped], day[stopped])
    code = np.where(
        rng.random(len(line)) < 0.55, CODE[words.SUSPENDED[0]], CODE[words.SUSPENDED[1]]
    )
    owes = lines.unpaid[line] > 0
    why = np.where(owes, WHY["欠费"], WHY["超信用额度"])
    register.note(line[stopped], day[stopped], code[stopped], why[stopped])
    back = (gone.until < NEVER) & (kind != NOT_OUT)
    returning = np.where(left, WHY["返网"], WHY["缴费复机"])
    register.note(line[back], gone.until[back], CODE[words.IN_SERVICE], returning[back])
    removed = gone.removed < NEVER
    register.note(line[removed], gone.removed[removed], CODE[words.REMOVED], WHY["欠费超期"])
    register.note(line[removed], gone.removed[removed] + 2, CODE[words.LOCKED], WHY["号码回收"])
    other = kind == ADMINISTRATIVE
    form = CODE[words.ADMINISTRATIVE[0]] + rng.choice(
        6, len(line), p=[0.3, 0.2, 0.25, 0.1, 0.05, 0.1]
    )
    register.note(line[other], day[other], form[other], 0)


def _soften_before(
    register: Register, lines: Lines, month: Month, line: np.ndarray, day: np.ndarray
) -> None:
    """Block outgoing calls three days before most suspensions.

    Never across the first of a month: at a snapshot such a block would betray a suspension that
    has been drawn and has not happened, and the truth could not know it.
    """
    first = np.where(day >= month.end, month.end, month.start)
    softened = (day - 3 >= first) & ~lines.soft[line] & (lines.unpaid[line] > 0)
    softened &= register.rng.random(len(line)) < 0.7
    register.note(line[softened], day[softened] - 3, CODE[words.SOFT_SUSPENDED], WHY["欠费"])


def softened(register: Register, settled: Settled) -> None:
    """Enter soft suspensions."""
    register.note(settled.line, settled.day, CODE[words.SOFT_SUSPENDED], WHY["欠费"])


def released(register: Register, lines: Lines, settled: Settled) -> None:
    """Enter the end of soft suspensions by payment."""
    held = lines.soft[settled.line] & lines.serving(settled.line, settled.day)
    register.note(settled.line[held], settled.day[held], CODE[words.IN_SERVICE], WHY["缴费复机"])


def hold(register: Register, lines: Lines, month: Month) -> None:
    """Put a few lines on hold at their wish, and take others back."""
    rng = month.stream(17)
    count = len(lines)
    day = rng.integers(month.start, month.end, count)
    here = lines.in_service(month.start) & lines.serving(np.arange(count), day)
    ends = here & (lines.hold == 1)
    starts = here & (lines.hold == 0) & (rng.random(count) < 0.002) & ~lines.soft
    register.note(np.flatnonzero(ends), day[ends], CODE[words.IN_SERVICE], WHY["用户申请"])
    register.note(np.flatnonzero(starts), day[starts], CODE[words.ON_HOLD], WHY["用户申请"])
    lines.hold = np.where(starts, rng.integers(3, 8, count), np.maximum(lines.hold - 1, 0))
    lines.hold = np.where(lines.in_service(month.end), lines.hold, 0)
