"""Public randomised tests: average effects, orders and policies beside a maintained library's.

Hillstrom's e-mails (two arms against none) and a promotion of Starbucks, in five folds, the same
for both. What is measured is ours for both: by inverse propensity on rows that neither had seen.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from churn.draws import folds
from churn.evaluation.intervals import Interval
from churn.targeting.effects.personal import Rows, fitted, traits_of
from churn.targeting.effects.policies import added, areas, places, policy_value
from churn.targeting.effects.strata import Arms, difference_interval

FOLDS, SEED = 5, 0
SPREAD = 0.5
"""Nothing is assumed of these effects: they may be anything from a half to twice."""


@dataclass(frozen=True)
class Test:
    """One treatment against none.

    Attributes
    ----------
    rows
        Features, ``treated``, ``event`` (0 or 1) and ``money`` (what the row brought).
    cost
        Of one contact, in the same currency.
    """

    name: str
    rows: pd.DataFrame
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    cost: float


def tests(data: Path) -> list[Test]:
    """Read the tables."""
    mail = pd.read_csv(data / "hillstrom_uplift" / "hillstrom_64000.csv.gz")
    coffee = pd.read_csv(data / "starbucks_uplift" / "starbucks_training.csv.gz")
    found = []
    for arm in ("Mens E-Mail", "Womens E-Mail"):
        rows = mail[mail["segment"].isin([arm, "No E-Mail"])]
        rows = rows.assign(treated=(rows["segment"] == arm).astype(int), event=rows["visit"])
        found.append(
            Test(
                f"hillstrom {arm.split()[0].lower()}: visit",
                rows.assign(money=rows["spend"]).reset_index(drop=True),
                ("recency", "history", "mens", "womens", "newbie"),
                ("zip_code", "channel"),
                0.5,  # an assumption, so that there is something to choose
            )
        )
    treated = (coffee["Promotion"] == "Yes").astype(int)
    rows = coffee.assign(treated=treated, event=coffee["purchase"], money=10.0 * coffee["purchase"])
    words = ("V1", "V4", "V5", "V6", "V7")
    rows = rows.astype(dict.fromkeys(words, "str"))
    # a purchase brings 10, a promotion costs .15: the terms of the published exercise
    found.append(Test("starbucks: purchase", rows, ("V2", "V3"), words, 0.15))
    return found


def ours(train: pd.DataFrame, test: pd.DataFrame, of: Test) -> np.ndarray:
    """Return the effect of each test row on its chance of the event, by own effects."""
    traits = traits_of(train, (*of.numbers, *of.words), of.words)
    share = train["treated"].mean()

    def design(rows: pd.DataFrame) -> np.ndarray:
        return np.column_stack([trait.of(rows) for trait in traits])

    treated, event = (train[name].to_numpy(float) for name in ("treated", "event"))
    weight = np.where(treated > 0, 1 - share, share)
    known = Rows(design(train), treated, event, np.full(len(train), share), weight)
    base, risk, mean, slopes = fitted(known, 0.0, SPREAD)
    asked = design(test)
    alone = np.minimum(np.exp(base + asked @ risk), 1.0)
    return np.asarray(alone * (np.exp(mean + asked @ slopes) - 1))


def theirs(
    train: pd.DataFrame,
    test: pd.DataFrame,
    columns: Sequence[str],
    words: Sequence[str],
    python: str,
) -> pd.DataFrame:
    """Return the library's effect of each test row, and its mean effect with interval.

    Parameters
    ----------
    train
        The columns, ``treated`` and ``event`` (0 or 1).
    columns, words
        What is known of each row, and those of it that are words.
    python
        Interpreter of the library's environment.
    """
    both = pd.get_dummies(
        pd.concat([train, test])[list(columns)], columns=list(words), dtype=float, drop_first=True
    ).astype(float)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / f"{name}.parquet") for name in ("train", "test", "out")}
        head = both.iloc[: len(train)]
        head.assign(
            treated=train["treated"].to_numpy(), event=train["event"].to_numpy()
        ).to_parquet(files["train"])
        both.iloc[len(train) :].to_parquet(files["test"])
        peer = Path(__file__).with_name("uplift_peer.py")
        alone = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        subprocess.run([python, str(peer), json.dumps(files)], check=True, env=alone)
        return pd.read_parquet(files["out"])


def compared(of: Test, python: str | None) -> dict[str, str]:
    """Return the figures of one test, all with 95 % intervals."""
    rows = of.rows
    fold = folds(len(rows), FOLDS, SEED)
    effect = {"ours": np.zeros(len(rows)), "theirs": np.zeros(len(rows))}
    means = []
    for number in range(FOLDS):
        train, test = rows[fold != number], rows[fold == number]
        effect["ours"][fold == number] = ours(train, test, of)
        if python:
            peer = theirs(train, test, [*of.numbers, *of.words], of.words, python)
            effect["theirs"][fold == number] = peer["effect"]
            means.append(peer[["mean", "lower", "upper"]].iloc[0])
    treated, event = rows["treated"].to_numpy(), rows["event"].to_numpy()
    share = np.full(len(rows), treated.mean())
    sizes = [
        treated.sum(),
        event[treated == 1].sum(),
        (1 - treated).sum(),
        event[treated == 0].sum(),
    ]
    arms = Arms(*(np.array([float(size)]) for size in sizes))
    low, high = (float(end) for end in difference_interval(arms))
    rates = [float(rate) for rate in arms.rates]
    figures = {"effect, ours": str(Interval(value=rates[0] - rates[1], lower=low, upper=high))}
    if python:
        mean = pd.DataFrame(means).mean()
        found = Interval(value=mean["mean"], lower=mean["lower"], upper=mean["upper"])
        figures["effect, theirs (of four fifths)"] = str(found)
    events = added(event, treated, share)
    money = added(rows["money"] - of.cost * treated, treated, share)
    each = np.arange(len(rows))
    brings = rows["money"].sum() / event.sum()
    figures["everyone, money"] = str(policy_value(money, np.ones(len(rows)), each))
    for whose in ("ours", "theirs") if python else ("ours",):
        auuc, qini = areas(events, effect[whose], each)
        figures[f"AUUC, {whose}"], figures[f"Qini, {whose}"] = str(auuc), str(qini)
        pays = effect[whose] * brings > of.cost
        figures[f"policy, {whose}: contacts"] = f"{pays.mean():.1%}"
        figures[f"policy, {whose}: money"] = str(policy_value(money, pays, each))
    if python:
        ahead = places(effect["theirs"]) - places(effect["ours"])
        figures["Qini, ours less theirs"] = str(policy_value(events, ahead, each))
        pays, peer = (effect[whose] * brings > of.cost for whose in ("ours", "theirs"))
        more = pays.astype(float) - peer
        figures["policy, ours less theirs"] = str(policy_value(money, more, each))
    return figures


def main() -> None:
    """Print a table per test."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=os.environ.get("CHURN_PUBLIC_DATA"))
    options.add_argument("--python", help="interpreter of an environment with econml")
    asked = options.parse_args()
    for test in tests(Path(asked.data)):
        print(f"{test.name}: {len(test.rows):,} rows, a contact costs {test.cost}")
        for name, figure in compared(test, asked.python).items():
            print(f"  {name:32} {figure}")


if __name__ == "__main__":
    main()
