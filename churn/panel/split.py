"""The walk through past nights: what teaches, what calibrates, and what is judged.

Every mature snapshot teaches the models that score. What is told of them comes from origins: each
stands where a past night stood, is fitted on the snapshots whose outcome windows had closed by
then, and is asked about its own. Where history is too short for that, folds of customers take the
place of origins, and every report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import product
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from churn.draws import uniform
from churn.frozen import Frozen
from churn.language import Text
from churn.panel.settings import PanelSettings
from churn.windows import TimeSettings

Part = Literal["train", "calibration", "test"]
Order = Literal["time", "test", "customer"]
Apart = Literal["rows", "folds"]
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
"""What every report says where parts are not wholly apart in time, by order of the walk."""

FITTED = 2
"""Closed snapshots that an origin needs, unless a rolling window asks for fewer."""


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


class Origin(Frozen):
    """A past night: the snapshots it was fitted on, oldest first, and the one it is asked about.

    Attributes
    ----------
    also
        Further snapshots that it is asked about, where one period holds several.
    """

    snapshot: date
    fitted: tuple[date, ...]
    also: tuple[date, ...] = Field((), exclude_if=lambda also: not also)

    @property
    def asked(self) -> tuple[date, ...]:
        """All snapshots that it is asked about."""
        return (self.snapshot, *self.also)


class Walk(Frozen):
    """Who is fitted on what and asked about what.

    Attributes
    ----------
    order
        ``time``: every origin is a past night. ``test``: only those that test are, and folds of
        customers calibrate. ``customer``: folds of customers do both.
    teach
        The snapshots that the models which score are fitted on.
    calibration, test
        The origins that calibrate and choose, and those that judge.
    folded
        The snapshots whose rows are asked about by folds of customers: each fold by models that
        were fitted on the others.
    apart
        How customers are kept from being learned from by the origin that is asked about them.
        ``rows``: it leaves out what it would have learned of them. ``folds``: it learns from the
        other folds of customers only, a fit for each. None: not at all, as nights know them too.
    """

    order: Order
    teach: tuple[date, ...]
    calibration: tuple[Origin, ...] = ()
    test: tuple[Origin, ...] = ()
    folded: tuple[date, ...] = ()
    apart: Apart | None = Field(None, exclude_if=lambda apart: apart is None)

    @classmethod
    def by_customer(cls, snapshots: Sequence[date]) -> Walk:
        """Return the walk of what time does not order."""
        return cls(order="customer", teach=tuple(snapshots), folded=tuple(snapshots))

    @property
    def out_of_time(self) -> bool:
        """Whether all that is told comes from later nights; if not, every report says so."""
        return self.order == "time"

    @property
    def parts(self) -> dict[date, Part]:
        """What each snapshot serves for beside teaching (``train``: for nothing), oldest first."""
        parts: dict[date, Part] = {}
        for origin in (*self.calibration, *self.test):
            parts |= dict.fromkeys(origin.fitted, "train")
        parts |= dict.fromkeys(self.teach, "train")
        parts |= dict.fromkeys(self.folded, "test" if self.order == "customer" else "calibration")
        for origin in self.calibration:
            parts |= dict.fromkeys(origin.asked, "calibration")
        for origin in self.test:
            parts |= dict.fromkeys(origin.asked, "test")
        return dict(sorted(parts.items()))


def walk(
    snapshots: Sequence[date],
    churners: Mapping[date, Mapping[str, int]],
    settings: PanelSettings,
    time: TimeSettings,
) -> Walk:
    """Decide what mature snapshots (oldest first, at least one) serve for.

    The latest origins test: the fewest that hold enough churners of every head, and no more than
    the settings allow. Those that calibrate are the latest whose own outcome windows had closed by
    the first that tests; grace does not count. Where there are not enough for both, there are as
    many origins in all as can be, then as equally many as can be, then rather more that test.

    Parameters
    ----------
    churners
        Snapshot -> head -> how many left.

    Returns
    -------
    Walk
        With a rolling window, snapshots that no origin reaches are in none of its parts.
    """
    origins = [
        Origin(snapshot=day, fitted=tuple(closed[-(settings.train or 0) :]))
        for day in snapshots
        if len(closed := _closed(snapshots, day, time)) >= min(FITTED, settings.train or FITTED)
    ]
    teach = tuple(snapshots[-(settings.train or 0) :])
    if not origins:
        return Walk.by_customer(teach)
    return shared_out(
        origins,
        churners,
        settings,
        teach=teach,
        closed=lambda origin: _closed(snapshots, origin.snapshot, time),
    )


def shared_out(
    origins: Sequence[Origin],
    churners: Mapping[date, Mapping[str, int]],
    settings: PanelSettings,
    *,
    teach: Sequence[date],
    closed: Callable[[Origin], Collection[date]],
) -> Walk:
    """Decide which origins (oldest first, at least one) test and calibrate: see :func:`walk`.

    Parameters
    ----------
    closed
        The snapshots whose outcomes were known by an origin.
    """
    most = _enough([origin.snapshot for origin in origins], churners, settings)
    for test, calibration in _counts(most, settings.calibration):
        tested = origins[-test:]
        before = set(closed(tested[0]))
        calibrated = [origin for origin in origins if before.issuperset(origin.asked)]
        calibrated = calibrated[-calibration:]
        if len(tested) == test and len(calibrated) == calibration:
            return Walk(
                order="time", teach=tuple(teach), calibration=tuple(calibrated), test=tuple(tested)
            )
    tested = origins[-most:]
    return Walk(order="test", teach=tuple(teach), test=tuple(tested), folded=tested[0].fitted)


def reached(
    snapshots: Sequence[date], settings: PanelSettings, time: TimeSettings
) -> tuple[date, ...]:
    """Return the snapshots that may be in the walk, whoever churned: all but for a rolling window.

    A walk through these alone is the same.
    """
    walks = [
        walk(snapshots, {}, settings.model_copy(update={"test": test}), time)
        for test in range(1, settings.test + 1)
    ]
    return tuple(day for day in snapshots if any(day in walked.parts for walked in walks))


def _closed(snapshots: Sequence[date], day: date, time: TimeSettings) -> list[date]:
    """Return the snapshots whose outcome windows have closed by a day."""
    return [before for before in snapshots if time.outcome_window(before).end <= day]


def _enough(
    days: Sequence[date], churners: Mapping[date, Mapping[str, int]], settings: PanelSettings
) -> int:
    """Return how many of the latest days hold enough churners of each head that has any."""
    heads = {head for counts in churners.values() for head, count in counts.items() if count}
    for latest in range(1, settings.test):
        if heads and all(
            sum(churners.get(day, {}).get(head, 0) for day in days[-latest:])
            >= settings.test_churners
            for head in heads
        ):
            return latest
    return settings.test


def _counts(test: int, calibration: int) -> list[tuple[int, int]]:
    """Numbers of origins that test and calibrate to try, the most first, rather test than other."""
    pairs = product(range(1, test + 1), range(1, calibration + 1))
    return sorted(pairs, key=lambda pair: (-sum(pair), -min(pair), -pair[0]))
