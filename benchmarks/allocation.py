"""The allocation at the size of a large operator: gap to the bound, processor, memory, same bytes.

1,000,000 customers and five actions, those contacts that pay: under money, a number of contacts and
the room of four channels, and under places of 300 account managers besides, all of them scarce.
Each choice is made twice, in processes of their own, and has to be the same to the byte.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from hashlib import sha256

import numpy as np

from churn.targeting.allocation import Contacts, Limit, allocate
from churn.targeting.allocation.problem import kept

ACTIONS = 5
CHANNELS = 4
FLOORS = {"six limits": (0.001, 30.0), "300 binding": (0.001, 120.0)}
"""Gap to the bound and seconds that DESIGN asks for; 1 GiB both."""


def contacts(customers: int, managers: int, seed: int) -> Contacts:
    """Return the contacts that pay, with limits that leave room for a part of them.

    Parameters
    ----------
    managers
        How many account managers have places of their own; 0: none is limited.
    """
    source = np.random.default_rng(seed)
    value = source.lognormal(5.5, 0.8, customers)
    chance = source.beta(0.6, 12, customers)
    manager = source.integers(0, max(managers, 1), customers)
    parts = []
    for action in range(ACTIONS):
        effect = np.clip(source.normal(0.1 + 0.05 * action, 0.05, customers), 0, None)
        cost = 0.1 + 0.3 * action + source.random(customers) * (action > 1)
        worth = np.rint(100 * (chance * effect * value - cost)).astype(np.int64)
        pays = np.flatnonzero(worth > 0)
        parts.append(
            (
                pays,
                worth[pays],
                np.rint(100 * cost[pays]).astype(np.int64),
                np.full(len(pays), action),
            )
        )
    customer, worth, spend, action = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((action, customer))
    customer, worth, spend, action = (part[order] for part in (customer, worth, spend, action))
    reached = len(np.unique(customer))
    channel = action % CHANNELS
    room = np.array([0.10, 0.06, 0.05, 0.04]) * reached
    limits = [
        Limit("money", np.array([0.2 * reached * spend.mean()]), use=spend),
        Limit("contacts", np.array([0.2 * reached])),
        Limit("channel", np.floor(room), cell=channel),
    ]
    if managers:
        places = np.floor(source.uniform(0.3, 0.8, managers) * 0.2 * reached / managers)
        limits.append(Limit("manager", places, cell=manager[customer]))
    return Contacts(customer, worth, tuple(limits))


def measured(customers: int, managers: int, seed: int) -> dict[str, float | int | str]:
    """Return what one choice took, in a process of its own."""
    offered = contacts(customers, managers, seed)
    before, processor = time.perf_counter(), time.process_time()
    done = allocate(offered)
    seconds, processor = time.perf_counter() - before, time.process_time() - processor
    if not kept(offered, done.chosen):
        raise AssertionError("a limit is broken")
    return {
        "contacts that pay": len(offered),
        "chosen": len(done.chosen),
        "limits": sum(len(limit.at_most) for limit in offered.limits),
        "that bind": int((done.prices.each > 0).sum()),
        "gap": done.gap,
        "seconds": round(seconds, 1),
        "processor": round(processor, 1),
        "GiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "chosen, sha256": sha256(done.chosen.tobytes()).hexdigest()[:16],
    }


def main() -> None:
    """Print the figures of both choices beside what is asked for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--managers", type=int, nargs="+", default=[0, 300])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--times", type=int, default=2)
    asked = options.parse_args()
    apart = multiprocessing.get_context("spawn")
    for managers in asked.managers:
        hashes = set()
        for _ in range(asked.times):
            with apart.Pool(1) as pool:
                found = pool.apply(measured, (asked.customers, managers, asked.seed))
            hashes.add(found["chosen, sha256"])
            print(json.dumps(found), flush=True)
        if len(hashes) > 1:
            raise SystemExit("the same contacts led to different choices")
        gap, seconds = FLOORS["300 binding" if managers else "six limits"]
        print(f"asked for: gap {gap}, {seconds:.0f} s, 1 GiB", flush=True)


if __name__ == "__main__":
    main()
