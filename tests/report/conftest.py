"""The parts of a page, made of a little operator whose every word is hostile or harmless."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from churn.early_warnings import EarlyWarningSettings
from churn.evaluation.settings import EvaluationSettings
from churn.indicators import DIMENSIONS, IndicatorSettings, figures, periods
from churn.language import Text
from churn.learning import LearningSettings, fit
from churn.panel import PanelManifest, PanelSettings, walk
from churn.progress import Movements, movements, past_lists
from churn.report.contacts import with_masked_contacts, with_movements
from churn.report.parts import (
    Data,
    EarlyWarnings,
    Indicators,
    Models,
    Notices,
    TableState,
    Tonight,
)
from churn.states import StateSettings
from churn.targeting import CATALOGUE, TargetingSettings, TargetList, plan
from churn.targeting.settings import LastNoticeSettings
from churn.windows import TimeSettings

NIGHT, BEFORE = date(2025, 3, 1), date(2025, 2, 15)
HOSTILE = "</td></style></script><hostile x='1' onload=\"alert(1)\">&amp; \x00\u202e=1"
HARMLESS = "词"


def settings(word: str) -> TargetingSettings:
    """Return settings in which everything that an operator may word is the word."""
    actions = tuple(action.model_copy(update={"label": Text(word, word)}) for action in CATALOGUE)
    shipped = TargetingSettings(actions=actions, control_share=0.2)
    value = shipped.value.model_copy(update={"currency": word})
    return shipped.model_copy(update={"value": value})


def tonight(word: str) -> Tonight:
    """Return a list of forty subscribers at risk."""
    ids = [f"{word}{place:02}" for place in range(40)]
    scores = pd.DataFrame(
        {
            "subscriber_id": ids,
            "p_active": [0.4 if place % 2 else 0.01 for place in range(40)],
            "p_passive": [float("nan") if place % 2 else 0.3 for place in range(40)],
            "reason_1": word,
            "reason_2": word,
            "reason_3": None,
            "rule": word,
            "tree_disagrees": [place % 3 == 0 for place in range(40)],
        }
    )
    context = pd.DataFrame(
        {
            "subscriber_id": ids,
            "customer_id": ids,
            "product": "mobile",
            "region": word,
            "account_manager": word,
            "key_account_classes": None,
            "activated_on": date(2020, 1, 1),
            "opt_outs": "",
            "average_bill": 80.0,
            "yearly_spend": 900.0,
            "amount_overdue": 100.0,
            "recent_fault": False,
            "applied_to_port": False,
            "last_contact_on": None,
        }
    )
    done = plan(scores, context, settings(word), NIGHT)
    contacts = pd.DataFrame(
        {"subscriber_id": ids, "name": f"{word[0]}{word}", "phone": "13812341234"}
    )
    frame = with_movements(with_masked_contacts(done.frame, contacts), moved(done, ids))
    frame["warnings"] = ["silent;expiring" if place % 4 == 0 else None for place in frame.index]
    frame["remainder"] = [0.0, math.log(1.25), *[0.001] * (len(frame) - 2)]
    return Tonight(done, frame, settings(word))


def moved(done: TargetList, ids: list[str]) -> Movements:
    """Return what moved since a list of two weeks before, on which every third stood."""
    before = pd.DataFrame(
        {
            "subscriber_id": ids,
            "tonight": ["not_profitable" if place % 3 else "contact" for place in range(40)],
        }
    )
    then, now = (
        pd.DataFrame({"subscriber_id": ids, "p_active": chances, "p_passive": float("nan")})
        for chances in ([0.2] * 40, [0.1 + place / 100 for place in range(40)])
    )
    departed = pd.DataFrame({"subscriber_id": ids[::5], "cause": "active", "left_on": NIGHT})
    return movements(BEFORE, before, then, done.decisions(), now, departed)


def past() -> pd.DataFrame:
    """Return one month's lists so far."""
    drawn = pd.DataFrame(
        {
            "subscriber_id": ["a", "b", "c"],
            "night": BEFORE,
            "arm": ["treated", "treated", "control"],
            "chance": 0.5,
        }
    )
    departed = pd.DataFrame({"subscriber_id": ["a"], "left_on": [NIGHT], "back_on": [None]})
    return past_lists(drawn, departed, TimeSettings(lead=10), NIGHT)


def warnings(word: str) -> EarlyWarnings:
    """Return one silent line, and two commitments, one of them renewed."""
    line = {"subscriber_id": word, "average_bill": 80.0, "tonight": "contact", "action": "offer"}
    ends = {"months_left": 1, "contract_ends_on": NIGHT}
    expiring = [{**line, **ends, "commitment": code} for code in ("open", "renewed")]
    return EarlyWarnings(pd.DataFrame(expiring), pd.DataFrame([line]), None, EarlyWarningSettings())


