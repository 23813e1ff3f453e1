"""Weighted training against the untreated risk: a backtest of an operator with large campaigns.

A generated operator's campaigns select half of its base a month, half of it by risk. Twelve nights
are replayed; each trains once with campaign arms weighted and once with all weights 1. The chances
of both boosters are set beside the generator's own chance of leaving without contact: on the same
rows (all that were scored), in tenths of the mean of both, with paired intervals over customers.
The figures are printed as JSON, the backtest's own text goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import yaml

from churn.evaluation.groups import ENOUGH, in_groups
from churn.evaluation.intervals import Resampling
from churn.sample import generate
from pipelines import ingest
from pipelines.backtest import backtest
from pipelines.identities import own_ids
from pipelines.run import open_run

HERE = Path(__file__).parent
SETTINGS = HERE.parent / "pipelines" / "settings" / "sample.yaml"
CAUSES = ("active", "passive")
ONCE = {"rebalancing": {"methods": ["none"]}}


def deployment(out: Path, given: argparse.Namespace) -> Path:
    """Generate the operator if it is not there yet, and write its settings."""
    name = f"{given.customers}x{given.months}x{given.calls:g}-{given.share:g}-seed{given.seed}"
    folder = out / f"campaigns-{name}"
    if not (folder / "done").exists():
        generate(
            folder,
            customers=given.customers,
            months=given.months,
            seed=given.seed,
            calls_per_month=given.calls,
            campaign_share=given.share,
        )
        (folder / "done").touch()
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["workspace"] = "workspace"
    settings["ingest"]["folder"] = "extracts"
    settings["panel"] = {
        "test": 1,
        "calibration": given.calibration,
        "train": given.train,
    }
    boosting = {"rounds": given.rounds, "learning_rate": given.rate, **ONCE}
    settings["learning"] = {"threads": 1, "tree": ONCE, "boosting": boosting}
    settings["evaluation"] = {"replicates": given.replicates}
    settings["backtest"] = {
        "nights": given.nights,
        "every": given.every,
        "learners": ["tree", "boosting"],
    }
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def with_truth(rows: pd.DataFrame, folder: Path, ids: dict[str, str]) -> pd.DataFrame:
    """Put the chance of leaving without contact beside every scored row."""
    truth = pq.read_table(folder / "truth" / "outcomes.parquet").to_pandas()
    truth = truth.rename(columns={"snapshot": "night"}).drop(columns=["outcome", "p_gone"])
    truth = truth.rename(columns={f"p_{cause}": f"truth_{cause}" for cause in CAUSES})
    rows = rows.assign(subscriber_id=rows["subscriber_id"].map(ids))
    for frame in (rows, truth):
        frame["night"] = pd.to_datetime(frame["night"])
    keys = ["night", "subscriber_id"]
    return rows.merge(truth, on=keys, how="inner", validate="one_to_one")


def compared(rows: pd.DataFrame, cause: str, replicates: int) -> dict:
    """Return every tenth of one head, and whether the claim holds where there are enough events."""
    groups = in_groups(
        rows[f"p_{cause}_boosting"].to_numpy(),
        rows[f"copy_{cause}"].to_numpy(),
        rows[f"truth_{cause}"].to_numpy(),
        churned=(rows["outcome"] == cause).to_numpy(),
        weight=np.ones(len(rows)),
        resampling=Resampling.over(rows["customer_id"].to_numpy(), replicates=replicates, seed=1),
    )
    treated = (rows["weight"] == 0).to_numpy()
    middle = (rows[f"p_{cause}_boosting"] + rows[f"copy_{cause}"]).to_numpy() / 2
    told = []
    for group in groups:
        inside = (middle >= group.lower) & (middle <= group.upper)
        told.append(
            {
                "events": group.events,
                "truth": group.reference,
                "weighted": group.first,
                "all_weights_1": group.second,
                "weighted_over_truth": group.first / group.reference,
                "all_weights_1_over_truth": group.second / group.reference,
                "nearer_by": [group.closer.value, group.closer.lower, group.closer.upper],
                "nearer": group.nearer,
                "off": group.off,
                "treated_share": float(treated[inside].mean()),
            }
        )
    judged = [one for one in told if one["events"] >= ENOUGH]
    return {
        "events": sum(group.events for group in groups),
        "groups": told,
        "judged": len(judged),
        "nearer_in": sum(one["nearer"] for one in judged),
        "within_a_tenth_in": sum(one["off"] <= 0.1 for one in judged),
    }


def main() -> None:
    """Replay and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=30_000)
    parser.add_argument("--months", type=int, default=38)
    parser.add_argument("--calls", type=float, default=2)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nights", type=int, default=12)
    parser.add_argument("--every", type=int, default=1, help="train on every so many nights")
    parser.add_argument("--train", type=int, default=8, help="training snapshots, rolling")
    parser.add_argument("--calibration", type=int, default=6, help="calibration snapshots")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--rate", type=float, default=0.1, help="the booster's step per tree")
    parser.add_argument("--replicates", type=int, default=50)
    parser.add_argument("--out", type=Path, default=HERE / "out")
    given = parser.parse_args()
    start = time.monotonic()
    path = deployment(given.out, given)
    with open_run(path) as run:
        ingest.ingest(run)
        done = backtest(run)
        rows = with_truth(done.frame(), path.parent, own_ids(run))
        print(done.summary(), file=sys.stderr, flush=True)
    nights = pd.DatetimeIndex(rows["night"].unique())
    selected = (rows["weight"] != 1).groupby(rows["night"]).mean()
    found = {
        "nights": [one.date().isoformat() for one in nights],
        "rows": len(rows),
        "selected_share": float(selected.mean()),
        "seconds": time.monotonic() - start,
        **{cause: compared(rows, cause, given.replicates) for cause in CAUSES},
    }
    print(json.dumps(found, indent=2), flush=True)


if __name__ == "__main__":
    main()
