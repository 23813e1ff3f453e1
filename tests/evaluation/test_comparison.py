"""Two scores on the same rows, overall and by segment."""

import numpy as np
import pandas as pd
import pytest

from churn.evaluation import EvaluationSettings, metrics
from churn.evaluation.comparison import IN_SEGMENTS, compare
from churn.evaluation.intervals import Resampling, paired_difference
from churn.evaluation.ranking import Scored

SETTINGS = EvaluationSettings(replicates=40, min_test_churners=30, segments=("product", "absent"))


@pytest.fixture(scope="module")
def rows():
    """Return scored rows: the first score ranks mobile lines better, and fixed ones alike."""
    generator = np.random.default_rng(0)
    count = 3000
    product = generator.choice(["mobile", "fixed", "leased"], count, p=[0.6, 0.38, 0.02])
    risk = generator.normal(size=count)
    noise = generator.normal(size=count)
    churned = generator.random(count) < 1 / (1 + np.exp(2 - risk))
    second = risk + 2 * noise
    return pd.DataFrame(
        {
            "customer_id": generator.integers(0, 2000, count),
            "product": product,
            "churned": churned,
            "weight": generator.choice([0.0, 1.0, 3.0], count),
            "first": 1 / (1 + np.exp(-np.where(product == "mobile", risk, second))),
            "second": 1 / (1 + np.exp(-second)),
        }
    )


def test_segments_tell_where_the_difference_lies(rows):
    """Largest first; a column that is not there is passed over, a small segment only counted."""
    found = compare(rows, {"roc_auc": metrics.roc_auc}, SETTINGS)
    mobile, fixed, leased = found.segments
    assert [(part.column, part.value) for part in found.segments] == [
        ("product", "mobile"), ("product", "fixed"), ("product", "leased"),
    ]  # fmt: skip
    assert mobile.areas.difference.lower > 0.05
    assert mobile.areas.p_value < 0.001
    assert mobile.differences["log_loss"].upper < 0
    assert fixed.areas.difference.value == 0
    assert fixed.differences["average_precision"].value == 0
    assert leased.areas is None
    assert leased.differences is None
    counted = rows["weight"] > 0
    assert leased.churners == (rows["churned"] & counted & (rows["product"] == "leased")).sum()
    assert sum(part.rows for part in found.segments) == counted.sum()


def test_differences_are_the_first_minus_the_second(rows):
    """By bootstrap and by DeLong alike, and as each metric alone has it."""
    found = compare(rows, {"roc_auc": metrics.roc_auc, **IN_SEGMENTS}, SETTINGS, within={})
    alone = paired_difference(
        metrics.roc_auc,
        Scored.of(rows["churned"], rows["first"]),
        Scored.of(rows["churned"], rows["second"]),
        Resampling.over(rows["customer_id"], replicates=40, seed=SETTINGS.seed),
        rows["weight"],
    )
    assert found.differences["roc_auc"] == alone
    assert found.areas.difference.value == pytest.approx(alone.value)
    assert found.areas.churners == found.segments[0].churners + sum(
        part.churners for part in found.segments[1:]
    )
    assert found.segments[0].differences == {}
