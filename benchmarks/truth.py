"""Models against the truth: how far the learners go towards what could be known at all.

For three generated operators the whole training runs, from extracts to calibrated models, and the
learners' chances on the pooled, out-of-time test snapshots are set beside the generator's own
chance, beside a ten-feature logistic regression fitted on the same training rows, and beside
LightGBM as a person would set it on all features, fitted for every test night on what had closed.
Ways to the truth count every row as so much of a churner as its true chance says: the luck of who
left is out of them. In tenths of each learner's chance with enough churners stands the mean
chance beside the mean true one, by how much all rows are off divided out.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date
from pathlib import Path
from typing import get_args

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import yaml
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from churn import features
from churn.causes import NO_CHURN_NO_STAY
from churn.evaluation.intervals import Resampling, intervals, paired_difference
from churn.evaluation.metrics import average_precision, roc_auc
from churn.evaluation.ranking import Scored
from churn.learning.encoding import Encoder
from churn.learning.settings import ENSEMBLES, Method
from churn.panel import Walk
from churn.sample import generate
from pipelines import ingest, panel, train
from pipelines.identities import own_ids
from pipelines.run import open_run

HERE = Path(__file__).parent
SETTINGS = HERE.parent / "pipelines" / "settings" / "sample.yaml"
LEARNERS = ("tree", "boosting", "network", "combination")
EVENTS = 400  # below which a tenth tells too little
METRICS = {"roc_auc": roc_auc, "average_precision": average_precision}
TEN = {
    "active": (
        "tenure_days",
        "contract_days_left",
        "bill_mean_6m",
        "bill_shock_6m",
        "voice_trend_90d",
        "megabytes_trend_90d",
        "competitor_share_90d",
        "complaints_90d",
        "peers_gone_share_90d",
        "survey_score_last_180d",
    ),
    "passive": (
        "tenure_days",
        "bill_mean_6m",
        "bill_shock_6m",
        "bill_late_share_6m",
        "bill_days_late_mean_6m",
        "arrears_amount",
        "arrears_days",
        "arrears_months_180d",
        "suspensions_180d",
        "soft_suspensions_180d",
    ),
}


def deployment(out: Path, seed: int, given: argparse.Namespace) -> Path:
    """Generate the operator if it is not there yet, and write its settings."""
    customers, months, calls = given.customers, given.months, given.calls
    folder = out / f"{customers}x{months}x{calls:g}-seed{seed}"
    if not (folder / "done").exists():
        generate(folder, customers=customers, months=months, seed=seed, calls_per_month=calls)
        (folder / "done").touch()
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["workspace"] = "workspace"
    settings["ingest"]["folder"] = "extracts"
    settings["panel"] = {"test": given.test, "test_churners": 1_000_000, "calibration": 2}
    if given.rebalancing:
        settings["learning"] = rebalanced(given.rebalancing, alone=given.booster_alone)
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def rebalanced(method: Method, *, alone: bool) -> dict:
    """Return settings by which every learner is rebalanced in one way, ensembles the booster.

    Alone, the booster has the capacity of its settings, beside a tree that is left as it is.
    """
    others: Method = "none" if method in ENSEMBLES or alone else method
    ways = {"tree": others, "boosting": method, "network": others}
    learning: dict = {name: {"rebalancing": {"methods": [way]}} for name, way in ways.items()}
    if alone:
        learning["learners"] = ["tree", "boosting"]
        learning["boosting"]["search"] = {"trials": 0}
        learning["heads"] = list(TEN)
    return learning


def logistic(rows: pd.DataFrame, closed: list[date], cause: str) -> np.ndarray:
    """Fit ten-feature logistic regression on what had closed by the test; return its chances."""
    names = list(TEN[cause])
    fitted = rows[rows["snapshot"].isin(closed) & ~rows["outcome"].isin(["gone", "administrative"])]
    model = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        QuantileTransformer(output_distribution="normal", random_state=0),
        LogisticRegression(max_iter=500),
    )
    weight = {"logisticregression__sample_weight": fitted["weight"].to_numpy()}
    model.fit(fitted[names].to_numpy(), (fitted["outcome"] == cause).to_numpy(), **weight)
    test = rows[rows["part"] == "test"]
    return model.predict_proba(test[names].to_numpy())[:, 1]


def by_hand(rows: pd.DataFrame, walk: Walk, names: list[str], cause: str) -> pd.DataFrame:
    """Fit LightGBM of 7 leaves and 300 trees at .03 for every test night; return its chances."""
    told = []
    trained = rows[~rows["outcome"].isin(NO_CHURN_NO_STAY) & (rows["weight"] > 0)]
    trained = trained[trained["outcome"] != "gone"]
    for night in walk.test:
        fitted = trained[trained["snapshot"].isin(night.fitted)]
        asked = rows[rows["snapshot"] == night.snapshot]
        encoder = Encoder.fit(fitted, names, 0.005)
        model = lgb.train(
            {"objective": "binary", "num_leaves": 7, "learning_rate": 0.03, "verbosity": -1},
            lgb.Dataset(
                encoder.transform(fitted),
                (fitted["outcome"] == cause).to_numpy(dtype=np.float64),
                weight=fitted["weight"].to_numpy(),
            ),
            num_boost_round=300,
        )
        keys = asked[["subscriber_id", "snapshot"]]
        chance = model.predict(encoder.transform(asked))
        told.append(keys.assign(**{f"p_{cause}_by_hand": chance}))
    return pd.concat(told)


def expected_auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Return the ROC AUC where every row is a churner by its true chance, and stays by the rest."""
    left = np.arange(2 * len(truth)) < len(truth)
    rows = Scored.of(left, np.concatenate([score, score]))
    return roc_auc(rows.weighed(np.concatenate([truth, 1 - truth])))


