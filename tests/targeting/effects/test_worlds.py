"""Drawn operators: what is proven where nothing works, and how often intervals hold the truth.

Nothing of the measuring is skipped: rows of single subscribers go in, with what was known before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from churn.targeting import Action
from churn.targeting.effects import EARLIER, measured
from churn.targeting.effects.settings import EffectSettings
from tests.targeting.worlds import CALL

pytestmark = pytest.mark.acceptance

SETTINGS = EffectSettings()
HALVES = 14
WINDOW = 3  # half months from the draw on in which a departure counts: draws overlap
REST = 4  # half months in which nobody drawn is drawn again


@dataclass(frozen=True)
class World:
    """Draws of an operator, and what a mean contact truly changed.

    ``difference`` and ``gamma`` are those of everyone drawn, draws weighed by what they can tell.
    """

    rows: pd.DataFrame
    difference: float
    gamma: float


def catalogue(count: int) -> list[Action]:
    """Return as many actions against active churn, one like another."""
    plain = CALL.model_dump()
    return [Action.model_validate({**plain, "name": f"action_{n}"}) for n in range(count)]


def world(seed: int, actions: int, *, effect: bool, subscribers: int) -> World:
    """Live through half months in which the campaign of every action draws its arms by lot.

    Who leaves is told beforehand by its columns, more or less; who has left is drawn no more, who
    was drawn rests, and one departure counts in every draw whose window it falls into. Effects
    differ by action, draw and subscriber, and some contacts wake people.
    """
    source = np.random.default_rng(seed)
    known = source.normal(size=(subscribers, len(EARLIER)))
    usual = source.uniform(0.004, 0.03) * np.exp(known[:, :2] @ np.array([0.5, -0.3]))
    alone = np.minimum(usual, 0.2)  # a half month's chance
    hazard = np.tile(alone, (HALVES + WINDOW, 1))
    shares = source.choice([0.1, 0.15, 0.2, 0.25, 0.5], actions)
    mean = source.normal(0.2, 0.25, actions)
    left_in, rests = np.full(subscribers, HALVES + 2 * WINDOW), np.zeros(subscribers, dtype=int)
    drawn = []
    for half in range(HALVES + WINDOW):
        there = left_in > half
        if half < HALVES:
            free = np.flatnonzero(there & (rests <= half))
            who = source.permutation(free)[: int(0.3 * len(free))]
            rests[who] = half + REST
            kind = source.integers(actions, size=len(who))
            treated = source.random(len(who)) >= shares[kind]
            moved = mean[kind] + source.normal(0, 0.1, actions)[kind] + 0.3 * known[who, 2]
            gamma = np.clip(moved, -0.6, 0.8) if effect else np.zeros(len(who))
            hazard[half : half + WINDOW, who] *= np.where(treated, 1 - gamma, 1.0)
            draw = {
                "place": who,
                "kind": kind,
                "half": half,
                "treated": treated.astype(int),
                "spared": 1 - (1 - alone[who]) ** WINDOW,
                "contacted": 1 - (1 - alone[who] * (1 - gamma)) ** WINDOW,
            }
            drawn.append(pd.DataFrame(draw))
        left_in[there & (source.random(subscribers) < hazard[half])] = half
    rows = pd.concat(drawn, ignore_index=True)
    lot = rows.groupby(["kind", "half"])
    share = lot["treated"].transform("mean")
    weight = share * (1 - share)  # summed over a draw: n1 n0 / n
    spared, contacted = (float(weight @ rows[name] / weight.sum()) for name in rows.columns[-2:])
    departed = left_in[rows["place"]] - rows["half"]
    told = rows[["treated"]].assign(
        subscriber_id="s" + rows["place"].astype("str"),
        campaign_id="c" + rows["kind"].astype("str"),
        action="action_" + rows["kind"].astype("str"),
        drawn_from=pd.Timestamp("2025-01-01") + pd.to_timedelta(15 * rows["half"], unit="D"),
        control_share=shares[rows["kind"]],
        left_active=(departed < WINDOW).astype(int),
        left_passive=0,
    )
    earlier = pd.DataFrame(known[rows["place"]], columns=list(EARLIER))
    return World(pd.concat([told, earlier], axis=1), contacted - spared, 1 - contacted / spared)


def test_where_nothing_works_hardly_anything_is_proven() -> None:
    """Of 200 operators of six actions, looked at twice each: any is proven in at most 16."""
    actions, proven, harmed = catalogue(6), 0, 0
    for seed in range(200):
        rows = world(seed, 6, effect=False, subscribers=4_000).rows
        days = np.sort(rows["drawn_from"].unique())
        verdicts = {
            effect.verdict
            for looks in (HALVES // 2, HALVES)
            for effect in measured(rows[rows["drawn_from"] <= days[looks - 1]], actions, SETTINGS)
        }
        assert verdicts <= {"helps", "harms", "not_proven", "not_random"}
        proven += bool(verdicts & {"helps", "harms"})
        harmed += "not_random" in verdicts
    assert proven <= 16
    assert harmed <= 16  # honest lots are hardly ever called crooked either


@pytest.mark.parametrize("subscribers", [600, 2_500])
def test_intervals_of_the_average_effect_hold_the_truth(subscribers: int) -> None:
    """In 1,000 operators with effects, 93.5 to 96.5 % of the 95 % intervals hold the true one."""
    (action,) = actions = catalogue(1)
    held = {"difference": 0, "gamma": 0}
    told = 0
    for seed in range(1_000):
        drawn = world(seed, 1, effect=True, subscribers=subscribers)
        (effect,) = measured(drawn.rows, actions, SETTINGS)
        assert effect.action == action.name
        if not effect.measured:
            continue
        told += 1
        for name in held:
            interval = getattr(effect, name)
            held[name] += interval.lower <= getattr(drawn, name) <= interval.upper
    assert told >= 980
    assert all(0.935 <= count / told <= 0.965 for count in held.values()), (held, told)
