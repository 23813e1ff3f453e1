"""A small operator: 700 subscribers over seven snapshots, trained once for all tests here."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from churn.evaluation.settings import EvaluationSettings
from churn.learning.settings import LearningSettings
from churn.learning.training import fit
from churn.panel import FOLDS, PanelSettings, walk
from churn.windows import TimeSettings

FEATURES = (
    {"name": "competitor_share_90d", "family": "calls", "unit": "share",
     "en": "calls to competitors' numbers", "zh": "拨打竞争对手号码占比"},
    {"name": "calls_90d", "family": "calls", "unit": "count", "en": "calls", "zh": "通话次数"},
    {"name": "days_overdue", "family": "arrears", "unit": "days",
     "en": "days overdue", "zh": "逾期天数"},
    {"name": "plan", "family": "contract", "en": "plan", "zh": "套餐"},
    {"name": "has_contract", "family": "contract", "en": "in commitment", "zh": "合约期内"},
    {"name": "always_one", "family": "contract", "en": "constant", "zh": "常数"},
)  # fmt: skip
SETTINGS = LearningSettings(
    threads=1,  # two would wait for each other where tests share the machine
    min_events=40,
    tree={"max_leaves": 8, "min_leaf_share": 0.01},
    boosting={
        "rounds": 25,
        "leaves": 6,
        "min_leaf_rows": 20,
        "learning_rate": 0.1,
        "search": {"trials": 6, "rounds": 50, "members": 2},
    },
    network={"hidden": (8,), "steps": 150, "batch_rows": 64, "learning_rate": 0.01},
    combination={"replicates": 30, "min_churners": 60},
)
EVALUATION = EvaluationSettings(replicates=30, list_size=30)
SNAPSHOTS = pd.date_range("2024-01-01", periods=7, freq="MS")
WALK = walk([day.date() for day in SNAPSHOTS], {}, PanelSettings(), TimeSettings())
PARTS = list(WALK.parts.values())  # the fourth calibrates, the last two test


def make_panel(seed=0, subscribers=700, skill=1.0):
    """Two causes with causes of their own, some gone, a few administrative."""
    generator = np.random.default_rng(seed)
    rows = subscribers * len(PARTS)
    share = generator.beta(1, 4, rows)
    overdue = np.where(generator.random(rows) < 0.2, generator.integers(1, 90, rows), 0)
    contract = generator.random(rows) < 0.4
    plan = generator.choice(["basic", "gold", "student"], rows, p=[0.7, 0.25, 0.05])
    active = 1 / (1 + np.exp(4.2 - skill * (7 * share - 1.5 * contract)))
    passive = 1 / (1 + np.exp(4.2 - skill * (overdue / 22 + (plan == "student"))))
    drawn = generator.random(rows)
    bounds = [active, active + passive, active + passive + 0.01, active + passive + 0.015]
    outcome = np.select(
        [drawn < bound for bound in bounds],
        ["active", "passive", "gone", "administrative"],
        "none",
    )
    silent = generator.random(rows) < 0.1
    subscriber = np.tile(np.arange(subscribers), len(PARTS))
    return pd.DataFrame(
        {
            "subscriber_id": [f"s{number:04d}" for number in subscriber],
            "customer_id": [f"c{number // 2:04d}" for number in subscriber],
            "snapshot": np.repeat(SNAPSHOTS, subscribers),
            "part": np.repeat(PARTS, subscribers),
            "fold": subscriber // 2 % FOLDS,
            "outcome": outcome,
            "weight": 1.0,
            "competitor_share_90d": np.where(silent, np.nan, share).astype(np.float32),
            "calls_90d": generator.poisson(40, rows).astype(np.int64),
            "days_overdue": overdue.astype(np.int64),
            "plan": plan,
            "has_contract": contract,
            "always_one": 1.0,
        }
    )  # fmt: skip


@pytest.fixture(scope="session")
def world():
    """Return what the operator is made of, for tests that train on a variant of it."""
    return SimpleNamespace(
        features=FEATURES,
        settings=SETTINGS,
        evaluation=EVALUATION,
        make_panel=make_panel,
        walk=WALK,
    )


@pytest.fixture(scope="session")
def panel():
    """Return the operator's panel."""
    return make_panel()


@pytest.fixture(scope="session")
def trained(panel):
    """Return both heads trained on it."""
    return fit(panel, FEATURES, SETTINGS, EVALUATION, walk=WALK, meta={"as_of": "2024-09-01"})


@pytest.fixture(scope="session")
def bundle(trained):
    """Return its bundle."""
    return trained.bundle


@pytest.fixture(scope="session")
def tonight(panel):
    """Return the rows to score: the last snapshot's features, under its own index."""
    last = panel[panel["snapshot"] == panel["snapshot"].max()]
    return last[[feature["name"] for feature in FEATURES]].set_index(last["subscriber_id"])
