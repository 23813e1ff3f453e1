"""An effect by subscriber is reckoned with where it earns more than one for all, and only there."""

import numpy as np
import pandas as pd
import pytest

from churn.targeting.actions import CATALOGUE
from churn.targeting.effects.arms import EARLIER
from churn.targeting.effects.measuring import by_subscriber, measured, reckoned
from churn.targeting.effects.personal import Personal, personal
from churn.targeting.effects.settings import EffectSettings

ACTION = next(action for action in CATALOGUE if action.name == "offer")
VALUE = 400.0


def _world(seed, gamma, selected=6_000, risk=0.1):
    """Draw arms half and half; ``gamma`` by business (0 or 1) and tenure's place (0 to 1)."""
    source = np.random.default_rng(seed)
    business, place = source.random(selected) < 0.4, source.random(selected)
    treated = source.random(selected) < 0.5
    chance = risk * (0.6 + 0.8 * place) * np.where(treated, 1 - gamma(business, place), 1.0)
    return pd.DataFrame(
        {name: source.normal(size=selected) for name in EARLIER}
        | {
            "subscriber_id": [f"s{at:05d}" for at in range(selected)],
            "campaign_id": "c",
            "drawn_from": pd.Timestamp("2025-01-01"),
            "action": ACTION.name,
            "control_share": 0.5,
            "treated": treated.astype(int),
            "left_active": (source.random(selected) < chance).astype(int),
            "left_passive": 0,
            "customer_type": np.where(business, "business", "residential"),
            "tenure_days": place * 3_000,
            "contract_days": np.where(place < 0.5, np.nan, 100.0),
        }
    )


def _own(rows, among=1):
    return personal(rows, ACTION, np.full(len(rows), VALUE), spread=0.4, among=among)


def test_whom_it_helps_and_whom_it_wakes_are_told_apart():
    """Helps one kind, harms the other: own effects earn more, and have the right sign and order."""
    rows = _world(1, lambda business, _: np.where(business, 0.55, -0.35), selected=12_000)
    own = _own(rows)
    assert own.used
    gamma = own.gamma(rows)
    business = (rows["customer_type"] == "business").to_numpy()
    assert 0.35 < gamma[business].mean() < 0.65
    assert -0.5 < gamma[~business].mean() < -0.05
    assert (gamma[business] > 0).mean() > 0.95
    assert Personal.model_validate_json(own.model_dump_json()) == own


def test_where_all_are_alike_one_effect_stays():
    """Of 60 worlds with one effect for all hardly any is taken for more."""
    used = [_own(_world(seed, lambda *_: 0.3, selected=3_000)).used for seed in range(60)]
    assert sum(used) <= 4


def test_too_few_who_left_tell_nothing():
    """Twenty in either arm: no effect by subscriber."""
    assert _own(_world(3, lambda *_: 0.3, selected=400)) is None


def test_only_what_is_used_is_reckoned_with():
    """One number for an action whose own effects are not proven, one a subscriber else."""
    settings = EffectSettings()

    def reckoning(gamma):
        rows = _world(5, gamma, selected=12_000)
        found = by_subscriber(
            measured(rows, [ACTION], settings), rows, [ACTION], settings,
            lambda rows, _: np.full(len(rows), VALUE),
        )  # fmt: skip
        return rows, found[0], reckoned(found, rows)[ACTION.name]

    rows, effect, array = reckoning(lambda business, _: np.where(business, 0.55, -0.35))
    np.testing.assert_array_equal(array, effect.personal.gamma(rows))
    _, effect, array = reckoning(lambda *_: 0.3)
    assert not effect.personal.used
    assert array == pytest.approx(effect.used)


def test_the_order_of_rows_and_words_never_seen_change_nothing():
    """Shuffled rows give the same effects; a new word has no trait of its own."""
    rows = _world(7, lambda business, place: 0.4 * place - 0.2 * business)
    own, again = _own(rows), _own(rows.sample(frac=1, random_state=1))
    np.testing.assert_allclose(own.gamma(rows), again.gamma(rows), atol=1e-8)
    assert own.gain.value == pytest.approx(again.gain.value)
    new = rows.head(5).assign(customer_type="unheard of", tenure_days=np.nan)
    assert np.isfinite(own.gamma(new)).all()
