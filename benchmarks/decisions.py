"""Decisions against the truth: what tonight's list earns beside other ways to choose as many.

Generated operators with planted effects, some of them harmful, and half of past selections held
out. After a whole night every way to choose makes a list of as many contacts as the night's own (or
fewer, where it sees no more that pay), one a customer, within the night's money; each is paid by
the true chance and the true effect. A night resumes where it stopped, and a world that was measured
is not measured again: its figures lie beside it in ``decisions.json``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from scipy.stats import norm
from uplift import theirs

from churn import targeting
from churn.evaluation.profit import contact_profit
from churn.sample import generate
from churn.targeting import effects
from churn.targeting.allocation import Contacts, Limit, allocate
from churn.targeting.candidates import Candidates, candidates
from churn.targeting.effects.measuring import answered, randomised, reckoned
from churn.targeting.people import join
from churn.targeting.settings import TargetingSettings
from pipelines import nightly, score, survival, target, uplift
from pipelines.identities import own_ids
from pipelines.run import Run, open_run

HERE = Path(__file__).parent
SETTINGS = HERE.parent / "pipelines" / "settings" / "sample.yaml"
EVERYONE = -1e9
"""A least profit that leaves every contact that may be made."""
FEWEST = 30
"""Departures in either arm below which the library is not asked of an action."""
PEERS = ("random", "highest score", "highest value", "chance x value, one effect", "library")
BOUND = float(norm.ppf(0.95))


class Truth:
    """What the generator wrote beside the deliveries: chances and effects by month."""

    def __init__(self, folder: Path) -> None:
        self._outcomes = self._indexed(folder / "outcomes.parquet", [])
        self._effects = self._indexed(folder / "effects.parquet", ["action"])["gamma"]

    def chances(self, own: np.ndarray, months: np.ndarray) -> pd.DataFrame:
        """Return ``p_active, p_passive`` of subscribers in a month, null of who is not there."""
        asked = pd.MultiIndex.from_arrays([own, months])
        return self._outcomes[["p_active", "p_passive"]].reindex(asked)

    def gamma(self, own: np.ndarray, months: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Return the effects; an action that changes nothing for somebody is not in the file."""
        asked = pd.MultiIndex.from_arrays([own, months, actions])
        return self._effects.reindex(asked).fillna(0).to_numpy()

    @staticmethod
    def _indexed(file: Path, further: list[str]) -> pd.DataFrame:
        rows = pd.read_parquet(file)
        rows["snapshot"] = rows["snapshot"].astype(str)
        return rows.set_index(["subscriber_id", "snapshot", *further])


@dataclass(frozen=True)
class World:
    """The contacts that may be made tonight, with what they truly earn.

    Attributes
    ----------
    offers
        One entry per subscriber and action: all arrays below have its shape, (k,).
    chance, true_chance
        That of the cause which the action answers, ours and the true one.
    ours, gamma
        The effect that the night reckons with, and the true one.
    selected
        Whether the night selected it, controls included.
    truly
        Its true expected profit, in currency.
    """

    people: pd.DataFrame
    offers: Candidates
    settings: TargetingSettings
    chance: np.ndarray
    true_chance: np.ndarray
    ours: np.ndarray
    gamma: np.ndarray
    selected: np.ndarray

    @property
    def truly(self) -> np.ndarray:
        """Return what each contact earns."""
        return self.profit(self.true_chance, self.gamma)

    @property
    def customers(self) -> np.ndarray:
        """Return whom each contact reaches."""
        return self.people["customer_id"].to_numpy()[self.offers.row]

    def profit(self, chance: np.ndarray, gamma: np.ndarray) -> np.ndarray:
        """Return what contacts would earn by some chances under some effects."""
        actions = [self.settings.actions[number] for number in self.offers.action]
        return contact_profit(
            chance,
            gamma=gamma,
            value=self.offers.value,
            offer_cost=[action.offer_cost for action in actions],
            contact_cost=[action.contact_cost for action in actions],
            take_rate=[action.take_rate for action in actions],
        )

    def chosen(self, worth: np.ndarray, *, paying: bool = False) -> np.ndarray:
        """Take the worthiest contacts, one a customer, as many and as dear as the night's own."""
        most, money = int(self.selected.sum()), float(self.offers.spend[self.selected].sum())
        customers, taken, seen = self.customers, [], set()
        for at in np.argsort(-worth, kind="stable"):
            if len(taken) == most or (paying and worth[at] <= 0):
                break
            cost = self.offers.spend[at]
            if customers[at] not in seen and cost <= money:
                taken.append(int(at))
                seen.add(customers[at])
                money -= cost
        return np.array(taken, dtype=np.int64)

    def allocated(self, worth: np.ndarray) -> np.ndarray:
        """Take the set of contacts worth most, as many and as dear as the night's own at most."""
        code = pd.factorize(self.customers)[0]
        order = np.argsort(code, kind="stable")
        most, money = float(self.selected.sum()), float(self.offers.spend[self.selected].sum())
        limits = (
            Limit("contacts", np.array([most])),
            Limit("money", np.array([money]), use=self.offers.spend[order]),
        )
        cents = np.rint(worth[order] * 100).astype(np.int64)
        return order[allocate(Contacts(code[order], cents, limits)).chosen]