def tenths(chance: np.ndarray, truth: np.ndarray, left: np.ndarray) -> list[dict]:
    """Return each tenth with enough churners: mean chance, the true one, and their ratio.

    The ratio is divided by that of all rows: how base rates drift is nobody's to know.
    """
    drift = chance.mean() / truth.mean()
    parts = np.array_split(np.argsort(chance, kind="stable"), 10)
    return [
        {
            "tenth": number,
            "events": int(left[rows].sum()),
            "chance": round(float(chance[rows].mean()), 5),
            "truth": round(float(truth[rows].mean()), 5),
            "ratio": round(float(chance[rows].mean() / truth[rows].mean() / drift), 3),
        }
        for number, rows in enumerate(parts, start=1)
        if left[rows].sum() >= EVENTS
    ]


def measured(settings: Path, *, peers: bool) -> tuple[dict, dict[str, float]]:
    """Run the training and set every score on the test rows beside the truth, and the peers'."""
    seconds = {}
    with open_run(settings) as run:
        for name, stage in (
            ("ingest", ingest.ingest),
            ("panel", panel.build),
            ("train", train.train),
        ):
            start = time.monotonic()
            done = stage(run)
            seconds[name] = time.monotonic() - start
            if name == "panel":
                rows = done.frame()
                walk = done.manifest().walk
                closed = list(walk.test[0].fitted)
                known = run.tables.known_at(done.as_of)
                names = [feature.name for feature in features.specs(known, run.families)]
        scores = done.test_scores()
        told = done.lines()
        ids = own_ids(run)
    test = rows[rows["part"] == "test"].reset_index(drop=True)
    for cause in TEN if peers else ():
        test[f"p_{cause}_logistic"] = logistic(rows, closed, cause)
        chances = test[["subscriber_id", "snapshot", f"p_{cause}_logistic"]]
        scores = scores.merge(chances, on=["subscriber_id", "snapshot"], validate="one_to_one")
        hand = by_hand(rows, walk, names, cause)
        scores = scores.merge(hand, on=["subscriber_id", "snapshot"], validate="one_to_one")
    truth = pq.read_table(settings.parent / "truth" / "outcomes.parquet").to_pandas()
    truth = truth.rename(columns={"p_active": "p_active_truth", "p_passive": "p_passive_truth"})
    scores["subscriber_id"] = scores["subscriber_id"].map(ids)
    for frame in (scores, truth):
        frame["snapshot"] = pd.to_datetime(frame["snapshot"])
    keys = ["subscriber_id", "snapshot"]
    wanted = [*keys, "p_active_truth", "p_passive_truth"]
    joined = scores.merge(truth[wanted], on=keys, how="left", validate="one_to_one")
    beside = ("logistic", "by_hand") if peers else ()
    return {**compared(joined, beside), "told": told}, seconds


def compared(joined: pd.DataFrame, peers: tuple[str, ...]) -> dict:
    """Return metrics with intervals per head and score, ways to the truth, and comparisons."""
    untold = int(joined["p_active_truth"].isna().sum())
    joined = joined.dropna(subset=["p_active_truth"])
    draws = Resampling.over(joined["customer_id"].to_numpy(), replicates=200, seed=1)
    weight = joined["weight"].to_numpy()
    found: dict = {
        "rows": len(joined),
        "rows_without_truth": untold,
        "snapshots": int(joined["snapshot"].nunique()),
    }
    learners = [name for name in LEARNERS if f"p_active_{name}" in joined]
    for cause in TEN:
        left = (joined["outcome"] == cause).to_numpy()
        scored = {
            name: Scored.of(left, joined[f"p_{cause}_{name}"].to_numpy())
            for name in (*learners, *peers, "truth")
        }
        head: dict = {"events": int(left.sum())}
        for name, rows in scored.items():
            told = intervals(METRICS, rows, draws, weight)
            head[name] = {metric: str(interval) for metric, interval in told.items()}
            head[name]["auc"] = told["roc_auc"].value
        truth = joined[f"p_{cause}_truth"].to_numpy()
        expected = {
            name: expected_auc(joined[f"p_{cause}_{name}"].to_numpy(), truth)
            for name in (*learners, *peers, "truth")
        }
        head["way_to_truth"] = {
            name: (auc - 0.5) / (expected["truth"] - 0.5) for name, auc in expected.items()
        }
        head["tenths"] = {
            name: tenths(joined[f"p_{cause}_{name}"].to_numpy(), truth, left) for name in learners
        }
        mean = {name: joined[f"p_{cause}_{name}"].mean() for name in learners}
        head["drift"] = {name: round(float(p / truth.mean()), 3) for name, p in mean.items()}
        pairs = [("combination", "boosting"), ("combination", "network")]
        pairs += [("boosting", peer) for peer in peers[:1]]
        for first, second in (pair for pair in pairs if {*pair} <= {*scored}):
            head[f"{first}_minus_{second}_average_precision"] = str(
                paired_difference(average_precision, scored[first], scored[second], draws, weight)
            )
        found[cause] = head
    return found


def main() -> None:
    """Measure every seed and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--calls", type=float, default=10)
    parser.add_argument("--test", type=int, default=6, help="past nights that test")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--rebalancing", choices=get_args(Method), help="one way alone, no peers")
    parser.add_argument(
        "--booster-alone", action="store_true", help="of that way: no network, no search"
    )
    parser.add_argument("--out", type=Path, default=HERE / "out")
    given = parser.parse_args()
    for seed in given.seeds:
        path = deployment(given.out, seed, given)
        found, seconds = measured(path, peers=given.rebalancing is None)
        print(json.dumps({"seed": seed, "seconds": seconds, **found}, indent=2), flush=True)


if __name__ == "__main__":
    main()
