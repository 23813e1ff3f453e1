"""Past retention campaigns: who was chosen, the control arm, and what a contact changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from churn.sample import behaviour, hazards, money
from churn.sample import vocabulary as words
from churn.sample.clock import Month
from churn.sample.lines import Lines
from churn.sample.writing import amounts, choice, dates

FIRST = 7  # index of the first month with campaigns
SHARES = (0.010, 0.004, 0.004, 0.006, 0.008, 0.006)  # of the base, by action
USUAL = sum(SHARES)  # of the base, a month
MOST = 0.5  # half of a list is chosen at random among those left: there must be some
CONTROL_SHARES = (0.10, 0.15, 0.20, 0.25)
STRONGEST = 0.95  # effect of a contact, either way
ANSWERS = ("接受", "考虑", "拒绝", "未接通")


@dataclass(frozen=True)
class Programme:
    """How an operator runs its campaigns.

    Parameters
    ----------
    times
        How long its lists are, as a multiple of :data:`SHARES`.
    control_share
        Share of every list that is left alone; drawn by campaign from :data:`CONTROL_SHARES` where
        none is told.
    effect
        What the effects of its contacts are multiplied by: 0 for none, below 0 for the contrary.
    """

    times: float = 1.0
    control_share: float | None = None
    effect: float = 1.0


@dataclass(frozen=True)
class Contacts:
    """The contacts of one month, one row each."""

    line: np.ndarray
    day: np.ndarray
    action: np.ndarray
    treated: np.ndarray
    control_share: np.ndarray


def effects(lines: Lines, month: Month, times: float = 1.0) -> np.ndarray:
    """Return (n, 6) the relative fall of the chance under each action; negative is harm.

    All of them are multiplied by ``times``.

    Offer, visit, repair call and loyalty reward act on active churn, payment plan and reminder on
    passive churn.
    """
    sensitive = lines.sensitivity > 0.4
    near = (lines.contract_end > 0) & (lines.contract_end - month.start < 70)
    sleeping = (hazards.drop(lines) < 0.1) & (lines.contract_end == 0)
    aggrieved = behaviour.open_long(lines, month.start) | (lines.slow_faults.sum(axis=1) > 0)
    tenure = month.start - lines.activated
    habit = money.habitual(lines)
    means = np.column_stack(
        [
            0.12 + 0.22 * sensitive + 0.12 * near - 0.35 * sleeping,
            np.where(lines.business, 0.38, -0.05) + 0.1 * (lines.key_class > 0),
            np.where(aggrieved, 0.45, -0.06),
            np.select([lines.trouble == 2, lines.trouble == 1], [0.42, 0.30], 0.02),
            np.where(lines.trouble > 0, -0.08, np.where(habit, 0.40, 0.18)),
            np.select([tenure > 1_460, tenure > 730], [0.30, 0.15], -0.08) - 0.1 * sleeping,
        ]
    )
    plain = np.clip(np.round(means + 0.07 * lines.response, 2), -0.6, 0.8)
    return np.clip(np.round(plain * times, 4), -STRONGEST, STRONGEST) + 0.0


def contact(
    lines: Lines, month: Month, hazard: np.ndarray, programme: Programme
) -> tuple[Contacts, np.ndarray]:
    """Choose whom the month's campaigns contact; return them and the hazards they leave behind.

    Half of each list is chosen by a rough notion of risk, half at random; a share of the list is
    the control arm and is left alone. One campaign a line and month at most.
    """
    rng = month.stream(11)
    count = len(lines)
    day = rng.integers(month.start + 1, month.start + 14, count)
    free = lines.in_service(month.start) & lines.serving(np.arange(count), day)
    free &= (lines.activated < month.start - 60) & (lines.opt_out == 0)
    picked: list[np.ndarray] = []
    controls = rng.choice(CONTROL_SHARES, len(words.ACTIONS))
    if programme.control_share is not None:
        controls = np.full(len(words.ACTIONS), programme.control_share)
    running = month.index >= FIRST
    base = int(free.sum())
    for number, share in enumerate(SHARES):
        risk = hazard[:, 1] if words.ON_PASSIVE[number] else hazard[:, 0]
        allowed = free & lines.business if number == words.VISIT else free
        noise = np.exp(1.2 * rng.standard_normal(count)) * risk * allowed
        lots = rng.random(count) * allowed
        size = int(base * (share * programme.times)) if running else 0
        rows = _best(noise, size // 2)
        lots[rows] = 0.0
        rows = np.union1d(rows, _best(lots, size - size // 2))
        rows = rows[allowed[rows]]
        free[rows] = False
        picked.append(rows)
    line = np.concatenate(picked)
    action = np.repeat(np.arange(len(picked)), [len(rows) for rows in picked])
    treated = rng.random(len(line)) >= controls[action]
    gamma = effects(lines, month, programme.effect)[line, action] * treated
    after = hazard.copy()
    after[line, words.ON_PASSIVE[action].astype(int)] *= 1.0 - gamma
    order = np.lexsort((line, action))
    columns = (line, day[line], action, treated, controls[action])
    return Contacts(*(column[order] for column in columns)), after


def _best(score: np.ndarray, size: int) -> np.ndarray:
    """Return the rows with the highest positive scores."""
    size = min(size, int((score > 0).sum()))
    return np.argsort(-score, kind="stable")[:size]


def columns(lines: Lines, month: Month, contacts: Contacts) -> dict[str, pa.Array]:
    """Return the columns as delivered."""
    rng = month.stream(12)
    count = len(contacts.line)
    answer = rng.choice(4, count, p=[0.25, 0.25, 0.3, 0.2])
    checked = rng.random(count) < 0.1
    costs = np.array(words.ACTION_COSTS)[contacts.action]
    names = tuple(f"{action}_{month.first_day:%Y%m}" for action in words.ACTIONS)
    treated = contacts.treated
    return {
        "subscriber_id": pa.array(lines.numbers[contacts.line]),
        "contacted_on": dates(contacts.day),
        "campaign_id": choice(names, contacts.action),
        "arm": choice(("control", "treated"), treated.astype(int)),
        "action": choice(words.ACTIONS, contacts.action),
        "channel": choice(words.ACTION_CHANNELS, np.where(treated, contacts.action, -1)),
        "assigned_to": choice(words.MANAGERS, np.where(treated, rng.integers(0, 10, count), -1)),
        "answer": choice(ANSWERS, np.where(treated, answer, -1)),
        "checked": choice(("false", "true"), np.where(treated, checked, -1)),
        "cost": pa.array(amounts(costs * treated)),
        "control_share": pa.array(contacts.control_share),
    }