def deployment(
    out: Path,
    seed: int,
    customers: int,
    months: int,
    calls_per_month: float = 10,
    stayers: float = 1,
) -> Path:
    """Generate the operator if it is not there yet, and write its settings."""
    thinned = f"-stayers{stayers:g}" if stayers < 1 else ""
    folder = out / f"decisions-{customers}x{months}x{calls_per_month:g}-seed{seed}{thinned}"
    if not (folder / "done").exists():
        generate(
            folder,
            customers=customers,
            months=months,
            seed=seed,
            calls_per_month=calls_per_month,
            control_share=0.5,
        )
        (folder / "done").touch()
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["workspace"], settings["ingest"]["folder"] = "workspace", "extracts"
    settings["panel"] = {**settings.get("panel", {}), "keep_negatives": stayers}
    path = folder / "churn.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def world_of(run: Run, scores: score.Scores, decided: targeting.TargetList, truth: Truth) -> World:
    """Set the contacts of a night beside the truth."""
    chosen = run.settings.targeting
    lazy = targeting.context(run.tables.known_at(scores.as_of), chosen)
    context = run.engine.to_arrow(lazy, order_by=["subscriber_id"]).to_pandas()
    chances = scores.frame()[["subscriber_id", "p_active", "p_passive"]]
    people = join(chances, context, chosen.tiers, scores.as_of)
    every = chosen.model_copy(update={"least_profit": EVERYONE})
    lives = survival.stored(run, scores.as_of)
    months = lives.months(people, chosen.value.discount_rate) if lives else None
    offers = candidates(people, every, scores.as_of, months=months).offers
    month = str(scores.as_of.replace(day=1))
    own = people["subscriber_id"].map(own_ids(run)).to_numpy()
    there = truth.chances(own, np.full(len(own), month))["p_active"].notna().to_numpy()
    offers = offers.at(there[offers.row])
    own, then = own[offers.row], np.full(len(offers), month)
    names = np.array([action.name for action in chosen.actions])[offers.action]
    answers = np.array([action.answers for action in chosen.actions])[offers.action]
    listed = set(zip(decided.selected["subscriber_id"], decided.selected["action"], strict=True))
    pairs = zip(people["subscriber_id"].to_numpy()[offers.row], names, strict=True)
    measured = uplift.stored(run, scores.as_of)
    used = reckoned(measured.effects() if measured else (), people)
    ours = np.empty(len(offers))
    for number, action in enumerate(chosen.actions):
        one = offers.action == number
        each = np.broadcast_to(used.get(action.name, np.array(action.effect)), len(people))
        ours[one] = each[offers.row[one]]
    return World(
        people=people,
        offers=offers,
        settings=chosen,
        chance=_answered(answers, people.iloc[offers.row]),
        true_chance=_answered(answers, truth.chances(own, then)),
        ours=ours,
        gamma=truth.gamma(own, then, names),
        selected=np.array([pair in listed for pair in pairs]),
    )


