"""A small operator's panel with honest features, and what only hindsight knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from churn.audit import audit_rows, leaking_columns
from churn.audit.rows import AuditRows
from churn.windows import TimeSettings, add_months

FIRST = date(2024, 1, 1)
SNAPSHOTS = {0: "train", 1: "train", 2: "train", 4: "calibration", 6: "test"}
NOW = date(2024, 10, 1)
TIME = TimeSettings()


@dataclass(frozen=True)
class Panel:
    """Rows as training gets them.

    Attributes
    ----------
    frame
        Meta columns and features.
    days_left
        Per row, days from the snapshot until the exit, as known on the day of the training; NaN
        for who is still there.
    """

    frame: pd.DataFrame
    days_left: np.ndarray
    seed: int

    @property
    def draw(self) -> np.random.Generator:
        """Draws for a planted column, the same in whatever order tests run."""
        return np.random.default_rng(self.seed + 1000)

    @property
    def churned(self) -> np.ndarray:
        """Rows of the active outcome."""
        return (self.frame["outcome"] == "active").to_numpy()

    @property
    def left(self) -> np.ndarray:
        """Rows of subscribers who have left by now."""
        return np.isfinite(self.days_left)

    @property
    def months_until_end(self) -> np.ndarray:
        """Months from the snapshot until the exit, or until the extraction for who stays."""
        to_now = [(NOW - day).days for day in self.frame["snapshot"]]
        return np.where(self.left, self.days_left, to_now) / 30.4375

    def found(self, **columns: np.ndarray) -> set[tuple[str, str]]:
        """Audit the features and some columns beside them; name what is found."""
        features = [name for name in self.frame if name not in META]
        rows = self.rows([*features, *columns], **columns)
        return {(one.code, one.subject) for one in leaking_columns(rows)}

    def rows(self, features: list[str], **columns: np.ndarray) -> AuditRows:
        """Return some columns as the checks see them."""
        left_on = self.frame.groupby("subscriber_id")["event_on"].first().dropna()
        return audit_rows(self.frame.assign(**columns), features, left_on)


META = ("subscriber_id", "customer_id", "snapshot", "part", "outcome", "weight", "event_on")


def make_panel(seed: int, subscribers: int = 2500) -> Panel:
    """Draw an operator: about 3 % leave a month, the more so with late bills and expired terms."""
    draw = np.random.default_rng(seed)
    late = draw.beta(1, 4, subscribers)
    fee = draw.choice([19, 39, 59, 99], subscribers).astype(float)
    since = draw.integers(60, 3000, subscribers)
    term = np.where(draw.random(subscribers) < 0.6, draw.integers(-300, 700, subscribers), np.nan)
    plan = draw.choice(["basic", "plus", "max"], subscribers)
    hazard = 0.012 * np.exp(2.5 * late) * np.where(term < 100, 1.8, 1) * np.where(since < 400, 2, 1)
    exits = np.ceil(draw.exponential(30 / hazard)).astype(int)
    passive = draw.random(subscribers) < late
    parts = []
    for months, part in SNAPSHOTS.items():
        day = add_months(FIRST, months)
        gone = (day - FIRST).days
        here = exits >= gone
        away = (exits - gone)[here]
        outcome = np.select(
            [away < TIME.lead, away < TIME.lead + TIME.outcome],
            ["gone", np.where(passive[here], "passive", "active")],
            "none",
        )
        noise = draw.normal(0, 1, (4, here.sum()))
        parts.append(
            pd.DataFrame(
                {
                    "subscriber_id": [f"s{number:05d}" for number in np.flatnonzero(here)],
                    "customer_id": [f"c{number // 2:05d}" for number in np.flatnonzero(here)],
                    "snapshot": day,
                    "part": part,
                    "outcome": outcome,
                    "weight": 1.0,
                    "event_on": [
                        FIRST + timedelta(int(exit_)) if exit_ < (NOW - FIRST).days else None
                        for exit_ in exits[here]
                    ],
                    "tenure_days": (since[here] + gone).astype("float32"),
                    "contract_days_left": (term[here] - gone).astype("float32"),
                    "bill_mean_6m": (fee[here] + 3 * noise[0]).astype("float32"),
                    "bill_last": (fee[here] + 5 * noise[1]).astype("float32"),
                    "bill_late_share_6m": np.clip(late[here] + 0.1 * noise[2], 0, 1),
                    "calls_90d": draw.poisson(40, here.sum()).astype("float32"),
                    "complaints_90d": draw.poisson(0.1 + 0.3 * late[here]).astype("float32"),
                    "days_since_suspension": np.where(
                        noise[3] + 2 * late[here] > 2, np.abs(60 * noise[0]), np.nan
                    ),
                    "plan": plan[here],
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    went = pd.to_datetime(frame["event_on"])
    days_left = (went - pd.to_datetime(frame["snapshot"])).dt.days.to_numpy(dtype=float)
    return Panel(frame, days_left, seed)


@pytest.fixture(scope="session")
def panel() -> Panel:
    """One operator for the tests that only add columns to it."""
    return make_panel(1)


@pytest.fixture(scope="session")
def panels() -> list[Panel]:
    """Several operators, on which nothing may be found."""
    return [make_panel(seed) for seed in range(2, 10)]
