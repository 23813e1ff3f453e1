"""What is made of whom people are in touch with finds what was planted there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from churn import features
from churn.engines import Engine
from churn.features import FAMILIES

DAY = date(2025, 7, 1)
LEFT = "退网停机"


def family(name: str) -> Any:
    """Return a family by its name."""
    (found,) = (one for one in FAMILIES if one.name == name)
    return found


def called(line: str, peers: Any, last: date, draw: np.random.Generator) -> list[dict[str, Any]]:
    """Write two calls with each contact person in the 60 days before a day."""
    return [
        {
            "subscriber_id": line,
            "peer_id": str(peer),
            "started_at": f"{last - timedelta(days=int(draw.integers(1, 60)))} 10:00",
            "seconds": int(draw.integers(30, 600)),
            "kind": "voice",
            "network": "own",
        }
        for peer in peers
        for _ in range(2)
    ]


@pytest.fixture
def rows_of(engine: Engine, rows_as_tables: Any) -> Any:
    """Compute a family on a day."""

    def compute(name: str, **tables: Any) -> dict[str, dict[str, Any]]:
        known = rows_as_tables(tables).known_at(DAY)
        table = features.build(known, known.subscribers, families=[family(name)])
        return {row.pop("subscriber_id"): row for row in engine.to_arrow(table).to_pylist()}

    return compute


def test_who_talks_with_leavers_is_ranked_above_who_does_not(rows_of: Any) -> None:
    """The chance to leave was planted by contacts that left; a shuffled outcome shows nothing."""
    draw = np.random.default_rng(1)
    lines = [f"s{at}" for at in range(400)]
    gone = set(draw.choice(lines, 60, replace=False))
    peers = {line: draw.choice(lines, 8, replace=False) for line in lines}
    exposed = np.array([len(gone & {*peers[line]}) for line in lines])
    leaves = draw.random(len(lines)) < 0.05 + 0.2 * exposed
    status = [
        {
            "subscriber_id": line,
            "effective_at": f"2025-06-{draw.integers(1, 28):02}",
            "status": LEFT,
        }
        for line, day in zip(sorted(gone), draw.integers(1, 30, len(gone)), strict=True)
    ]
    rows = rows_of(
        "peers",
        subscribers=[{"subscriber_id": line} for line in lines],
        status_events=status,
        calls=[call for line in lines for call in called(line, peers[line], DAY, draw)],
    )
    for name, wanted in (("peers_left_90d", 0.65), ("talk_left_share_90d", 0.6)):
        values = np.array([rows[line][name] for line in lines], dtype=float)
        assert roc_auc_score(leaves, values) > wanted, name
        assert abs(roc_auc_score(draw.permutation(leaves), values) - 0.5) < 0.1, name
    assert [rows[line]["peers_left_90d"] for line in lines] == exposed.tolist()


def test_re_entry_finds_planted_ones(rows_of: Any) -> None:
    """Of those recognised at least nine in ten are; families and neighbours share contacts too."""
    draw = np.random.default_rng(2)
    circles = [[f"x{circle}-{at}" for at in range(14)] for circle in range(40)]
    hubs = [f"hub{at}" for at in range(5)]
    people, status, calls, planted = [], [], [], set()

    def line(name: str, circle: int, contacts: Any, since: date, last: date) -> None:
        people.append({"subscriber_id": name, "activated_on": since})
        calls.extend(called(name, [*contacts, *draw.choice(hubs, 3, replace=False)], last, draw))

    for circle, members in enumerate(circles):
        for at in range(3):  # who stays, with contacts of the same circle
            contacts = draw.choice(members, 7, replace=False)
            line(f"stays{circle}-{at}", circle, contacts, date(2020, 1, 1), DAY)
        contacts = draw.choice(members, 8, replace=False)
        left = DAY - timedelta(days=int(draw.integers(60, 110)))
        line(f"left{circle}", circle, contacts, date(2020, 1, 1), left)
        status.append({"subscriber_id": f"left{circle}", "effective_at": left, "status": LEFT})
        began = left + timedelta(days=int(draw.integers(0, 20)))
        if circle % 2:  # comes back with most of whom it knew
            known = [*draw.choice(contacts, 6, replace=False), f"new{circle}"]
            planted.add(f"again{circle}")
            line(f"again{circle}", circle, known, began, DAY)
        else:  # a neighbour's first line
            others = draw.choice(members, 7, replace=False)
            line(f"fresh{circle}", circle, others, began, DAY)
    rows = rows_of("re_entry", subscribers=people, status_events=status, calls=calls)
    found = {name for name, row in rows.items() if row["re_entry"]}
    assert len(found & planted) >= 0.9 * len(found)
    assert len(found & planted) >= 0.8 * len(planted)
    assert all(row["re_entry"] == 0 for name, row in rows.items() if name.startswith("stays"))
