"""Who moves to a cheaper tariff, where a world is asked for in which lines do.

A move takes effect on the first of a month and is decided by the state a month before: by use that
the tariff is too large for, a dearer bill on who minds it, trouble with money, and the freedom to
go. Its random numbers are its own, so a world without moves is what it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from churn.sample import behaviour
from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import Lines
from churn.sample.writing import amounts, choice, dates

PURPOSE = 32  # of random numbers
BASE = -5.0  # log chance a month
MOST = 0.5
STAYS = -1
CHEAPER = np.full(len(words.PLANS), STAYS)
"""By tariff, the next cheaper one of its product; that of business, and of the family, first."""
for _dearer, _cheaper in ((6, 0), (0, 1), (1, words.DATA_KING), (3, 2), (9, 8), (8, 7)):
    CHEAPER[_dearer] = _cheaper


@dataclass(frozen=True)
class Moves:
    """The moves that take effect on the first of a month: shape (m,)."""

    line: np.ndarray
    before: np.ndarray
    after: np.ndarray
    fee_change: np.ndarray


def chance(lines: Lines, month: Month) -> np.ndarray:
    """Return the chance of a move on the first of the next month, if in service then: (n,)."""
    rise = 1.0 / (1.0 + np.exp(-(behaviour.bill_rise(lines) - 0.12) / 0.02))
    minds = 1.0 / (1.0 + np.exp(-(lines.sensitivity - 0.2) / 0.1))
    too_large = 1.0 / (1.0 + np.exp((0.5 * lines.level + lines.use[:, 0] + 0.45) / 0.08))
    bound = lines.contract_end > month.start + 70
    score = BASE + 3.0 * too_large + 2.0 * rise * minds + 0.5 * minds
    score += 0.7 * (lines.trouble > 0) - 1.2 * bound
    score += 0.5 * (lines.discount == 0)
    able = (CHEAPER[lines.plan] != STAYS) & (lines.hold == 0) & lines.in_service(month.start)
    found: np.ndarray = np.minimum(np.exp(score), MOST) * able
    return found


def draw(lines: Lines, month: Month, chances: np.ndarray) -> np.ndarray:
    """Return the lines that move on the first of the next month, once departures are drawn."""
    rng = month.stream(PURPOSE)
    moves = rng.random(len(lines)) < chances
    return np.flatnonzero(moves & lines.in_service(month.end))


def truth(lines: Lines, month: Month, hazard: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return the chance of a move in a snapshot's outcome window: (n,).

    It needs a line that is still in service on the day: of those suspended or gone before, the few
    who are back by then are not reckoned with. To be asked before departures are drawn.

    Parameters
    ----------
    hazard
        (n, 3) daily chances of a departure that govern the outcome window.
    """
    before = (1.0 - lines.hazard.sum(axis=1)) ** (month.governs - month.start)
    after = (1.0 - hazard.sum(axis=1)) ** max(month.end - month.governs, 0)
    found: np.ndarray = chances * before * after
    return found


def apply(lines: Lines, rows: np.ndarray) -> Moves:
    """Put lines on their cheaper tariff, on the first of a month."""
    before = lines.plan[rows]
    after = CHEAPER[before]
    lines.plan[rows] = after
    paid = lines.price[rows] * (1.0 - lines.discount[rows])
    return Moves(rows, before, after, (words.FEES[after] - words.FEES[before]) * paid)


def columns(lines: Lines, month: Month, moves: Moves) -> dict[str, pa.Array]:
    """Return the moves as plan changes."""
    names = tuple(name for name, _, _ in words.PLANS)
    return {
        "subscriber_id": pa.array(lines.numbers[moves.line]),
        "changed_on": dates(np.full(len(moves.line), month.start)),
        "from_plan": choice(names, moves.before),
        "to_plan": choice(names, moves.after),
        "fee_change": pa.array(amounts(moves.fee_change)),
        "reason": choice(("asked",), np.zeros(len(moves.line), dtype=int)),
    }
