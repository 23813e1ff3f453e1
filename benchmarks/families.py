"""What families of features bring: all of them beside bill and call totals, and beside one less.

On the generated operators of `truth.py`, active head: a booster set by hand, fitted on the nights
that had closed before the first test night and asked about the test nights, with every feature,
with totals alone, without each family in turn, and with columns of noise. Differences of average
precision are paired over customers. A row counts as a churner by its true chance and as a stayer by
the rest, so that the luck of who left is out of them. Who was fitted is not fitted again.
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

import duckdb
import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from truth import deployment

from churn import features
from churn.causes import NO_CHURN_NO_STAY
from churn.evaluation.intervals import Interval, Resampling, paired_difference
from churn.evaluation.metrics import average_precision
from churn.evaluation.ranking import Scored
from churn.learning.encoding import Encoder
from pipelines import ingest, panel
from pipelines.identities import own_ids
from pipelines.run import open_run

HERE = Path(__file__).parent
CAUSE = "active"
KEYS = ["subscriber_id", "snapshot"]
# What a report of an operator's bills and calls shows without looking into them.
TOTALS = (
    "bill_mean_6m",
    "bill_last",
    "voice_minutes_30d",
    "voice_minutes_90d",
    "megabytes_30d",
    "megabytes_90d",
    "sms_90d",
    "call_charge_90d",
)
NOISE = 10  # columns
SPREADS = 0.5  # what talk with nobody but leavers adds to a chance, where that is planted
STAYERS = 20  # for each churner that is fitted
SEEDS = (1, 2)  # of the booster; their logits are added
REPLICATES = 200


def prepared(settings: Path) -> None:
    """Keep the panel's rows beside their true chances, and which night was fitted on which."""
    home = settings.parent
    with open_run(settings) as run:
        ingest.ingest(run)
        built = panel.build(run)
        rows, ids = built.training_frame(), own_ids(run)
        night = built.manifest().walk.test[0]
        tests = [each.snapshot for each in built.manifest().walk.test]
        present = features.delivered(run.tables.known_at(built.as_of), run.families)
    truth = pq.read_table(home / "truth" / "outcomes.parquet").to_pandas()
    truth = truth.rename(columns={f"p_{CAUSE}": "chance"})[[*KEYS, "chance"]]
    for frame in (rows, truth):
        frame["snapshot"] = pd.to_datetime(frame["snapshot"])
    rows = rows.assign(line=rows["subscriber_id"].map(ids)).merge(
        truth.rename(columns={"subscriber_id": "line"}), on=["line", "snapshot"], how="left"
    )
    rows = rows.drop(columns="line")
    calls = sorted((home / "workspace" / "tables" / "calls").glob("*.parquet"))
    rows.assign(talk_left=talk_with_leavers(rows, calls)).to_parquet(home / "families.parquet")
    content = {
        "fitted": [str(day) for day in night.fitted],
        "tests": [str(day) for day in tests],
        "families": {family.name: [one.name for one in family.features] for family in present},
    }
    (home / "families.json").write_text(json.dumps(content), encoding="utf-8")


def talk_with_leavers(rows: pd.DataFrame, calls: list[Path]) -> pd.Series:
    """Return the share of each row's talk of thirty days with lines that left in ninety.

    Reckoned from the records alone, by no feature of ours.
    """
    left = rows.loc[rows["outcome"].isin(["active", "passive"]), ["subscriber_id", "event_on"]]
    left = left.drop_duplicates().assign(event_on=lambda each: pd.to_datetime(each["event_on"]))
    parts = []
    with closing(duckdb.connect()) as engine:
        for day in sorted(rows["snapshot"].unique()):
            since = day - pd.Timedelta(days=90)
            gone = left[(left["event_on"] >= since) & (left["event_on"] < day)]
            engine.register("gone", gone[["subscriber_id"]])
            share = engine.execute(
                "SELECT subscriber_id, sum(seconds) FILTER (peer_id IN (FROM gone)) / sum(seconds)"
                " AS talk_left FROM read_parquet(?) WHERE kind = 'voice'"
                " AND started_at >= ? AND started_at < ? GROUP BY subscriber_id",
                [[str(path) for path in calls], day - pd.Timedelta(days=30), day],
            ).df()
            parts.append(share.assign(snapshot=day))
    told = rows[KEYS].merge(pd.concat(parts), on=KEYS, how="left")["talk_left"]
    return told.fillna(0.0).astype("float64").set_axis(rows.index)


