"""What the lists handed over before a night promised, and what they earned by now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn import labels
from churn.causes import CAUSES, NO_CHURN_NO_STAY
from churn.evaluation import EvaluationSettings
from churn.monitoring.record import ListProfit, Record
from churn.store.hashing import fingerprint, sha256_file
from churn.store.stages import Stage
from churn.tables import Known
from churn.targeting import Action
from churn.targeting.realised import profit_by_arms
from churn.windows import month_start
from pipelines.monitor.development import outcomes_of
from pipelines.run import Run
from pipelines.target import CONTROLS, TARGETS

LEAST_DEPARTURES = 20
"""Departures that the chances expect in each arm before a profit is told: with fewer, the 95 %
intervals are too narrow. What is expected decides, not what was seen: else months by chance
without departures would be left out, and the others flattered."""
_DRAW = ["subscriber_id", "arm", "control_share"]
_CHANCES = [f"p_{cause}" for cause in CAUSES]
_DECISION = [
    "subscriber_id", "customer_id", "action", "value_if_saved", "expected_profit", *_CHANCES,
]  # fmt: skip
_LEFT = (*CAUSES, "gone")


@dataclass(frozen=True)
class HandedOver:
    """A night's list as it was handed over, in one revision or several.

    Attributes
    ----------
    decision
        The stored decision of the night; None where it is not kept.
    """

    night: date
    draws: tuple[Path, ...]
    decision: Stage | None

    def content(self) -> list[object]:
        """Return hashes of the draws and of the decision."""
        drawn = [sha256_file(path) for path in self.draws]
        return [self.night.isoformat(), drawn, self.decision.content if self.decision else None]


@dataclass(frozen=True)
class MonthOfLists:
    """The lists of one month.

    Attributes
    ----------
    basis
        A hash of the lists, and of the settings that price and judge them.
    """

    month: date
    lists: tuple[HandedOver, ...]
    basis: str


def lists_handed_over(run: Run, now: Known, observed: date) -> list[MonthOfLists]:
    """Return the lists of earlier nights as far back as nights are watched, in order of time."""
    settings = run.settings
    oldest = observed - timedelta(days=settings.monitoring.memory)
    used = [
        run.used(settings.time, settings.states, settings.labels, *settings.targeting.actions),
        (settings.evaluation.replicates, settings.evaluation.seed),
    ]
    months: dict[date, list[HandedOver]] = {}
    for folder in sorted(run.workspace.handed_over.glob("*-*-*")):
        night, draws = date.fromisoformat(folder.name), tuple(sorted(folder.glob("rev*.parquet")))
        if draws and night < now.day:
            handed_over = HandedOver(night, draws, run.stages.stored("target", night))
            months.setdefault(month_start(night), []).append(handed_over)
    return [
        MonthOfLists(month, tuple(lists), fingerprint([[each.content() for each in lists], used]))
        for month, lists in months.items()
        if settings.time.outcome_window(lists[0].night).end > oldest
    ]


def profits(
    run: Run, now: Known, months: Iterable[MonthOfLists], earlier: Sequence[Record]
) -> tuple[ListProfit, ...]:
    """Tell each month's profit; one that was final in an earlier watch is not counted again."""
    final = {each.basis: each for record in earlier for each in record.lists if each.mature}
    return tuple(final.get(each.basis) or _told(run, now, each) for each in months)


def _told(run: Run, now: Known, month: MonthOfLists) -> ListProfit:
    settings = run.settings
    rows = {each.night: _decided(each) for each in month.lists}
    promised = promise(rows, settings.time.mature_on(max(rows)), month.basis)
    if not labels.is_mature(now, max(rows), settings.time, settings.labels.chosen):
        return promised
    outcomes = [
        drawn.merge(
            _outcomes(run, now, night, drawn["subscriber_id"]),
            on="subscriber_id",
            how="left",
            validate="one_to_one",
        )
        for night, drawn in rows.items()
    ]
    drawn = pd.concat(outcomes, ignore_index=True)
    return earned(promised, drawn, settings.targeting.actions, settings.evaluation)


def promise(rows: Mapping[date, pd.DataFrame], mature_on: date, basis: str) -> ListProfit:
    """Return what the lists of a month promised when they were handed over.

    Parameters
    ----------
    rows
        By night a row per draw: ``subscriber_id arm control_share`` and of the night's decision
        ``customer_id action value_if_saved expected_profit p_<cause>``, missing where it is not
        stored.
    """
    contacts = [each.loc[each["arm"] == "treated", "expected_profit"] for each in rows.values()]
    return ListProfit(
        month=month_start(min(rows)),
        lists=len(rows),
        contacts=sum(len(each) for each in contacts),
        expected=sum(float(each.sum(skipna=False)) for each in contacts),
        mature_on=mature_on,
        basis=basis,
    )


def earned(
    promised: ListProfit,
    rows: pd.DataFrame,
    actions: Sequence[Action],
    evaluation: EvaluationSettings,
) -> ListProfit:
    """Return what the lists of a month earned, outcomes being final.

    Those who had left before the window opened count as having left: a contact may have been in
    time to keep them.

    Parameters
    ----------
    rows
        The rows of :func:`promise` of all nights, and each one's ``outcome``.
    """
    priced = [each.name for each in actions if each.meets_churn]
    outcome = rows["outcome"].fillna("off_record")
    share = rows["control_share"].astype("float64")
    comparable = (
        rows["action"].isin(priced)
        & rows["value_if_saved"].notna()
        & (share > 0)
        & (share < 1)
        & ~outcome.isin(NO_CHURN_NO_STAY)
    )
    drawn = rows.assign(left=outcome.isin(_LEFT), control_share=share)[comparable]
    treated = drawn["arm"] == "treated"
    foreseen = drawn[_CHANCES].sum(axis=1)
    measurable = min(foreseen[treated].sum(), foreseen[~treated].sum()) >= LEAST_DEPARTURES
    return promised.model_copy(
        update={
            "mature": True,
            "compared": int(treated.sum()),
            "controls": int((~treated).sum()),
            "expected_of_compared": float(drawn.loc[treated, "expected_profit"].sum()),
            "realised": profit_by_arms(
                drawn, actions, replicates=evaluation.replicates, seed=evaluation.seed
            )
            if measurable
            else None,
        }
    )


def _decided(each: HandedOver) -> pd.DataFrame:
    """Return whom any revision drew, as first drawn, beside what the night had decided of each."""
    draws = [pq.read_table(path, columns=_DRAW).to_pandas() for path in each.draws]
    rows = pd.concat(draws, ignore_index=True).drop_duplicates("subscriber_id", ignore_index=True)
    if each.decision is None:
        return rows.reindex(columns=[*_DRAW, *_DECISION[1:]])
    arms = [
        pq.read_table(each.decision.folder / name, columns=_DECISION).to_pandas()
        for name in (TARGETS, CONTROLS)
    ]
    decided = pd.concat([arm for arm in arms if len(arm)] or arms[:1], ignore_index=True)
    return rows.merge(decided, on="subscriber_id", how="left", validate="one_to_one")


def _outcomes(run: Run, now: Known, night: date, drawn: pd.Series[str]) -> pd.DataFrame:
    ids = run.engine.from_arrow(pa.table({"subscriber_id": pa.array(drawn, pa.string())}))
    outcomes = outcomes_of(run, night, now, final=True).semi_join(ids, "subscriber_id")
    wanted = outcomes.select("subscriber_id", "outcome")
    return run.engine.to_arrow(wanted, order_by=["subscriber_id"]).to_pandas()
