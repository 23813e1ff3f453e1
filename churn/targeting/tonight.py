"""The limits of one night over its offers, as the allocation reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn.targeting.actions import Action, Channel
from churn.targeting.allocation import Limit
from churn.targeting.candidates import Candidates
from churn.targeting.limits import LimitSettings, column

CENTS = 100


@dataclass(frozen=True)
class NightLimits:
    """The night's limits as the allocation reads them, and what their cells are called.

    Parameters
    ----------
    cells
        Per limit the values that its cells stand for, ``""`` where it has one cell only.
    """

    limits: tuple[Limit, ...]
    cells: tuple[tuple[str, ...], ...]
    money: frozenset[str]


def night_limits(
    offers: Candidates,
    people: pd.DataFrame,
    actions: Sequence[Action],
    limits: Sequence[LimitSettings],
    *,
    budget: int,
    most_contacts: int | None,
    capacity: Mapping[Channel, int],
    used: Mapping[str, Mapping[str, float]],
) -> NightLimits:
    """Return every limit of the night over the offers.

    Parameters
    ----------
    budget
        What may be spent, in cents.
    used
        Per limit and cell what earlier contacts have used, see :func:`used_before`.
    """
    built = [Limit("budget", np.array([float(max(budget, 0))]), use=offers.spend)]
    cells: list[tuple[str, ...]] = [("",)]
    if most_contacts is not None:
        built.append(Limit("contacts", np.array([float(most_contacts)])))
        cells.append(("",))
    if capacity:
        names = tuple(sorted(capacity))
        code = np.array([_place(action.channel, names) for action in actions], dtype=np.int32)
        most = np.array([float(capacity[name]) for name in names])
        built.append(Limit("channel", most, cell=code[offers.action]))
        cells.append(names)
    for limit in limits:
        drawing = np.array([limit.draws(action) for action in actions])[offers.action]
        values, cell = _cells(limit, offers, people, drawing)
        before = used.get(limit.name, {})
        unit = CENTS if limit.counts == "money" else 1
        no_limit = float("inf") if limit.at_most is None else limit.at_most
        most = np.array([limit.each.get(v, no_limit) - before.get(v, 0.0) for v in values])
        built.append(
            Limit(
                limit.name,
                np.floor(np.maximum(most, 0.0) * unit),
                cell=cell,
                use=offers.spend if limit.counts == "money" else None,
                at_least=np.full(len(values), float(limit.at_least)) if limit.at_least else None,
            )
        )
        cells.append(values)
    money = {"budget", *(limit.name for limit in limits if limit.counts == "money")}
    return NightLimits(tuple(built), tuple(cells), frozenset(money))


def _place(name: str, names: Sequence[str]) -> int:
    return names.index(name) if name in names else -1


def _cells(
    limit: LimitSettings,
    offers: Candidates,
    people: pd.DataFrame,
    drawing: np.ndarray,
) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the values that share a limit, and which each offer draws on (-1: none)."""
    if limit.by is None:
        return ("",), np.where(drawing, 0, -1).astype(np.int32)
    code, values = pd.factorize(people[column(limit)].astype("str"), sort=True)
    named = sorted({*map(str, values), *limit.each})
    place = np.array([named.index(str(value)) for value in values], dtype=np.int32)
    each = np.where(code < 0, -1, place[code] if len(place) else -1)
    return tuple(named), np.where(drawing, each[offers.row], -1).astype(np.int32)
