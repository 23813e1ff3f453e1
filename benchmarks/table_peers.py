"""One peer on one table: run by ``tables.py`` with the interpreter of the peer's environment.

It needs pandas, pyarrow and the peer, nothing of this project. The one argument is JSON: method,
target, group (or null), seconds, seed, and the files train, test and scores.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

THREADS = 2


def autogluon(train: pd.DataFrame, test: pd.DataFrame, asked: dict) -> np.ndarray:
    """Fit AutoGluon's best quality, told to score by log loss, and given the group."""
    from autogluon.tabular import TabularPredictor

    predictor = TabularPredictor(
        label=asked["target"],
        problem_type="binary",
        eval_metric="log_loss",
        path=str(Path(asked["scores"]).parent / "autogluon"),
        verbosity=1,
    )
    group = {"validation_structure": {"group_on": asked["group"]}} if asked["group"] else {}
    predictor.fit(
        train,
        presets="best_quality",
        time_limit=asked["seconds"],
        num_cpus=THREADS,
        num_gpus=0,
        **group,
    )
    return predictor.predict_proba(test)[1].to_numpy()


def flaml(train: pd.DataFrame, test: pd.DataFrame, asked: dict) -> np.ndarray:
    """Fit FLAML, told to score by log loss, and given the group."""
    from flaml import AutoML

    features, labels = _parted(train, asked)
    split = {"split_type": "group", "groups": train[asked["group"]]} if asked["group"] else {}
    model = AutoML()
    model.fit(
        features,
        labels,
        task="classification",
        metric="log_loss",
        time_budget=asked["seconds"],
        n_jobs=THREADS,
        seed=asked["seed"],
        verbose=0,
        **split,
    )
    return model.predict_proba(test[features.columns])[:, 1]


def lightgbm(train: pd.DataFrame, test: pd.DataFrame, asked: dict) -> np.ndarray:
    """Fit LightGBM as a person would: native categories, rate .05, rounds by early stopping."""
    import lightgbm as lgb
    from sklearn.model_selection import train_test_split

    features, labels = _parted(train, asked)
    asked_rows = test[features.columns].copy()
    for name in features.columns[[not pd.api.types.is_numeric_dtype(t) for t in features.dtypes]]:
        levels = pd.CategoricalDtype(sorted(features[name].dropna().unique()))
        features[name] = features[name].astype(levels)
        asked_rows[name] = asked_rows[name].astype(levels)
    settings = {
        "learning_rate": 0.05,
        "n_jobs": THREADS,
        "random_state": asked["seed"],
        "verbosity": -1,
    }
    parts = train_test_split(
        features, labels, test_size=0.15, stratify=labels, random_state=asked["seed"]
    )
    stopped = lgb.LGBMClassifier(n_estimators=2000, **settings)
    stopped.fit(
        parts[0],
        parts[2],
        eval_set=[(parts[1], parts[3])],
        eval_metric="binary_logloss",
        callbacks=[lgb.early_stopping(50, verbose=False)],
    )
    model = lgb.LGBMClassifier(n_estimators=max(1, stopped.best_iteration_), **settings)
    model.fit(features, labels)
    return model.predict_proba(asked_rows)[:, 1]


def catboost(train: pd.DataFrame, test: pd.DataFrame, asked: dict) -> np.ndarray:
    """Fit CatBoost as a person would: its own defaults and categories, rounds by early stopping."""
    from catboost import CatBoostClassifier
    from sklearn.model_selection import train_test_split

    features, labels = _parted(train, asked)
    asked_rows = test[features.columns].copy()
    words = list(features.columns[[not pd.api.types.is_numeric_dtype(t) for t in features.dtypes]])
    for rows in (features, asked_rows):
        rows[words] = rows[words].astype(object).fillna("").astype(str)
    settings = {
        "cat_features": words,
        "thread_count": THREADS,
        "random_seed": asked["seed"],
        "verbose": False,
        "allow_writing_files": False,
    }
    parts = train_test_split(
        features, labels, test_size=0.15, stratify=labels, random_state=asked["seed"]
    )
    stopped = CatBoostClassifier(**settings, early_stopping_rounds=50)
    stopped.fit(parts[0], parts[2], eval_set=(parts[1], parts[3]))
    model = CatBoostClassifier(
        **settings,
        iterations=max(1, stopped.get_best_iteration() + 1),
        learning_rate=stopped.get_all_params()["learning_rate"],
    )
    model.fit(features, labels)
    return model.predict_proba(asked_rows)[:, 1]


def logistic(train: pd.DataFrame, test: pd.DataFrame, asked: dict) -> np.ndarray:
    """Fit logistic regression on standardised numbers and one column per level."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    features, labels = _parted(train, asked)
    model = make_pipeline(
        make_column_transformer(
            (
                make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
                make_column_selector(dtype_include="number"),
            ),
            (
                OneHotEncoder(handle_unknown="ignore", min_frequency=10),
                make_column_selector(dtype_exclude="number"),
            ),
        ),
        LogisticRegression(max_iter=2000),
    )
    model.fit(features, labels)
    return model.predict_proba(test[features.columns])[:, 1]


def _parted(train: pd.DataFrame, asked: dict) -> tuple[pd.DataFrame, pd.Series]:
    """Return features and labels; the group is no feature."""
    named = [asked["target"], *([asked["group"]] if asked["group"] else [])]
    return train.drop(columns=named), train[asked["target"]]


def main() -> None:
    """Fit, score, write."""
    asked = json.loads(sys.argv[1])
    train, test = pd.read_csv(asked["train"]), pd.read_csv(asked["test"])
    fit = {
        "autogluon": autogluon,
        "flaml": flaml,
        "lightgbm": lightgbm,
        "catboost": catboost,
        "logistic": logistic,
    }
    scores = fit[asked["method"]](train, test, asked)
    pd.DataFrame({"score": np.asarray(scores, dtype=np.float64)}).to_parquet(asked["scores"])


if __name__ == "__main__":
    main()
