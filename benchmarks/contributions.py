"""Exact contributions for every subscriber, and reasons in words, against LightGBM's own.

Features are the product's, their values drawn by unit, a tenth of them missing. Rates are rows per
second on the same rows in one run, as many threads each; differences are checked first. Run with
``python benchmarks/contributions.py [ROWS]``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import product
from typing import TypeVar

import lightgbm as lgb
import numpy as np
import pandas as pd

from churn.features import FAMILIES, Feature
from churn.learning.boosting import Boosting
from churn.learning.encoding import Encoder, Matrix
from churn.learning.reasons import Teller
from churn.learning.usual import usual_contributions, usual_values
from churn.learning.wording import specs_by_name

THREADS = 2
FITTED = 40_000
SEVERAL = 5
#: Trees, their leaves and their depth at most.
SIZES = (*product((250, 600), ((4, 4), (15, 6), (31, 8))),)
HEAD = (
    "trees", "leaves", "depth", "LightGBM/s", "ours/s", "ratio", "words/s", "ratio", "tables, s",
    "differ",
)  # fmt: skip
FEATURES = [feature for family in FAMILIES for feature in family.features]
SPECS = specs_by_name(FEATURES)
Result = TypeVar("Result")


def drawn(feature: Feature, rows: int, generator: np.random.Generator) -> pd.Series:
    """Draw values of a feature by its unit."""
    if feature.categorical:
        values = generator.choice(["a", "b", "c", "d", "e"], rows, p=[0.6, 0.2, 0.1, 0.06, 0.04])
        series = pd.Series(values, dtype="str")
    else:
        draws = {
            "share": lambda: generator.beta(1, 3, rows),
            "ratio": lambda: generator.lognormal(0, 0.3, rows),
            "count": lambda: generator.poisson(1, rows),
            "flag": lambda: generator.random(rows) < 0.1,
        }
        values = draws.get(feature.unit, lambda: generator.exponential(60, rows))()
        series = pd.Series(values.astype(np.float32))
    if not feature.never_null:
        series[generator.random(rows) < 0.1] = None
    return series


def rate(rows: int, work: Callable[[], Result]) -> tuple[float, Result]:
    """Return rows per second, the best of several rounds, and what was made."""
    seconds = []
    for _ in range(SEVERAL):
        start = time.perf_counter()
        made = work()
        seconds.append(time.perf_counter() - start)
    return rows / min(seconds), made


def fit(matrix: Matrix, trees: int, leaves: int, depth: int) -> lgb.Booster:
    """Fit trees to an outcome that all columns have a share in."""
    generator = np.random.default_rng(1)
    signal = np.nan_to_num(matrix) @ generator.normal(size=matrix.shape[1])
    logit = (signal - signal.mean()) / signal.std() - 3
    outcome = generator.random(len(matrix)) < 1 / (1 + np.exp(-logit))
    parameters = {
        "objective": "binary",
        "num_leaves": leaves,
        "max_depth": depth,
        "learning_rate": 0.04,
        "feature_fraction": 0.6,
        "min_data_in_leaf": 100,
        "num_threads": THREADS,
        "verbosity": -1,
    }
    return lgb.train(parameters, lgb.Dataset(matrix, outcome.astype(np.float32)), trees)


def measure(fitted: lgb.Booster, frame: pd.DataFrame, encoder: Encoder) -> tuple[float, ...]:
    """Return rates and ratios, seconds for the tables, and the greatest difference."""
    booster = Boosting(fitted.model_to_string(), THREADS)
    matrix = encoder.transform(frame)
    few = matrix[: max(200, len(matrix) // 20)]
    start = time.perf_counter()
    booster.contributions(matrix[:1])
    tables = time.perf_counter() - start

    weight = np.ones(len(frame))
    teller = Teller(
        encoder,
        SPECS,
        usual_values(frame, encoder, weight),
        usual_contributions(booster.contributions(matrix, encoder.groups), encoder, weight),
    )

    def words() -> pd.DataFrame:
        added = booster.contributions(matrix, encoder.groups)
        return teller.columns(teller.choose(added, frame, 3), frame, "en")

    theirs, expected = rate(
        len(few), lambda: fitted.predict(few, pred_contrib=True, num_threads=THREADS)
    )
    ours, found = rate(len(matrix), lambda: booster.contributions(matrix))
    worded, _ = rate(len(matrix), words)
    differ = float(np.abs(found[: len(few)] - expected).max())
    return theirs, ours, ours / theirs, worded, worded / theirs, tables, differ


def main(rows: int) -> None:
    """Measure every size of ensemble."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({f.name: drawn(f, FITTED, generator) for f in FEATURES})
    encoder = Encoder.fit(frame, list(SPECS), 0.005)
    matrix = encoder.transform(frame)
    print(
        f"{rows:,} rows, {matrix.shape[1]} columns of {len(FEATURES)} features, {THREADS} threads"
    )
    print(("{:>12}" * len(HEAD)).format(*HEAD))
    for trees, (leaves, depth) in SIZES:
        figures = measure(fit(matrix, trees, leaves, depth), frame.iloc[:rows], encoder)
        print(f"{trees:>12}{leaves:>12}{depth:>12}", end="")
        print("{:>12,.0f}{:>12,.0f}{:>12.1f}{:>12,.0f}{:>12.1f}{:>12.2f}{:>12.1g}".format(*figures))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