def _answered(answers: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
    active, passive = (rows[f"p_{cause}"].fillna(0).to_numpy() for cause in ("active", "passive"))
    either = active + passive
    return np.select([answers == "active", answers == "passive"], [active, passive], either)


def library(world: World, arms: pd.DataFrame, python: str) -> np.ndarray:
    """Return the effects that a maintained library finds in the arms, by subscriber.

    It learns, action by action, how much a contact takes off the chance to leave; where an action
    has next to no arms it knows no more than the settings.
    """
    found = np.empty(len(world.offers))
    words = sorted(effects.arms.WORDS)
    for number, action in enumerate(world.settings.actions):
        one = world.offers.action == number
        found[one] = action.effect
        rows, _ = randomised(arms[arms["action"] == action.name])
        rows = rows.assign(event=answered(rows, action))
        left = rows.groupby("treated")["event"].sum().reindex([0, 1]).fillna(0)
        if one.any() and left.min() >= FEWEST:
            asked = world.people.iloc[world.offers.row[one]].reset_index(drop=True)
            # it takes no missing values; none of these numbers is below 0
            numbers = [name for name in effects.EARLIER if name not in words]
            for known in (rows, asked):
                known[numbers] = known[numbers].astype("float64").fillna(-1.0)
            found[one] = -theirs(rows, asked, effects.EARLIER, words, python)["effect"]
            found[one] /= np.maximum(world.chance[one], 1e-6)  # of the chance, as profit takes it
    return found


def lists(world: World, seed: int, arms: pd.DataFrame, python: str | None) -> dict[str, np.ndarray]:
    """Return what each way to choose takes: positions among the offers."""
    source = np.random.default_rng(seed)
    assumed = np.array([a.effect for a in world.settings.actions])[world.offers.action]
    either = world.people[["p_active", "p_passive"]].max(axis=1).to_numpy()[world.offers.row]
    chance, true = world.chance, world.true_chance
    found = {
        "random": world.chosen(source.random(len(world.offers))),
        "highest score": world.chosen(either + assumed * 1e-6),
        "highest value": world.chosen(world.offers.value + assumed * 1e-6),
        "chance x value, one effect": world.chosen(world.profit(chance, assumed)),
        "ours": np.flatnonzero(world.selected),
        "ours, chosen one by one": world.chosen(world.profit(chance, world.ours), paying=True),
        "true chances, our effects": world.allocated(world.profit(true, world.ours)),
        "our chances, true effects": world.allocated(world.profit(chance, world.gamma)),
        "perfect": world.allocated(world.truly),
    }
    if python is not None:
        own = library(world, arms, python)
        found["library"] = world.allocated(world.profit(chance, own))
    return found


def coverage(run: Run, measured: uplift.Uplift, truth: Truth) -> dict[str, bool]:
    """Tell of each measured action whether its interval holds what contacts truly changed.

    The truth is that of everyone drawn in believed campaigns: risks of the month of the draw,
    draws weighed by what they can tell.
    """
    own, every, held = own_ids(run), measured.rows(), {}
    actions = {action.name: action for action in run.settings.targeting.actions}
    for effect in measured.effects():
        if not effect.measured:
            continue
        action = actions[effect.action]
        rows, _ = randomised(every[every["action"] == effect.action])
        names = rows["subscriber_id"].map(own).to_numpy()
        months = pd.to_datetime(rows["drawn_from"]).dt.strftime("%Y-%m-01").to_numpy()
        answers, named = (np.full(len(rows), name) for name in (action.answers, action.name))
        alone = _answered(answers, truth.chances(names, months))
        share = rows.groupby(list(effects.DRAW))["treated"].transform("mean").to_numpy()
        weight = share * (1 - share) * alone
        true = float(weight @ truth.gamma(names, months, named) / weight.sum())
        held[effect.action] = effect.gamma.lower <= true <= effect.gamma.upper
    return held


def figures(world: World, found: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return what each list earns and harms, and ours less others, paired by customer."""
    truly, (code, _) = world.truly, pd.factorize(world.customers)
    people = int(code.max()) + 1
    earned = {name: np.bincount(code[rows], truly[rows], people) for name, rows in found.items()}
    harm = {
        name: np.bincount(code[rows], (world.gamma[rows] < 0) / max(len(rows), 1), people)
        for name, rows in found.items()
    }
    best = earned["perfect"].sum()
    told: dict[str, Any] = {
        name: {
            "contacts": len(rows),
            "profit": round(float(earned[name].sum()), 2),
            "of_perfect": round(float(earned[name].sum() / best), 4),
            "harmed": round(float(harm[name].sum()), 4),
        }
        for name, rows in found.items()
    }
    reachable = earned["our chances, true effects"].sum()
    one = "chance x value, one effect"
    return {
        "lists": told,
        "of_own_chances_with_true_effects": round(float(earned["ours"].sum() / reachable), 4),
        "regret": round(float(best - earned["ours"].sum()), 2),
        "ours_less": {
            name: _paired(earned["ours"] - earned[name]) for name in PEERS if name in found
        },
        "harmed_less": _paired(harm["ours"] - harm[one]),
    }


def _paired(difference: np.ndarray) -> dict[str, float]:
    """Return a difference summed over customers, and the variance of that sum."""
    spread = difference - difference.mean()
    return {"value": float(difference.sum()), "variance": float(spread @ spread)}


def told(worlds: Sequence[dict[str, Any]]) -> list[str]:
    """Return the figures of all worlds together: one-sided 95 % bounds, paired by customer."""
    lines = []
    names = dict.fromkeys(name for world in worlds for name in world["lists"])
    for name in names:
        each = [world["lists"][name] for world in worlds if name in world["lists"]]
        shares = ", ".join(f"{one['of_perfect']:.3f}" for one in each)
        harmed = ", ".join(f"{one['harmed']:.3f}" for one in each)
        lines.append(f"{name:28} of perfect {shares}; harmed {harmed}")
    shares = ", ".join(f"{world['of_own_chances_with_true_effects']:.3f}" for world in worlds)
    lines.append(f"of what our chances earn with true effects: {shares}")
    for name in PEERS:
        each = [world["ours_less"][name] for world in worlds if name in world["ours_less"]]
        if each:
            lines.append(f"ours less {name:28} {_bounds(each, 1)}")
    harms = [world["harmed_less"] for world in worlds]
    lines.append(f"harmed, ours less chance x value       {_bounds(harms, -1)}")
    held = [held for world in worlds for held in world["coverage"].values()]
    lines.append(f"intervals of effects that hold the truth: {sum(held)} of {len(held)}")
    return lines


def _bounds(each: Sequence[dict[str, float]], side: int) -> str:
    """Return sums with their lower (1) or upper (-1) bounds, world by world and of all."""
    every = {name: sum(one[name] for one in each) for name in ("value", "variance")}
    words = [
        f"{one['value']:.4g} ({'>' if side > 0 else '<'} {_bound(one, side):.4g})"
        for one in (*each, every)
    ]
    return "; ".join(words[:-1]) + f"; together {words[-1]}"


def _bound(one: dict[str, float], side: int) -> float:
    return one["value"] - side * BOUND * float(np.sqrt(one["variance"]))


def measured(settings: Path, seed: int, python: str | None) -> dict[str, Any]:
    """Return a world's figures: run its night, unless it is there, and set it beside the truth."""
    kept = settings.parent / "decisions.json"
    if kept.exists():
        return dict(json.loads(kept.read_text("utf-8")))
    truth = Truth(settings.parent / "truth")
    with open_run(settings) as run:
        nightly.nightly(run)
        scores = score.score(run)
        decided = target.target(run).plan()
        world = world_of(run, scores, decided, truth)
        changed = uplift.uplift(run)
        found = figures(world, lists(world, seed, changed.rows(), python))
        found["coverage"] = coverage(run, changed, truth)
    kept.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


def main() -> None:
    """Measure every seed and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--calls-per-month", type=float, default=10)
    parser.add_argument("--stayers", type=float, default=1, help="share of them that teaches")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--out", type=Path, default=HERE / "out")
    parser.add_argument("--python", help="interpreter of an environment with econml")
    given = parser.parse_args()
    worlds = []
    for seed in given.seeds:
        settings = deployment(
            given.out, seed, given.customers, given.months, given.calls_per_month, given.stayers
        )
        worlds.append(measured(settings, seed, given.python))
        print(json.dumps({"seed": seed, **worlds[-1]}), flush=True)
    print("\n".join(told(worlds)))


if __name__ == "__main__":
    main()
