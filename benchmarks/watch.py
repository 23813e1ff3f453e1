"""The watch from end to end: generated operators in which something changes, until it is told.

One operator is lived, ingested and trained on, and scores its first nights. From there on it goes
on in four ways: as before; with the hazard of leaving multiplied; with arrears that list every
open bill, due or not, under the header of old; with leavers who let their line be cut off instead
of giving notice. Each way's deliveries are ingested, its nights scored and watched by the commands
of the product, up to the first delivery that covers 30 days after the change. What was done is not
done again: a stopped measurement goes on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import yaml

from churn.sample import behaviour, generate, hazards, money
from churn.sample.clock import Month
from churn.sample.departures import CURED, WON_BACK
from churn.sample.lines import Lines
from churn.sample.writing import amounts, compact_dates
from churn.store.atomic import folder as whole_folder
from churn.windows import add_months

SETTINGS = Path(__file__).parent.parent / "pipelines" / "settings" / "sample.yaml"
CHURN = "from pipelines.cli import main; main()"
CHANGES = ("none", "rate", "feature", "cause")
START = date(2023, 1, 1)
TRAINED, WATCHED, CHANGED, LAST = 10, 12, 13, 15
"""Months from the start: of the model, of the first watch and of the change; the first delivery to
cover 30 days after it."""
RISEN = 1.3
MOVED = 0.3  # of those who would have left
TABLES = (
    "subscribers",
    "contact_details",
    "status_events",
    "bills",
    "arrears",
    "complaints",
    "campaign_contacts",
)
QUICK: dict[str, Any] = {
    "threads": 1,
    "tree": {"doublings": 0, "rebalancing": {"methods": ["none"]}},
    "boosting": {"rounds": 60, "search": {"trials": 0}, "rebalancing": {"methods": ["none"]}},
    "network": {"hidden": [16], "members": 1, "steps": 100},
    "combination": {"replicates": 20},
}
"""Learners that take little: the watch asks whether chances come true, not how well they rank."""


def day(month: int) -> str:
    """Return the first of a month."""
    return add_months(START, month).isoformat()


def more_leave(chances: np.ndarray) -> np.ndarray:
    """Return daily chances with more of those who leave of their own will."""
    changed = chances.copy()
    changed[:, 0] *= RISEN
    return changed


def leave_otherwise(chances: np.ndarray) -> np.ndarray:
    """Return daily chances where some leavers stop paying instead; as many leave for good."""
    moved = MOVED * chances[:, 0]
    changed = chances.copy()
    changed[:, 0] -= moved
    changed[:, 1] += moved * (1 - WON_BACK) / (1 - CURED)
    return changed


def every_open_bill(lines: Lines, month: Month) -> dict[str, pa.Array]:
    """Return arrears that list what is billed and not yet due, too."""
    rows = np.flatnonzero(
        ((lines.unpaid > 0) | (lines.amounts[:, 0] > 0)) & lines.on_books(month.end)
    )
    open_days = month.end - 1 - lines.oldest_due[rows]
    return {
        "用户编号": pa.array(lines.numbers[rows]),
        "统计日期": compact_dates(np.full(len(rows), month.end - 1)),
        "欠费金额": pa.array(amounts(lines.owed[rows] + lines.amounts[rows, 0])),
        "欠费天数": pa.array(np.where(lines.unpaid[rows] > 0, open_days, 1)),
        "欠费账期数": pa.array(lines.unpaid[rows] + 1),
    }


@contextmanager
def changed(change: str) -> Iterator[None]:
    """Let worlds that are generated meanwhile change, and nothing else in them.

    The generator's own seasons and campaigns of a competitor are left out: a model that has seen
    two months is wrong in another season, and being told so is no false alarm.
    """
    daily, overdue = hazards.daily, money.overdue
    ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "rate": more_leave,
        "cause": leave_otherwise,
    }

    def chances(lines: Lines, month: Month) -> np.ndarray:
        before = daily(lines, month)
        return ways[change](before) if change in ways and month.index >= CHANGED else before

    def arrears(lines: Lines, month: Month) -> dict[str, pa.Array]:
        # delivered on the first of the month after
        tells = every_open_bill if change == "feature" and month.index >= CHANGED - 1 else overdue
        return tells(lines, month)

    with (
        patch.object(hazards, "daily", chances),
        patch.object(money, "overdue", arrears),
        patch.object(hazards, "HOLIDAYS", np.zeros(12)),
        patch.object(behaviour, "RIVAL_MONTHS", frozenset()),
    ):
        yield


def lived(home: Path, seed: int, change: str, size: int) -> Path:
    """Generate an operator, if it is not there yet; return its extracts."""
    world = home / f"world-{change}"
    if not (world / "generated").exists():
        shutil.rmtree(world, ignore_errors=True)
        with changed(change):
            generate(
                world, customers=size, months=LAST, seed=seed, calls_per_month=0.05, dirty=False
            )
        shutil.rmtree(world / "truth")
        (world / "generated").touch()
    return world / "extracts"


def delivered(world: Path, to: Path, until: str) -> None:
    """Put the files delivered by a day where they are ingested from."""
    for table in TABLES:
        (to / table).mkdir(parents=True, exist_ok=True)
        for file in sorted((world / table).glob("*.csv.gz")):
            if file.name.removesuffix(".csv.gz").rpartition("_")[2] <= until.replace("-", ""):
                shutil.copy2(file, to / table / file.name)


def settings(home: Path, engine: str) -> None:
    """Write the settings of a deployment."""
    content = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    tables = content["ingest"]["tables"]
    content["workspace"], content["ingest"]["folder"] = "workspace", "extracts"
    content["ingest"]["tables"] = {name: tables[name] for name in TABLES}
    content["panel"] = {"test": 2, "calibration": 2}
    content["engine"] = {"memory": engine, "threads": 1}
    content["learning"] = QUICK
    (home / "churn.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def churn(home: Path, *words: str) -> None:
    """Run a command of the product to its end."""
    command = [sys.executable, "-P", "-c", CHURN, *words, "--settings", "churn.yaml"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-2000:]}")


def watched(home: Path, months: range) -> None:
    """Score and watch the first of each month, in the order of time."""
    for month in months:
        if (home / "watched" / day(month)).exists():
            continue
        churn(home, "score", "--as-of", day(month))
        if month >= WATCHED:
            churn(home, "monitor", "--as-of", day(month))
        (home / "watched").mkdir(exist_ok=True)
        (home / "watched" / day(month)).touch()


def begun(home: Path, world: Path, engine: str) -> Path:
    """Ingest, train and watch what all ways share: everything up to the month of the change."""
    place = home / "shared"
    if not (place / "trained").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        settings(place, engine)
        delivered(world, place / "extracts", day(CHANGED - 1))
        churn(place, "ingest")
        churn(place, "train", "--as-of", day(TRAINED))
        (place / "trained").touch()
    watched(place, range(TRAINED, CHANGED))
    return place


def gone_on(home: Path, shared: Path, world: Path, change: str) -> dict[str, Any]:
    """Let an operator go on in one way; return what its watches told."""
    place = home / change
    if not place.exists():
        with whole_folder(place) as partial:
            shutil.copytree(shared, partial, dirs_exist_ok=True)
            delivered(world, partial / "extracts", day(LAST))
    if not (place / "ingested").exists():
        churn(place, "ingest")
        (place / "ingested").touch()
    watched(place, range(CHANGED, LAST + 1))
    return {"change": change, "looks": [told(place, month) for month in range(WATCHED, LAST + 1)]}


def told(place: Path, month: int) -> dict[str, Any]:
    """Return what one watch told: alarms, drift, and nowcasts beside what became final."""
    path = place / "workspace" / "stages" / "monitor" / day(month) / "monitor.json"
    record = json.loads(path.read_text("utf-8"))
    return {
        "on": day(month),
        "alarms": [
            {
                "head": each["head"],
                "group": each["group"],
                "ratio": round(each["stretch"]["ratio"]["value"], 2),
                "since": each["stretch"]["since"],
                "chance": each["stretch"]["chance"],
            }
            for each in record["alarms"]
        ],
        "drift": [each["feature"] for each in record["drift"] or ()],
        "base_rates": record["base_rates"],
        "forecasts": [
            forecast["held"]
            for head in record["heads"].values()
            for night in head["nights"]
            for forecast in night["forecasts"]
        ],
        "nights": {
            head: [
                {
                    "night": night["night"],
                    "ratio": night["nowcast"]["ratio"] if night["nowcast"] else None,
                    "final": night["metrics"].get("observed_expected"),
                }
                for night in figures["nights"]
            ]
            for head, figures in record["heads"].items()
        },
    }


def shown(seed: int, found: dict[str, Any]) -> None:
    """Print an operator's looks, one a line: what was told, and how earlier nowcasts held."""
    for look in found["looks"]:
        alarms = [
            f"{each['head']} ({each['group']}) {each['ratio']} since {each['since']}"
            for each in look["alarms"]
        ]
        held = f"{sum(look['forecasts'])} of {len(look['forecasts'])} nowcasts held"
        print(
            f"seed {seed}, {found['change']}, {look['on']}: {'; '.join(alarms) or 'no alarm'}; "
            f"inputs drifted: {len(look['drift'])}; {held}",
            flush=True,
        )


def main() -> None:
    """Measure what was not measured yet, and print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--subscribers", type=int, default=30_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--changes", nargs="+", choices=CHANGES, default=list(CHANGES))
    parser.add_argument("--memory", default="2GB", help="of the engine")
    given = parser.parse_args()
    for seed in given.seeds:
        home = given.out / f"{given.subscribers}-seed{seed}"
        home.mkdir(parents=True, exist_ok=True)
        for change in given.changes:
            figures = home / f"{change}.json"
            if not figures.exists():
                # what the ways share has the same bytes in every world: it is the first's
                shared = begun(home, lived(home, seed, "none", given.subscribers), given.memory)
                world = lived(home, seed, change, given.subscribers)
                found = gone_on(home, shared, world, change)
                figures.write_text(json.dumps(found, indent=1), encoding="utf-8")
            shown(seed, json.loads(figures.read_text("utf-8")))


if __name__ == "__main__":
    main()
