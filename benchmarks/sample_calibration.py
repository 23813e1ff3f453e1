"""How hard the synthetic operator is: the truth's own AUC, single features, models.

Everything but the truth is computed from the delivered files, as an analyst would. Run with
``python benchmarks/sample_calibration.py FOLDER``, a folder that ``churn sample`` wrote.
"""

from __future__ import annotations

import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
from sample_features import Extract, back
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LOGISTIC = {
    "active": [
        "use_trend",
        "competitor_share_1q",
        "bill_change_max",
        "days_to_end",
        "no_contract",
        "tenure",
        "slow_complaint",
        "contacts_left",
        "discount_share",
        "bundled",
    ],
    "passive": [
        "unpaid_bill",
        "paid_late",
        "overdue_bills",
        "late_share",
        "overdue_amount",
        "suspensions_1y",
        "reminders",
        "bill_change",
        "tenure",
        "soft",
    ],
}


def load(folder: Path) -> pl.DataFrame:
    """Return features, truth and outcome of every snapshot that has a lookback and a label."""
    extract = Extract(folder)
    truth = pl.read_parquet(folder / "truth" / "outcomes.parquet").with_columns(
        pl.col("subscriber_id").cast(pl.Int64)
    )
    snapshots = sorted(truth["snapshot"].unique())[5:]
    contacts = extract.contacts.filter(pl.col("arm") == "treated").with_columns(
        snapshot=pl.col("contacted_on").str.to_date().dt.month_start(), treated=True
    )
    rows = pl.concat([extract.features(t) for t in snapshots], how="vertical_relaxed")
    rows = rows.join(truth, on=["subscriber_id", "snapshot"])
    rows = rows.join(
        contacts.select("subscriber_id", "snapshot", "treated").unique(),
        on=["subscriber_id", "snapshot"],
        how="left",
    )
    for name in (
        "contacts_left",
        "household_left",
        "complaints",
        "faults",
        "overdue_bills",
        "soft",
        "suspensions_1y",
        "reminders",
        "slow_complaint",
        "overdue_amount",
        "overdue_days",
    ):
        rows = rows.with_columns(pl.col(name).fill_null(0))
    return rows.filter((pl.col("outcome") != "administrative") & pl.col("treated").is_null())


def report(rows: pl.DataFrame) -> None:
    """Print the figures of both heads."""
    reserved = (
        "subscriber_id",
        "snapshot",
        "outcome",
        "treated",
        "p_active",
        "p_passive",
        "p_gone",
    )
    names = [name for name in rows.columns if name not in reserved]
    days = sorted(rows["snapshot"].unique())
    cut = days[int(len(days) * 0.65)]
    train = rows.filter((pl.col("snapshot") < back(cut, 1)) & (pl.col("outcome") != "gone"))
    test = rows.filter(pl.col("snapshot") >= cut)
    x, z = (part.select(names).cast(pl.Float64).to_numpy() for part in (train, test))
    print(f"{len(rows):,} rows, {len(names)} features, {len(days)} snapshots, test from {cut}")
    for head in ("active", "passive"):
        y, w = ((part["outcome"] == head).to_numpy() for part in (train, test))
        whole = (rows["outcome"] == head).to_numpy()
        truth = roc_auc_score(whole, rows[f"p_{head}"].to_numpy())
        singles = {}
        for name in names:
            value = (
                rows[name]
                .cast(pl.Float64)
                .fill_null(rows[name].cast(pl.Float64).median())
                .to_numpy()
            )
            auc = roc_auc_score(whole, value)
            singles[name] = max(auc, 1 - auc)
        best = sorted(singles.items(), key=lambda item: -item[1])[:9]
        print(f"\n{head}: base rate {whole.mean():.4f}, truth's AUC {truth:.4f} (all snapshots)")
        print("  single features:", ", ".join(f"{name} {auc:.3f}" for name, auc in best))
        model = lgb.LGBMClassifier(
            n_estimators=400,
            learning_rate=0.03,
            num_leaves=24,
            min_child_samples=150,
            subsample=0.8,
            subsample_freq=1,
            colsample_bytree=0.6,
            reg_lambda=5.0,
            verbose=-1,
            n_jobs=2,
            random_state=0,
            deterministic=True,
        ).fit(x, y)
        boosted = model.predict_proba(z)[:, 1]
        columns = [names.index(name) for name in LOGISTIC[head]]
        plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        plain.fit(np.nan_to_num(x[:, columns]), y)
        linear = plain.predict_proba(np.nan_to_num(z[:, columns]))[:, 1]
        best_auc = roc_auc_score(w, test[f"p_{head}"].to_numpy())
        print(f"  test: {w.sum()} events of {len(w)}")
        for label, score in (
            ("truth", test[f"p_{head}"].to_numpy()),
            ("boosting", boosted),
            ("logistic", linear),
        ):
            auc = roc_auc_score(w, score)
            way = (auc - 0.5) / (best_auc - 0.5)
            print(
                f"  {label:9s} AUC {auc:.4f} ({way:.0%} of the way)  AP"
                f" {average_precision_score(w, score):.4f}"
            )
        gain = sorted(
            zip(names, model.booster_.feature_importance("gain"), strict=True), key=lambda i: -i[1]
        )
        print("  gain:", ", ".join(name for name, _ in gain[:14]))


if __name__ == "__main__":
    report(load(Path(sys.argv[1])))
