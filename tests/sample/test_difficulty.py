"""No single thing an operator sees gives the leavers away."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from churn.windows import add_months
from tests.sample.conftest import World

Values = dict[str, float]


def _column(table: pa.Table, name: str) -> np.ndarray:
    return np.array([np.nan if v is None else float(v) for v in table[name].to_pylist()])


def _bills(world: World, month: date, delivered: date) -> dict[str, Values]:
    name = f"bills_{month:%Y%m}_{delivered:%Y%m%d}.csv.gz"
    table = world.read(world.folder / "extracts" / "bills" / name)
    ids = table["subscriber_id"].to_pylist()
    used = _column(table, "usage") + _column(table, "data")
    return {
        "used": dict(zip(ids, used, strict=True)),
        "due": dict(zip(ids, _column(table, "amount_due"), strict=True)),
        "discount": dict(zip(ids, _column(table, "discount"), strict=True)),
        "extras": dict(zip(ids, _column(table, "value_added"), strict=True)),
        "unpaid": dict(zip(ids, np.isnan(_column(table, "amount_paid")) * 1.0, strict=True)),
    }


def _features(world: World, t: date) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return simple features of every subscriber on the list delivered on ``t``."""
    last, before, quarter = add_months(t, -1), add_months(t, -2), add_months(t, -4)
    listed = world.read(
        world.folder / "extracts" / "subscribers" / f"subscribers_{last:%Y%m}_{t:%Y%m%d}.csv.gz"
    )
    ids = listed["subscriber_id"].to_pylist()
    now = _bills(world, last, t)
    paid = _bills(world, before, t)
    past = _bills(world, quarter, add_months(quarter, 2))

    def pick(values: Values) -> np.ndarray:
        return np.array([values.get(line, np.nan) for line in ids])

    def counts(table: str, key: str) -> np.ndarray:
        total: Values = {}
        for path in world.files(table):
            if t >= date.fromisoformat(path.name[-15:-7]):
                for line in world.read(path)[key].to_pylist():
                    total[line] = total.get(line, 0.0) + 1
        found: np.ndarray = np.nan_to_num(pick(total))
        return found

    def days(name: str) -> np.ndarray:
        values = [None if v is None else date.fromisoformat(v) for v in listed[name].to_pylist()]
        return np.array([np.nan if v is None else float((t - v).days) for v in values])

    def ranks(name: str) -> np.ndarray:
        words = np.array(listed[name].fill_null("").to_pylist())
        return np.unique(words, return_inverse=True)[1].astype(float)

    features = {
        "use trend": pick(now["used"]) / (pick(past["used"]) + 1),
        "bill": pick(now["due"]),
        "bill rise": pick(now["due"]) / (pick(past["due"]) + 1),
        "discount": pick(now["discount"]),
        "extras": pick(now["extras"]),
        "unpaid": pick(paid["unpaid"]),
        "complaints": counts("complaints", "用户编号"),
        "faults": counts("faults", "subscriber_id"),
        "arrears": counts("arrears", "用户编号"),
        "states": counts("status_events", "用户编号"),
        "reminders": counts("notices", "subscriber_id"),
        "tenure": days("activated_on"),
        "to end of contract": np.nan_to_num(days("contract_ends_on"), nan=-2_000.0),
        "product": ranks("product"),
        "plan": ranks("plan"),
        "bundle": ranks("bundle"),
        "region": ranks("region"),
    }
    return ids, features


@pytest.mark.parametrize("head", ["active", "passive"])
def test_no_single_feature_separates(world: World, head: str) -> None:
    """Each simple feature alone stays at or below an ROC AUC of 0.68, either way round."""
    truth = world.truth()
    aucs: dict[str, float] = {}
    rows: list[dict[str, np.ndarray]] = []
    labels: list[np.ndarray] = []
    for t in (date(2023, 7, 1), date(2023, 9, 1), date(2023, 11, 1)):
        ids, features = _features(world, t)
        here = truth["snapshot"] == np.datetime64(t)
        outcome = dict(
            zip(truth["subscriber_id"][here], truth["outcome"][here] == head, strict=True)
        )
        known = np.array([line in outcome for line in ids])
        rows.append({name: values[known] for name, values in features.items()})
        labels.append(np.array([outcome[line] for line in np.array(ids)[known]]))
    label = np.concatenate(labels)
    for name in rows[0]:
        value = np.concatenate([row[name] for row in rows])
        auc = roc_auc_score(label, np.nan_to_num(value, nan=float(np.nanmedian(value))))
        aucs[name] = max(auc, 1 - auc)
    noise = 0.5 / np.sqrt(label.sum())
    assert max(aucs.values()) < 0.68 + noise, aucs