def indicators() -> Indicators:
    """Return the indicators of a month in which two of fifty lines left."""
    told = periods(NIGHT, 2)
    window = told[0].window
    counts = pd.DataFrame(
        {
            "start": window.start,
            "end": window.end,
            "measure": ["lines", "left_active"],
            "n": [50, 2],
            "amount": [0.0, 99.5],
            **dict.fromkeys(DIMENSIONS),
        }
    )
    settings = IndicatorSettings()
    return Indicators(figures(counts, told, settings, {}), told, settings)


def models(word: str) -> Models:
    """Return models of a little operator; features and levels are called by the word."""
    generator = np.random.default_rng(5)
    days = [day.date() for day in pd.date_range("2024-01-01", periods=6, freq="MS")]
    rows = 500 * len(days)
    share, late = generator.random(rows), generator.integers(0, 60, rows)
    risk = np.array([0.03 + 0.3 * (share > 0.7), 0.02 + 0.3 * (late > 45)])
    drawn = generator.random(rows)
    panel = pd.DataFrame(
        {
            "subscriber_id": np.tile([f"s{n:03}" for n in range(500)], len(days)),
            "customer_id": np.tile([f"c{n:03}" for n in range(500)], len(days)),
            "snapshot": np.repeat(pd.to_datetime(days), 500),
            "outcome": np.select([drawn < risk[0], drawn < risk.sum(axis=0)],
                                 ["active", "passive"], "none"),
            "weight": 1.0,
            "competitor_share": share.astype(np.float32),
            "days_late": late,
            "plan": generator.choice([word, "B"], rows),
        }
    )  # fmt: skip
    features = [
        {"name": name, "family": name, "unit": unit, "en": word, "zh": word}
        for name, unit in (("competitor_share", "share"), ("days_late", "days"), ("plan", ""))
    ]
    walked = walk(days, {}, PanelSettings(), TimeSettings())
    trained = fit(
        panel,
        features,
        LearningSettings(
            threads=1,
            min_events=20,
            tree={"max_leaves": 6},
            boosting={
                "rounds": 15,
                "leaves": 5,
                "min_leaf_rows": 20,
                "search": {"trials": 2, "rounds": 25},
            },
            network={"hidden": (8,), "members": 1, "steps": 100},
        ),
        EvaluationSettings(replicates=20, list_size=30, min_test_churners=10),
        walk=walked,
        meta={
            "as_of": "2025-03-01",
            "serving": PanelManifest(
                as_of=date(2025, 3, 1),
                walk=walked,
                snapshots=(),
                dropped={date(2024, 7, 1): "labels not final"},
            ).serving.model_dump_json(),
        },
    )
    return Models(trained.bundle, trained.test_scores)


def data() -> Data:
    """Return three tables: one whole, one with broken records, one old and assumed."""
    return Data(
        (
            TableState("subscribers", 3, 1000, 1000, 0, 0, date(2025, 2, 28)),
            TableState("bills", 2, 990, 900, 60, 30, date(2025, 2, 28),
                       rules={"BILL001": 20, "CSV004": 40}, unmatched=7),
            TableState("calls", 1, 7, 7, 0, 0, date(2025, 2, 1), assumed=True),
        ),
        {"eligible": 700, "gone": 280, "too_new": 20},
    )  # fmt: skip


def notices(notified) -> Notices:
    """Return last notices of which these are known to have been given."""
    frame = pd.DataFrame({"notified": pd.Series(notified, dtype=object)})
    return Notices(frame, LastNoticeSettings(), StateSettings())


@pytest.fixture(scope="session")
def page_parts():
    """Return makers of the page's parts."""
    hostile, harmless = models(HOSTILE), models(HARMLESS)
    failing = {
        cause: report.model_copy(
            update={
                "verdict": report.verdict.model_copy(
                    update={
                        "rules": tuple(
                            rule.model_copy(update={"passed": rule.code != "churners"})
                            for rule in report.verdict.rules
                        )
                    }
                )
            }
        )
        for cause, report in harmless.bundle.reports.items()
    }
    return SimpleNamespace(
        night=NIGHT,
        hostile=HOSTILE,
        tonight=tonight(HARMLESS),
        hostile_tonight=tonight(HOSTILE),
        models=harmless,
        hostile_models=hostile,
        failed=Models(
            replace(harmless.bundle, reports=failing), harmless.test_scores, in_place=False
        ),
        data=data(),
        notices=notices([True, False, None, False]),
        beside={
            "movements": moved(tonight(HARMLESS).done, [f"{HARMLESS}{n:02}" for n in range(40)]),
            "past": past(),
            "warnings": warnings(HARMLESS),
            "indicators": indicators(),
        },
        hostile_beside={
            "movements": moved(tonight(HOSTILE).done, [f"{HOSTILE}{n:02}" for n in range(40)]),
            "past": past(),
            "warnings": warnings(HOSTILE),
            "indicators": indicators(),
        },
    )