class Operator:
    """The rows of one operator, and the scores that sets of features give them.

    ``planted`` lets leaving spread: talk with lines that left adds to a line's chance, and whoever
    stayed or left of its own will is drawn anew.
    """

    def __init__(self, home: Path, *, planted: bool) -> None:
        content = json.loads((home / "families.json").read_text(encoding="utf-8"))
        rows = pd.read_parquet(home / "families.parquet")
        rows["snapshot"] = pd.to_datetime(rows["snapshot"])
        if planted:
            rows = _spread(rows)
        self.families: dict[str, list[str]] = content["families"]
        self.every = [name for names in self.families.values() for name in names]
        draw = np.random.default_rng(3)
        self.noise = [f"noise_{number}" for number in range(NOISE)]
        rows[self.noise] = draw.normal(size=(len(rows), NOISE)).astype("float32")
        taught = ~rows["outcome"].isin({*NO_CHURN_NO_STAY, "gone"}) & (rows["weight"] > 0)
        fitted = rows[taught & rows["snapshot"].isin(pd.to_datetime(content["fitted"]))]
        left = (fitted["outcome"] == CAUSE).to_numpy()
        chosen = left | (draw.random(len(fitted)) < STAYERS * left.sum() / (~left).sum())
        self.fitted, self.left = fitted[chosen], left[chosen]
        tests = pd.to_datetime(content["tests"])
        self.tested = rows[rows["snapshot"].isin(tests) & rows["chance"].notna()]
        self._kept = home / f"families-scores{'-planted' if planted else ''}.parquet"
        index = pd.RangeIndex(len(self.tested))
        kept = pd.read_parquet(self._kept) if self._kept.exists() else pd.DataFrame(index=index)
        self.scores = kept

    def score(self, name: str, columns: list[str]) -> np.ndarray:
        """Return the test rows' scores by a booster of these columns, fitted if it was not."""
        if name not in self.scores:
            encoder = Encoder.fit(self.fitted, columns, 0.005)
            fitted, tested = map(encoder.transform, (self.fitted, self.tested))
            total = np.zeros(len(self.tested))
            for seed in SEEDS:
                model = lgb.train(
                    {
                        "objective": "binary",
                        "num_leaves": 7,
                        "learning_rate": 0.03,
                        "feature_fraction": 0.4,
                        "bagging_fraction": 0.8,
                        "bagging_freq": 1,
                        "lambda_l2": 2.0,
                        "max_bin": 63,
                        "num_threads": 1,
                        "deterministic": True,
                        "verbosity": -1,
                        "seed": seed,
                    },
                    lgb.Dataset(fitted, self.left.astype(np.float64)),
                    num_boost_round=300,
                )
                total += model.predict(tested, raw_score=True)
            self.scores[name] = total
            self.scores.to_parquet(self._kept)
        scores: np.ndarray = self.scores[name].to_numpy()
        return scores

    def gain(self, first: np.ndarray, second: np.ndarray) -> Interval:
        """Return what the first score ranks better, in expected average precision."""
        chance = self.tested["chance"].to_numpy()
        left = np.arange(2 * len(chance)) < len(chance)
        weight = np.concatenate([chance, 1 - chance])
        customers = np.tile(self.tested["customer_id"].to_numpy(), 2)
        draws = Resampling.over(customers, replicates=REPLICATES, seed=1)
        scored = (Scored.of(left, np.tile(score, 2)) for score in (first, second))
        return paired_difference(average_precision, *scored, draws, weight)


def _spread(rows: pd.DataFrame) -> pd.DataFrame:
    chance = (rows["chance"] + SPREADS * rows["talk_left"]).clip(upper=1.0)
    drawn = np.random.default_rng(5).random(len(rows)) < chance
    open_ = rows["outcome"].isin(["none", CAUSE]) & chance.notna()
    outcome = rows["outcome"].mask(open_, pd.Series(np.where(drawn, CAUSE, "none"), rows.index))
    return rows.assign(chance=chance, outcome=outcome)


def compared(operators: list[Operator], wanted: list[str]) -> None:
    """Print what each set brings on every operator; of all families, where none is named."""
    families = sorted({name for one in operators for name in one.families})
    print("| | columns |" + " |".join(f" operator {n + 1}" for n in range(len(operators))) + " |")
    print("|---|---|" + "---|" * len(operators))
    for name in wanted or ["totals alone", *families, "noise"]:
        told, width = [], 0
        for one in operators:
            every = one.score("every", one.every)
            if name == "totals alone":
                width = len(TOTALS)
                told.append(one.gain(every, one.score(name, list(TOTALS))))
            elif name == "noise":
                width = NOISE
                told.append(one.gain(one.score(name, [*one.every, *one.noise]), every))
            elif names := one.families.get(name):
                width = len(names)
                rest = [column for column in one.every if column not in names]
                told.append(one.gain(every, one.score(f"without {name}", rest)))
        cells = " | ".join(f"{g.value:+.4f} [{g.lower:+.4f}, {g.upper:+.4f}]" for g in told)
        print(f"| {name} | {width} | {cells} |", flush=True)


def main() -> None:
    """Make the operators that are not there, fit what was not, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=12_000)
    parser.add_argument("--months", type=int, default=16)
    parser.add_argument("--calls", type=float, default=10)
    parser.add_argument("--test", type=int, default=2, help="past nights that test")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--family", nargs="+", default=[], help="some of the rows, not all")
    parser.add_argument("--planted", action="store_true", help="let leaving spread by calls")
    parser.add_argument("--out", type=Path, default=HERE / "out")
    given = parser.parse_args()
    homes = []
    for seed in given.seeds:
        settings = deployment(given.out, seed, given)
        if not (settings.parent / "families.json").exists():
            prepared(settings)
        homes.append(settings.parent)
    compared([Operator(home, planted=given.planted) for home in homes], given.family)


if __name__ == "__main__":
    main()
