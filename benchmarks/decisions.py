"""Decisions against the truth: what tonight's list earns beside other ways to choose as many.

Generated operators with planted effects, some of them harmful, and half of past selections held
out. After a whole night every way to choose makes a list of as many contacts as the night's own (or
fewer, where it sees no more that pay), one a customer, within the night's money; each is paid by
the true chance and the true effect.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from churn import targeting
from churn.evaluation.profit import contact_profit
from churn.sample import generate
from churn.targeting.candidates import Candidates, candidates
from churn.targeting.people import join
from churn.targeting.settings import TargetingSettings
from pipelines import nightly, score, survival, target
from pipelines.identities import own_ids
from pipelines.run import open_run

HERE = Path(__file__).parent
SETTINGS = HERE.parent / "pipelines" / "settings" / "sample.yaml"
EVERYONE = -1e9
"""A least profit that leaves every contact that may be made."""


@dataclass(frozen=True)
class World:
    """The contacts that may be made tonight, with what they truly earn.

    Attributes
    ----------
    offers
        One entry per subscriber and action; ``truly`` is its true expected profit, in currency,
        and ``gamma`` its true effect.
    chance
        Our own chance of the cause that the action answers.
    selected
        Whether the night selected it, controls included.
    """

    people: pd.DataFrame
    offers: Candidates
    truly: np.ndarray
    gamma: np.ndarray
    chance: np.ndarray
    selected: np.ndarray
    settings: TargetingSettings

    def profit(self, gamma: np.ndarray) -> np.ndarray:
        """Return what contacts would earn by our own chances under some effects."""
        return _profit(self, self.chance, gamma)

    def chosen(self, worth: np.ndarray, most: int, money: float) -> np.ndarray:
        """Take the worthiest contacts, one a customer, as many and as dear as may be."""
        customers = self.people["customer_id"].to_numpy()[self.offers.row]
        taken: list[int] = []
        seen: set[str] = set()
        for at in np.argsort(-worth, kind="stable"):
            cost = self.offers.spend[at] / 100
            if len(taken) == most or worth[at] == -np.inf:
                break
            if customers[at] not in seen and cost <= money:
                taken.append(int(at))
                seen.add(customers[at])
                money -= cost
        return np.array(taken, dtype=np.int64)


def _profit(world: World, chance: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    actions = [world.settings.actions[number] for number in world.offers.action]
    return contact_profit(
        chance,
        gamma=gamma,
        value=world.offers.value,
        offer_cost=[action.offer_cost for action in actions],
        contact_cost=[action.contact_cost for action in actions],
        take_rate=[action.take_rate for action in actions],
    )


def deployment(out: Path, seed: int, customers: int, months: int) -> Path:
    """Generate the operator if it is not there yet, and write its settings."""
    folder = out / f"decisions-{customers}x{months}-seed{seed}"
    if not (folder / "done").exists():
        generate(folder, customers=customers, months=months, seed=seed, control_share=0.5)
        (folder / "done").touch()
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["workspace"], settings["ingest"]["folder"] = "workspace", "extracts"
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def world_of(settings: Path) -> World:
    """Run the night, unless it is there, and set its contacts beside the truth."""
    with open_run(settings) as run:
        nightly.nightly(run)
        scores = score.score(run)
        decided = target.target(run)
        chosen = run.settings.targeting
        lazy = targeting.context(run.tables.known_at(scores.as_of), chosen)
        context = run.engine.to_arrow(lazy, order_by=["subscriber_id"]).to_pandas()
        chances = scores.frame()[["subscriber_id", "p_active", "p_passive"]]
        lives = survival.stored(run, scores.as_of)
        ids = own_ids(run)
        record = decided.plan().selected
    people = join(chances, context, chosen.tiers, scores.as_of)
    every = chosen.model_copy(update={"least_profit": EVERYONE})
    months = lives.months(people, chosen.value.discount_rate) if lives else None
    offers = candidates(people, every, scores.as_of, months=months).offers
    people["own"] = people["subscriber_id"].map(ids)
    truth = pd.read_parquet(settings.parent / "truth" / "outcomes.parquet")
    effects = pd.read_parquet(settings.parent / "truth" / "effects.parquet")
    night = str(scores.as_of.replace(day=1))
    truth = truth[truth["snapshot"].astype(str) == night].set_index("subscriber_id")
    effects = effects[effects["snapshot"].astype(str) == night]
    gammas = effects.set_index(["subscriber_id", "action"])["gamma"]
    names = np.array([action.name for action in chosen.actions])[offers.action]
    own = people["own"].to_numpy()[offers.row]
    known = pd.Index(own).isin(truth.index)
    offers, own, names = offers.at(known), own[known], names[known]
    answers = np.array([action.answers for action in chosen.actions])[offers.action]
    true, ours = (
        _answered(answers, *(rows[f"p_{cause}"].to_numpy() for cause in ("active", "passive")))
        for rows in (truth.loc[own], people.iloc[offers.row])
    )
    gamma = gammas.reindex(pd.MultiIndex.from_arrays([own, names])).fillna(0).to_numpy()
    listed = set(zip(record["subscriber_id"], record["action"], strict=True))
    pairs = zip(people["subscriber_id"].to_numpy()[offers.row], names, strict=True)
    selected = [pair in listed for pair in pairs]
    world = World(people, offers, np.empty(0), gamma, ours, np.array(selected), chosen)
    return World(**{**vars(world), "truly": _profit(world, true, gamma)})


def _answered(answers: np.ndarray, active: np.ndarray, passive: np.ndarray) -> np.ndarray:
    either = np.nan_to_num(active) + np.nan_to_num(passive)
    return np.select([answers == "active", answers == "passive"], [active, passive], either)


def _paying(profit: np.ndarray) -> np.ndarray:
    return np.where(profit > 0, profit, -np.inf)


def compared(world: World, seed: int) -> dict[str, dict[str, float]]:
    """Return what each way to choose truly earns."""
    source = np.random.default_rng(seed)
    most = int(world.selected.sum())
    money = float(world.offers.spend[world.selected].sum()) / 100
    assumed = np.array([a.effect for a in world.settings.actions])[world.offers.action]
    either = world.people[["p_active", "p_passive"]].max(axis=1).to_numpy()[world.offers.row]
    lists = {
        "random": world.chosen(source.random(len(world.offers)), most, money),
        "highest score": world.chosen(either + assumed * 1e-6, most, money),
        "highest value": world.chosen(world.offers.value + assumed * 1e-6, most, money),
        "chance x value, one effect": world.chosen(world.profit(assumed), most, money),
        "ours": np.flatnonzero(world.selected),
        "our chances, true effects": world.chosen(_paying(world.profit(world.gamma)), most, money),
        "perfect": world.chosen(_paying(world.truly), most, money),
    }
    return {
        name: {
            "contacts": len(rows),
            "profit": round(float(world.truly[rows].sum()), 2),
            "harmed": round(float((world.gamma[rows] < 0).mean()), 4) if len(rows) else 0.0,
        }
        for name, rows in lists.items()
    }


def main() -> None:
    """Measure every seed and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--out", type=Path, default=HERE / "out")
    given = parser.parse_args()
    for seed in given.seeds:
        found = compared(world_of(deployment(given.out, seed, given.customers, given.months)), seed)
        best = found["perfect"]["profit"]
        shares = {name: round(each["profit"] / best, 3) for name, each in found.items()}
        print(json.dumps({"seed": seed, "lists": found, "share_of_perfect": shares}), flush=True)


if __name__ == "__main__":
    main()
