"""Splitting snapshots into training, calibration and test: out of time wherever it can be.

The training window expands (all snapshots before the calibration) or rolls (``panel.train`` of
them). Beside the split by time stands a view by customer: a share of customers, drawn by hash, may
be kept out of every fit, and the test then tells their figures apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from churn.draws import uniform
from churn.language import Text
from churn.panel.settings import PanelSettings
from churn.windows import TimeSettings

Part = Literal["train", "calibration", "test"]
Order = Literal["time", "test", "customer"]
NOT_OUT_OF_TIME: Mapping[str, Text] = MappingProxyType(
    {
        "test": Text(
            "The models were tested on a later night, but calibrated on other customers of the "
            "nights they learned from: not out of time throughout.",
            "模型以更晚的快照检验，但以训练同期的其他客户校准，并非完全跨期。",
        ),
        "customer": Text(
            "The models were tested on other customers of the same period: not out of time.",
            "模型以同期其他客户检验，并非跨期检验。",
        ),
    }
)
"""What every report says where parts are not wholly apart in time, by order of the split."""


def never_trained(customers: Iterable[str], share: float) -> npt.NDArray[np.bool_]:
    """Tell per customer whether it is kept out of every fit, by the digest of its id.

    The same customers at every snapshot and in every training, so that the view by customer means
    one thing over time.

    Examples
    --------
    >>> never_trained(["c1", "c4", "c1"], 0.5).tolist()
    [False, True, False]
    """
    return uniform(f"unseen:{customer}" for customer in customers) < share


@dataclass(frozen=True)
class Slot:
    """One snapshot of the panel.

    Parameters
    ----------
    shares
        Share of customers per part; one part with share 1 where time splits.
    """

    snapshot: date
    shares: Mapping[Part, float]

    @property
    def part(self) -> Part | None:
        """The part all its rows belong to; None where they are split by customer."""
        return next(iter(self.shares)) if len(self.shares) == 1 else None


def split(
    snapshots: Sequence[date], settings: PanelSettings, time: TimeSettings
) -> tuple[tuple[Slot, ...], Order]:
    """Assign snapshots (oldest first, at least one) to parts.

    The last are the test, those before them calibrate, those before train. Between two parts
    snapshots are left out until the last outcome window of one closes before the first snapshot
    of the next; grace does not count. Where history is short, test and calibration shrink until
    training has as many snapshots as each of them. Where even one each is too many, only the test
    is kept apart in time, and with a single outcome period nothing is: parts are then shares of
    customers.
    """
    for test, calibration in _counts(settings):
        tested = snapshots[-test:]
        calibrated = _closed_before(snapshots, tested[0], time)[-calibration:]
        trained = _closed_before(snapshots, calibrated[0], time) if calibrated else []
        if len(trained) >= max(test, calibration) and len(calibrated) == calibration:
            kept = trained[-settings.train :] if settings.train else trained
            by_part: dict[Part, Sequence[date]] = {
                "train": kept,
                "calibration": calibrated,
                "test": tested,
            }
            slots = [Slot(day, {part: 1.0}) for part, days in by_part.items() for day in days]
            return tuple(slots), "time"
    return _by_customer(snapshots, settings, time)


def _counts(settings: PanelSettings) -> list[tuple[int, int]]:
    """Numbers of test and calibration snapshots to try, the most first, rather test than other."""
    pairs = product(range(1, settings.test + 1), range(1, settings.calibration + 1))
    return sorted(pairs, key=lambda pair: (-sum(pair), -min(pair), -pair[0]))


def _closed_before(snapshots: Sequence[date], first: date, time: TimeSettings) -> list[date]:
    return [day for day in snapshots if time.outcome_window(day).end <= first]


def _by_customer(
    snapshots: Sequence[date], settings: PanelSettings, time: TimeSettings
) -> tuple[tuple[Slot, ...], Order]:
    calibration, test = settings.calibration_share, settings.test_share
    last = snapshots[-1]
    before = _closed_before(snapshots, last, time)
    if before:
        shares: dict[Part, float] = {"calibration": calibration, "train": 1 - calibration}
        tested = Slot(last, {"test": 1.0})
        return (*(Slot(day, shares) for day in before[-(settings.train or 0) :]), tested), "test"
    shares = {"test": test, "calibration": calibration, "train": 1 - test - calibration}
    return tuple(Slot(day, shares) for day in snapshots[-(settings.train or 0) :]), "customer"
