"""All replayed nights as one: what of each is kept for that, and the figures of both heads.

A night's rows are many and hold much that only the night itself needs. Of a night that is judged
stay numbers: the customer as one, the outcome as a category, the chances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn import panel
from churn.causes import CAUSES, OUTCOMES, Cause
from churn.evaluation.backtest import HeadFigures, PooledHead
from churn.evaluation.groups import Group, in_groups
from churn.learning.learners import BOOSTING
from pipelines.backtest.heads import counted, draws, head_figures, measured
from pipelines.backtest.replay import Judged
from pipelines.run import Run

_KEPT = ("customer_id", "unseen", "outcome", "weight")


class Pool:
    """Judged nights, each without what only the night itself needs.

    Where customers are kept out of every fit (``panel.unseen_share``), only these count as unseen,
    and no newcomers.
    """

    def __init__(self, unseen_share: float) -> None:
        self._share = unseen_share
        self._customers = pd.Index([], dtype="object")
        self._nights: list[Judged] = []

    def add(self, judged: Judged) -> None:
        """Keep a night."""
        rows = judged.everyone
        unseen = rows["unseen"].to_numpy()
        if self._share:
            drawn = panel.never_trained(rows["customer_id"].to_numpy(), self._share)
            unseen = unseen & drawn
        chances = [name for name in rows if name.startswith(("p_", "copy_"))]
        slim = rows[[*_KEPT, *chances]].assign(
            unseen=unseen,
            customer_id=self._numbers(rows["customer_id"]),
            outcome=pd.Categorical(rows["outcome"], categories=list(OUTCOMES)),
        )
        self._nights.append(replace(judged, everyone=slim))

    def nights(self) -> list[Judged]:
        """Return the nights, oldest first, customers numbered in the order of their ids."""
        place = np.empty(len(self._customers), dtype=np.int32)
        place[self._customers.argsort()] = np.arange(len(place), dtype=np.int32)
        return [
            replace(
                night, everyone=night.everyone.assign(customer_id=place[night.everyone.customer_id])
            )
            for night in self._nights
        ]

    def _numbers(self, customers: pd.Series[str]) -> npt.NDArray[np.int32]:
        codes, ids = pd.factorize(customers)
        self._customers = self._customers.append(pd.Index(ids).difference(self._customers))
        places: npt.NDArray[np.int32] = self._customers.get_indexer(ids).astype(np.int32)
        numbers: npt.NDArray[np.int32] = places[codes]
        return numbers


def pooled_heads(run: Run, nights: Sequence[Judged]) -> dict[str, PooledHead]:
    """Measure both heads over all nights on which they were on."""
    heads = {}
    for cause in CAUSES:
        on = [night for night in nights if f"p_{cause}" in night.everyone]
        if not on:
            off = nights[-1].replay.training.bundle().reports[cause].off
            heads[str(cause)] = PooledHead(figures=HeadFigures(off=off))
            continue
        figures, unseen = _measured(run, on, cause)
        groups = _groups(run, on, cause)
        heads[str(cause)] = PooledHead(figures=figures, unseen=unseen, groups=groups)
    return heads


def _measured(
    run: Run, nights: Sequence[Judged], cause: Cause
) -> tuple[HeadFigures, HeadFigures | None]:
    """Measure a head on all rows, and its champion on customers no training had seen.

    The latter is None with too few churners. The rows are let go before groups are cut.
    """
    rows, bundle = _together(nights, f"p_{cause}"), nights[-1].replay.training.bundle()
    evaluation = run.settings.evaluation
    figures = head_figures(rows, cause, bundle, evaluation, nights=len(nights))
    unseen = rows[rows["unseen"].to_numpy()]
    counts = counted(unseen, cause)
    if counts["events"] < evaluation.min_test_churners:
        return figures, None
    metrics = measured(unseen, cause, (), evaluation.list_size, evaluation)
    champion = bundle.heads[cause].champion
    return figures, HeadFigures(champion=champion, metrics=metrics, **counts)


def _together(nights: Sequence[Judged], *wanted: str) -> pd.DataFrame:
    """Put the nights' rows under each other, with the chances whose names begin as ``wanted``."""
    parts = (
        rows[[*_KEPT, *(name for name in rows if name.startswith(wanted))]]
        for rows in (night.rows for night in nights)
    )
    return pd.concat(parts, ignore_index=True)


def _groups(run: Run, nights: Sequence[Judged], cause: Cause) -> tuple[Group, ...]:
    """Set weighted training and its copy beside the outcome without contact, group by group."""
    copied = [night for night in nights if f"copy_{cause}" in night.everyone]
    if not copied:
        return ()
    weighted, plain = f"p_{cause}_{BOOSTING}", f"copy_{cause}"
    rows = _together(copied, weighted, plain)
    churned = (rows["outcome"] == cause).to_numpy()
    return in_groups(
        rows[weighted].to_numpy(np.float64),
        rows[plain].to_numpy(np.float64),
        churned.astype(np.float64),
        churned=churned,
        weight=rows["weight"].to_numpy(np.float64),
        resampling=draws(rows, run.settings.evaluation),
        groups=run.settings.backtest.groups,
    )
