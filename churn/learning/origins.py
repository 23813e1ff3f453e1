"""Who is fitted on which rows and asked about which: past nights, or folds of customers.

Both are origins: a fit that has not seen what it is asked about. Nothing else in learning knows
which of the two it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn import draws
from churn.errors import LeakError, ModelError
from churn.evaluation.ranking import BoolArray, IntArray
from churn.panel.rows import FOLDS
from churn.panel.split import Apart, Walk

WHERE = "training panel"
BESIDE = 3
"""Folds of customers that choose capacity beside origins that ask about few churners."""


@dataclass(frozen=True)
class Origin:
    """One fit and what it is asked about: shape (rows,) each.

    Attributes
    ----------
    name
        The night's snapshot, or the fold.
    """

    name: str
    fitted: BoolArray
    asked: BoolArray
    calibrates: bool
    tests: bool


class Blind(NamedTuple):
    """A fit, and rows it has not seen with the names of the choices that they inform."""

    fitted: BoolArray
    asked: tuple[tuple[BoolArray, frozenset[str]], ...]


@dataclass(frozen=True)
class Plan:
    """All origins of a training.

    Attributes
    ----------
    teach
        Rows that the models which score are fitted on.
    crossed
        Whether the same origins calibrate and test: each is then judged by what the others chose.
    """

    origins: tuple[Origin, ...]
    teach: BoolArray
    crossed: bool

    @cached_property
    def calibrating(self) -> BoolArray:
        """Rows that calibrate and choose."""
        return self._asked([origin for origin in self.origins if origin.calibrates])

    @cached_property
    def tested(self) -> BoolArray:
        """Rows that judge."""
        return self._asked([origin for origin in self.origins if origin.tests])

    @property
    def judgements(self) -> tuple[tuple[BoolArray, BoolArray], ...]:
        """By which rows is chosen and calibrated, and which are judged by that: never the same."""
        if not self.crossed:
            return ((self.calibrating, self.tested),)
        return tuple(
            (self.calibrating & ~origin.asked, origin.asked)
            for origin in self.origins
            if origin.tests
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the origins that calibrate."""
        return tuple(origin.name for origin in self.origins if origin.calibrates)

    @cached_property
    def choosing(self) -> BoolArray:
        """Rows that choose how hard is learned: what origins that calibrate know and are asked."""
        rows = self.calibrating.copy()
        for origin in self.origins:
            if origin.calibrates:
                rows |= origin.fitted
        return rows

    def blind(
        self, customers: IntArray, churned: BoolArray, teaches: BoolArray, few: int, seed: int
    ) -> tuple[Blind, ...]:
        """Return the fits by which is chosen how hard is learned, on rows of :attr:`choosing`.

        They are those of the origins that calibrate; where these ask about fewer than ``few``
        churners and leave others unasked, folds of customers beside them. Where the origins that
        calibrate also test, there is a fit for each pair of them, which has seen neither: what it
        says of the one informs the choice by which the other is judged.

        Parameters
        ----------
        customers, churned, teaches
            Shape (n,): the customer of each row, by number, whether it counts as one that left, and
            whether it may be fitted: folds of customers ask about no other.
        """
        origins = [origin for origin in self.origins if origin.calibrates]
        if self.crossed:
            return tuple(
                Blind(
                    one.fitted & other.fitted,
                    ((one.asked, frozenset([other.name])), (other.asked, frozenset([one.name]))),
                )
                for one, other in combinations(origins, 2)
            )
        fits = [Blind(origin.fitted, ((origin.asked, frozenset()),)) for origin in origins]
        folded = self.choosing & teaches
        if (
            np.count_nonzero(self.calibrating & churned) < few
            and (folded & churned & ~self.calibrating).any()
        ):
            fold = draws.folds(int(customers.max()) + 1, BESIDE, seed)[customers]
            fits += [
                Blind(
                    folded & (fold != number),
                    ((folded & (fold == number), frozenset()),),
                )
                for number in range(BESIDE)
            ]
        return tuple(fits)

    def _asked(self, origins: Collection[Origin]) -> BoolArray:
        asked: BoolArray = np.zeros_like(self.teach)
        for origin in origins:
            asked |= origin.asked
        return asked


def planned(walk: Walk, frame: pd.DataFrame) -> Plan:
    """Return the rows of a walk's origins.

    Parameters
    ----------
    frame
        ``snapshot`` and, where customers are folded, ``fold``.

    Raises
    ------
    LeakError
        If a night learns from its own snapshot or a later one.
    ModelError
        If a snapshot is in no part of the walk, or nothing is left to calibrate or to test.
    """
    days = pd.to_datetime(frame["snapshot"]).to_numpy().astype("datetime64[D]")
    lost = int(np.count_nonzero(~_at(days, walk.parts)))
    if lost:
        raise ModelError(
            f"{lost:,} rows are of snapshots that have no part",
            where=WHERE,
            do="walk through all snapshots of the panel",
        )
    origins = []
    folded = _at(days, walk.folded)
    if folded.any():
        fold = frame["fold"].to_numpy()
        origins += [
            Origin(
                f"fold {number + 1}",
                fitted=folded & (fold != number),
                asked=folded & (fold == number),
                calibrates=True,
                tests=walk.order == "customer",
            )
            for number in range(FOLDS)
        ]
    for nights, tests in ((walk.calibration, False), (walk.test, True)):
        for night in nights:
            if max(night.fitted) >= night.snapshot:
                raise LeakError(
                    f"the night of {night.snapshot} learns from {max(night.fitted)}",
                    where=WHERE,
                    do="fit every night on snapshots whose outcome windows had closed by it",
                )
            origins += [
                Origin(name, fitted, asked, calibrates=not tests, tests=tests)
                for name, fitted, asked in _kept_apart(
                    night.snapshot.isoformat(),
                    _at(days, night.fitted),
                    _at(days, night.asked),
                    frame,
                    walk.apart,
                )
            ]
    plan = Plan(tuple(origins), _at(days, walk.teach), crossed=walk.order == "customer")
    for where, part in ((plan.calibrating, "calibration"), (plan.tested, "test")):
        if not where.any():
            raise ModelError(
                f"the {part} part has no rows",
                where=WHERE,
                do="deliver more history, or shorten the windows",
            )
    return plan


def _kept_apart(
    name: str, fitted: BoolArray, asked: BoolArray, frame: pd.DataFrame, apart: Apart | None
) -> Iterator[tuple[str, BoolArray, BoolArray]]:
    """Return the fits of a night: one, or where customers are folded one for each fold."""
    if apart == "folds":
        fold = frame["fold"].to_numpy()
        for number in range(FOLDS):
            inside = asked & (fold == number)
            if inside.any():
                yield f"{name}, fold {number + 1}", fitted & (fold != number), inside
        return
    if apart == "rows":
        customers = frame["customer_id"]
        fitted = fitted & ~customers.isin(customers[asked].unique()).to_numpy()
    yield name, fitted, asked


def _at(days: npt.NDArray[np.datetime64], snapshots: Collection[date]) -> BoolArray:
    return np.isin(days, np.array(sorted(snapshots), dtype="datetime64[D]"))
