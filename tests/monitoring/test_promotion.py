"""Challengers beside champions: chances and outcomes drawn, so that which is better is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from churn.causes import Cause
from churn.evaluation import EvaluationSettings
from churn.evaluation.intervals import Interval
from churn.monitoring import MonitoringSettings
from churn.monitoring.promotion import HeadDuel, Standing, duel, rule_of

EVALUATION = EvaluationSettings(replicates=80, list_size=200)
SETTINGS = MonitoringSettings()
CASES = 20
SUBSCRIBERS, NIGHTS = 4000, 3
BOTH: frozenset[Cause] = frozenset({"active", "passive"})


def _nights(seed: int, nights: int, noise: Mapping[str, float]) -> pd.DataFrame:
    """Draw nights of one operator: who leaves, and what two models with errors had said.

    The logit of the chance moves between subscribers by 1.3; a model that errs by ``noise`` says
    the chance that is right given its own estimate, so that both are calibrated.
    """
    draw = np.random.default_rng(seed)
    rows = nights * SUBSCRIBERS
    logit = draw.normal(-4.0, 1.3, rows)
    frame = pd.DataFrame(
        {
            "customer_id": np.tile(np.arange(SUBSCRIBERS), nights),
            "weight": 1.0,
            "churned": draw.random(rows) < 1 / (1 + np.exp(-logit)),
        }
    )
    for name, error in noise.items():
        share = 1.3**2 / (1.3**2 + error**2)
        shrunk = -4.0 + share * (logit + draw.normal(0, error, rows) + 4.0)
        left = 1.3 * np.sqrt(1 - share)
        frame[name] = _mean_chance(shrunk, left)
    return frame


def _mean_chance(logit: np.ndarray, spread: float) -> np.ndarray:
    """Return the mean chance where the logit is normal around a value (Gauss-Hermite)."""
    at, weight = np.polynomial.hermite_e.hermegauss(9)
    chances = 1 / (1 + np.exp(-(logit[:, None] + spread * at)))
    return np.asarray((chances * weight).sum(axis=1) / weight.sum())


def _standing(**known: object) -> Standing:
    """Return a champion of two months and a challenger that a night trained, both of one head."""
    plain = {
        "champion_heads": frozenset({"active"}),
        "challenger_heads": frozenset({"active"}),
        "fits": True,
        "age": 60,
        "asked": False,
    }
    return Standing(**{**plain, **known})


def _rules(seed: int, champion: float, challenger: float) -> list[str]:
    """Return the rules of two rounds, of three nights and of six; a promotion ends them."""
    rows = _nights(seed, 2 * NIGHTS, {"champion": champion, "challenger": challenger})
    found: list[str] = []
    for nights in (NIGHTS, 2 * NIGHTS):
        if "better" not in found:
            head = duel(rows.head(nights * SUBSCRIBERS), EVALUATION, nights=nights)
            assert head is not None
            found.append(rule_of(_standing(), {"active": head}, SETTINGS, EVALUATION))
    return found


@pytest.mark.parametrize("seed", range(CASES))
def test_a_worse_challenger_is_never_promoted_and_a_better_one_within_two_rounds(seed: int) -> None:
    """Twenty operators where the challenger errs more, twenty where it errs less."""
    assert set(_rules(seed, 0.8, 1.2)) <= {"worse", "unproven"}
    assert _rules(100 + seed, 1.2, 0.8)[-1] == "better"


def _head(**figures: object) -> HeadDuel:
    """Return a head of which the nights show nothing, but for some figures."""
    unclear = Interval(value=0, lower=-1, upper=1)
    sound = Interval(value=1, lower=0.9, upper=1.1)
    plain = {
        "rows": 10_000,
        "churners": 200,
        "log_loss": unclear,
        "profit": unclear,
        "auc": unclear,
        "champion_ratio": sound,
        "challenger_ratio": sound,
        "champion_loss": 0.1,
    }
    return HeadDuel(**{**plain, **figures})


def _between(lower: float, upper: float) -> Interval:
    return Interval(value=(lower + upper) / 2, lower=lower, upper=upper)


LESS = {"log_loss": _between(-0.02, -0.01)}
MORE = {"log_loss": _between(0.01, 0.02)}
EQUAL = {"log_loss": _between(-0.0005, 0.0005)}
DEAR = {"profit": _between(-200, -100)}
FALSE = {"challenger_ratio": _between(1.4, 1.6)}


@pytest.mark.parametrize(
    ("standing", "head", "rule"),
    [
        ({"champion_heads": frozenset()}, None, "first"),
        ({"challenger_heads": frozenset()}, LESS, "gate"),
        ({"champion_heads": BOTH, "asked": True}, LESS, "gate"),
        ({}, LESS, "better"),
        ({}, {"profit": _between(100, 200)}, "better"),
        ({}, MORE, "worse"),
        ({"asked": True}, MORE, "worse"),
        ({"fits": False}, MORE, "worse"),
        ({}, LESS | DEAR, "worse"),
        ({}, LESS | FALSE, "worse"),
        ({}, LESS | FALSE | {"champion_ratio": _between(1.4, 1.6)}, "better"),
        ({"fits": False}, None, "definitions"),
        ({"asked": True}, {}, "asked"),
        ({"asked": True}, None, "asked"),
        ({}, LESS | {"churners": 99}, "unproven"),
        ({}, MORE | {"churners": 99}, "unproven"),
        ({}, LESS | {"same_reasons": 0.1}, "reasons"),
        ({}, LESS | {"same_reasons": 0.5}, "better"),
        ({"challenger_heads": BOTH}, {}, "head"),
        ({"challenger_heads": BOTH}, MORE, "worse"),
        ({"age": 181}, {}, "unproven"),
        ({"age": 181}, EQUAL, "old"),
        ({"age": 180}, EQUAL, "unproven"),
        ({"age": 181}, None, "unproven"),
        ({"age": 181, "champion_heads": BOTH, "challenger_heads": BOTH}, EQUAL, "unproven"),
    ],
)
def test_which_rule_applies(
    standing: dict[str, object], head: dict[str, object] | None, rule: str
) -> None:
    """The first that does: what is worse is held back whoever asked, what is unclear waits."""
    heads = {} if head is None else {"active": _head(**head)}
    assert rule_of(_standing(**standing), heads, SETTINGS, EVALUATION) == rule


def test_one_worse_head_holds_a_challenger_back() -> None:
    """However much better the other is."""
    heads: dict[Cause, HeadDuel] = {"active": _head(**LESS), "passive": _head(**MORE)}
    standing = _standing(champion_heads=BOTH, challenger_heads=BOTH)
    assert rule_of(standing, heads, SETTINGS, EVALUATION) == "worse"


def test_nights_on_which_nobody_left_tell_nothing() -> None:
    """Nor do rows without a weight: their outcomes are not what would have been."""
    rows = _nights(1, 1, {"champion": 1.0, "challenger": 1.0})
    assert duel(rows.assign(churned=False), EVALUATION, nights=1) is None
    assert duel(rows.assign(weight=0.0), EVALUATION, nights=1) is None
