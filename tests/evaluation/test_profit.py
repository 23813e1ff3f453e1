"""Profit: golden values of the literature and of the contact's arithmetic."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from churn.evaluation.profit import break_even, contact_profit, empc, list_profit, mpc
from churn.evaluation.ranking import Scored
from churn.evaluation.settings import ProfitSettings

GOLDEN_OUTCOME = [0, 1, 0, 1, 0, 1, 0, 1]
GOLDEN_SCORE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
TERMS = {"value": 200, "offer_cost": 10, "contact_cost": 1, "take_rate": 1}
REFERENCE = ProfitSettings()


def test_empc_golden():
    """The published example: profit and targeted share to nine and five digits."""
    profit, share = empc(Scored.of(GOLDEN_OUTCOME, GOLDEN_SCORE).weighed(), REFERENCE)
    assert profit == pytest.approx(23.875593418, abs=5e-10)
    assert share == pytest.approx(0.87437, abs=5e-6)


def _best(weighed, gamma):
    """Try every cut: the slow definition of the maximum profit."""
    cuts = np.unique(weighed.scored.score)
    best = 0.0
    for cut in cuts:
        above = weighed.scored.score >= cut
        hits = weighed.weight @ (above & weighed.scored.outcome) / weighed.total
        misses = weighed.weight @ (above & ~weighed.scored.outcome) / weighed.total
        best = max(best, 200 * (gamma * 0.95 - 0.005) * hits - 200 * 0.055 * misses)
    return best


def test_mpc_and_empc_equal_their_definitions():
    """With ties and weights the hull gives what trying every cut gives."""
    generator = np.random.default_rng(3)
    outcome = generator.random(80) < 0.3
    score = (generator.integers(0, 12, 80) + 2 * outcome) / 20
    weighed = Scored.of(outcome, score).weighed(generator.random(80))
    assert mpc(weighed, REFERENCE) == pytest.approx(_best(weighed, 0.3))
    slow = sum(
        quad(lambda g: _best(weighed, g) * beta.pdf(g, 6, 14), low, high, limit=60)[0]
        for low, high in ((0, 0.2), (0.2, 0.4), (0.4, 1))
    )
    assert empc(weighed, REFERENCE).profit == pytest.approx(slow, rel=1e-5)


def test_a_useless_ranking_of_rare_churners_earns_nothing():
    """At a 1 % base rate and no skill the best list is empty."""
    weighed = Scored.of([1] + [0] * 99, [0.5] * 100).weighed()
    assert mpc(weighed, REFERENCE) == 0
    assert empc(weighed, REFERENCE).profit == pytest.approx(0, abs=1e-9)


def test_profit_is_undefined_with_one_class():
    """Without stayers or without churners there is no curve."""
    assert math.isnan(mpc(Scored.of([0, 0], [0.1, 0.2]).weighed(), REFERENCE))
    assert math.isnan(empc(Scored.of([1, 1], [0.1, 0.2]).weighed(), REFERENCE).profit)


def test_a_contact_breaks_even_at_16_4_percent():
    """CLV 200, offer 10, contact 1, everyone takes the offer, three in ten are saved."""
    chance = break_even(gamma=0.3, **TERMS)
    assert chance == pytest.approx(0.164, abs=5e-4)
    assert contact_profit(chance, gamma=0.3, **TERMS) == pytest.approx(0, abs=1e-12)


def test_a_harmful_action_never_pays():
    """With a negative effect a contact loses at every chance to leave."""
    assert break_even(gamma=-0.2, **TERMS) == math.inf
    assert (contact_profit([0, 0.5, 1], gamma=-0.2, **TERMS) < 0).all()


@pytest.mark.parametrize(
    ("size", "earned"),
    [
        (1, 56),  # 0.3 * 190 - 1
        (2, 56 - 11),
        (5, 56 - 11 + 56),  # the fourth is below break-even
    ],
)
def test_a_planned_list_stops_where_contacts_cease_to_pay(size, earned):
    """Churners earn what saving them is expected to bring, others cost offer and contact."""
    weighed = Scored.of([1, 0, 1, 1, 0], [0.9, 0.5, 0.2, 0.1, 0.01]).weighed()
    assert list_profit(size, REFERENCE)(weighed) == pytest.approx(earned)


def test_a_night_without_paying_contacts_earns_nothing():
    """All chances below break-even: no list, no profit, no cost."""
    assert list_profit(500, REFERENCE)(Scored.of([1, 0], [0.1, 0.05]).weighed()) == 0


def test_an_offer_dearer_than_the_customer_is_refused():
    """Impossible settings are named in domain words."""
    with pytest.raises(ValueError, match="can never pay"):
        ProfitSettings(value=10, offer_cost=10)
