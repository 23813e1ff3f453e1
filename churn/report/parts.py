"""What a night hands out; every part but the last notices and the data may be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from churn.early_warnings import EarlyWarningSettings
from churn.indicators import IndicatorSettings, Period
from churn.ingest.fit import FitFinding
from churn.ingest.interpretation import Interpretation
from churn.key_accounts import KeyAccounts
from churn.language import Language
from churn.learning import Bundle
from churn.loyalty import CARDS, STANDINGS, LoyaltySettings
from churn.monitoring.record import Record
from churn.progress import Movements
from churn.service import Quality
from churn.states import StateSettings
from churn.targeting import Action, TargetingSettings, TargetList
from churn.targeting.settings import LastNoticeSettings, TierSettings


@dataclass(frozen=True)
class Tonight:
    """The night's list.

    Parameters
    ----------
    frame
        ``done.frame`` as it is handed out: own ids, masked names and phones; and ``remainder``,
        what the reasons do not tell of the score, in log-odds; ``contact_id``; ``warnings``, codes
        joined by ';'; ``movement, chance_before, chance`` of
        :attr:`churn.progress.Movements.listed`, null where no list was before.
    missed
        Those left out whose contact would have paid most, own ids, as
        :func:`churn.report.targets.missed` returns them; None: not told.
    """

    done: TargetList
    frame: pd.DataFrame
    settings: TargetingSettings
    missed: pd.DataFrame | None = None


@dataclass(frozen=True)
class Models:
    """The models and what training found about them.

    Parameters
    ----------
    test_scores
        :attr:`churn.learning.Trained.test_scores` of the same training, if they are still there.
    in_place
        Whether they score; False for models that did not pass the gate.
    audit
        What the leak audit of their training found, already worded.
    """

    bundle: Bundle
    test_scores: pd.DataFrame | None = None
    in_place: bool = True
    audit: Sequence[str] = ()


@dataclass(frozen=True)
class Notices:
    """The last notices of a night.

    Parameters
    ----------
    frame
        :func:`churn.targeting.with_contacts` as rows, own ids.
    notes
        What a reader of them must know.
    off_books
        How many near removal are on no books any more, and so on no list.
    """

    frame: pd.DataFrame
    settings: LastNoticeSettings
    states: StateSettings
    notes: tuple[str, ...] = ()
    off_books: int = 0

    def counts(self) -> dict[str, int]:
        """Count who is on the list, told, not told, or not known; and who is near but not on it."""
        notified = self.frame["notified"]
        known = notified.dropna().astype(bool)
        return {
            "listed": len(notified),
            "notified": int(known.sum()),
            "not_notified": int((~known).sum()),
            "unknown": len(notified) - len(known),
            "off_books": self.off_books,
        }


@dataclass(frozen=True)
class EarlyWarnings:
    """The warnings of a night that need no model, own ids, names and phones masked.

    Every frame has besides the columns of its maker in :mod:`churn.early_warnings` those of
    ``tonight, action`` (:meth:`churn.targeting.TargetList.decisions`; null without a list),
    ``average_bill``, ``p_active, p_passive``, ``name, phone``.

    Parameters
    ----------
    silent, port_queries, downgrades
        None where no table tells.
    foreseen
        Downgrades that a model foresees; None where none does.
    silent_until
        The day after the last whole month that the records of use cover.
    """

    expiring: pd.DataFrame
    silent: pd.DataFrame | None
    port_queries: pd.DataFrame | None
    settings: EarlyWarningSettings
    silent_until: date | None = None
    downgrades: pd.DataFrame | None = None
    foreseen: pd.DataFrame | None = None

    def codes(self) -> dict[str, str]:
        """Return what speaks of each subscriber: codes joined by ';', in a fixed order."""
        found: dict[str, list[str]] = {}
        for code, frame in self.speaking().items():
            for name in frame["subscriber_id"]:
                found.setdefault(name, []).append(code)
        return {name: ";".join(dict.fromkeys(codes)) for name, codes in found.items()}

    def speaking(self) -> dict[str, pd.DataFrame]:
        """Return the lines that each warning speaks of tonight, by its code; none of no table."""
        ending = self.expiring[
            (self.expiring["commitment"] == "open") & (self.expiring["months_left"] > 0)
        ]
        parts = {
            "expiring": ending,
            "silent": self.silent,
            "port_query": self.port_queries,
            "downgrade": self.downgrades,
            "may_downgrade": self.foreseen,
        }
        return {code: frame for code, frame in parts.items() if frame is not None}

    def counts(self) -> dict[str, Any]:
        """Count the lines of each list; None where no table tells."""
        by = self.expiring["commitment"].value_counts()
        return {
            "expiring": len(self.expiring),
            "expiring_by_commitment": {str(name): int(by[name]) for name in sorted(by.index)},
            "silent": None if self.silent is None else len(self.silent),
            "port_queries": None if self.port_queries is None else len(self.port_queries),
            "downgrades": None if self.downgrades is None else len(self.downgrades),
            **({} if self.foreseen is None else {"downgrades_foreseen": len(self.foreseen)}),
        }


@dataclass(frozen=True)
class Indicators:
    """The operator's indicators as the night knows them.

    Parameters
    ----------
    figures
        :func:`churn.indicators.figures`.
    missing
        Tables that were not delivered and that an indicator needs.
    """

    figures: pd.DataFrame
    periods: Sequence[Period]
    settings: IndicatorSettings
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    """How service went, and whom to call back; own ids.

    Parameters
    ----------
    callbacks
        :func:`churn.service.sample`.
    jobs
        How many finished jobs they were drawn from.
    """

    quality: Quality
    callbacks: pd.DataFrame
    jobs: int

    def counts(self) -> dict[str, int]:
        """Count jobs, those drawn, and what the sheets hold."""
        return {
            **self.quality.counts(),
            "jobs_finished": self.jobs,
            "callbacks": len(self.callbacks),
        }


@dataclass(frozen=True)
class Loyalty:
    """Cards of the mass market and the month's rewards, own ids.

    Parameters
    ----------
    cards, rewards
        :func:`churn.loyalty.cards` and :func:`churn.loyalty.rewards`.
    """

    cards: pd.DataFrame
    rewards: pd.DataFrame
    settings: LoyaltySettings
    tiers: TierSettings

    def counts(self) -> dict[str, Any]:
        """Count households by card, rewards by standing, and what is given."""
        held, told = self.cards["card"].value_counts(), self.rewards["standing"].value_counts()
        given = self.rewards["standing"] == "rewarded"
        return {
            "households": len(self.cards),
            **{card: int(held.get(card, 0)) for card in CARDS},
            "due": len(self.rewards),
            **{standing: int(told.get(standing, 0)) for standing in STANDINGS},
            "cost": round(float(self.rewards.loc[given, "cost"].sum()), 2),
        }


@dataclass(frozen=True)
class HandOut:
    """Everything that the files of a night are written from.

    Parameters
    ----------
    currency
        That of all amounts; where it is empty, nothing stands behind them.
    tonight, models
        The list and the champion; on a night without a list None, and the models that failed.
    notes
        What every reader of the night must be told.
    why, refused
        Why there is no list: in lines, and in one where an error says so.
    acting
        The files for those who act on the list, content by name.
    actions
        The catalogue, for what its actions are called.
    warnings
        Early warnings beside the list.
    accounts
        Key accounts, own ids; ``accounts`` with ``name, phone`` unmasked, ``lines`` with ``tonight,
        action``.
    indicators
        The operator's own indicators.
    service
        How service went, and whom to call back.
    inbound
        What ``inbound.csv`` among ``acting`` holds.
    missing
        Kinds of the errors that kept parts of a night without a list from being gathered.
    watch
        What the night's watch found; None where there was none.
    movements
        What moved since the list before, own ids; None where there was none.
    past
        :func:`churn.progress.past_lists`.
    loyalty
        Cards and rewards of the mass market.
    """

    as_of: date
    language: Language
    notices: Notices
    currency: str = ""
    notes: tuple[str, ...] = ()
    tonight: Tonight | None = None
    models: Models | None = None
    why: tuple[str, ...] = ()
    refused: str | None = None
    acting: Mapping[str, bytes] = field(default_factory=dict)
    actions: Sequence[Action] = ()
    warnings: EarlyWarnings | None = None
    accounts: KeyAccounts | None = None
    indicators: Indicators | None = None
    service: Service | None = None
    inbound: Mapping[str, int] | None = None
    missing: tuple[str, ...] = ()
    watch: Record | None = None
    movements: Movements | None = None
    past: pd.DataFrame | None = None
    loyalty: Loyalty | None = None


@dataclass(frozen=True)
class TableState:
    """What was known of one canonical table on the night.

    Parameters
    ----------
    observed_through
        The last day whose facts its deliveries hold.
    assumed
        Whether the availability of any of its rows is assumed.
    rules
        Records set aside by code of the rule that they broke.
    unmatched
        Rows of nobody who is, or was, on the books; None where rows are of nobody anyway.
    """

    name: str
    deliveries: int
    delivered: int
    accepted: int
    quarantined: int
    not_selected: int
    observed_through: date | None
    assumed: bool = False
    rules: Mapping[str, int] = field(default_factory=dict)
    unmatched: int | None = None

    def age(self, night: date) -> int | None:
        """Return the days before the night that its deliveries do not cover."""
        if self.observed_through is None:
            return None
        return max(0, (night - self.observed_through).days - 1)


@dataclass(frozen=True)
class Data:
    """The tables as known on the night, and who of the subscribers is eligible.

    Parameters
    ----------
    people
        Subscribers by reason for being left out, ``eligible`` among the reasons.
    fits
        What does not fit among the tables, or what was delivered before.
    readings
        How each column was read.
    """

    tables: tuple[TableState, ...]
    people: Mapping[str, int]
    fits: tuple[FitFinding, ...] = ()
    readings: tuple[Interpretation, ...] = ()
