"""A maintained library on one randomised table: run by ``uplift.py`` with its interpreter.

It needs econml, LightGBM, pandas and pyarrow, nothing of this project. The one argument is JSON:
the files train, test and out.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
from econml.dr import DRLearner, LinearDRLearner
from lightgbm import LGBMClassifier, LGBMRegressor

LEARNER = {
    "n_estimators": 100,
    "num_leaves": 8,
    "min_child_samples": 200,
    "learning_rate": 0.05,
    "verbose": -1,
    "n_jobs": 1,
    "random_state": 0,
}


def main() -> None:
    """Fit on the training rows; write the effect of each test row, and the mean with interval."""
    asked = json.loads(sys.argv[1])
    train, test = (pd.read_parquet(asked[name]) for name in ("train", "test"))
    names = [name for name in train.columns if name not in ("treated", "event")]
    known, asked_of = train[names].to_numpy(float), test[names].to_numpy(float)
    event, treated = train["event"].to_numpy(float), train["treated"].to_numpy()
    parts = {
        "model_propensity": LGBMClassifier(**LEARNER),
        "model_regression": LGBMRegressor(**LEARNER),
        "cv": 3,
        "random_state": 0,
    }
    trees = DRLearner(model_final=LGBMRegressor(**LEARNER), **parts)
    trees.fit(event, treated, X=known)
    average = LinearDRLearner(**parts)
    average.fit(event, treated, X=None, W=known)
    mean = average.ate_inference(X=None)
    low, high = mean.conf_int_mean(alpha=0.05)
    pd.DataFrame(
        {
            "effect": np.ravel(trees.effect(asked_of)),
            "mean": float(np.ravel(mean.mean_point)[0]),
            "lower": float(np.ravel(low)[0]),
            "upper": float(np.ravel(high)[0]),
        }
    ).to_parquet(asked["out"])


if __name__ == "__main__":
    main()
