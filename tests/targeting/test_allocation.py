"""The best set of contacts under limits, compared with trying every set."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from churn.targeting.allocation import Allocation, Conflict, Contacts, Limit, allocate
from churn.targeting.allocation.problem import kept, worth

NO_LIMIT = float("inf")


def contacts(
    rows: list[tuple[int, int, int, int]],
    *,
    budget: float = NO_LIMIT,
    calls: float = NO_LIMIT,
    least_calls: float = 0,
) -> Contacts:
    """Return contacts from rows of customer, channel, worth, spend; channel 0 are calls."""
    customer, channel, value, spend = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Contacts(
        customer,
        value,
        (
            Limit("budget", np.array([budget]), use=spend),
            Limit(
                "channel",
                np.array([calls]),
                cell=np.where(channel == 0, 0, -1),
                at_least=np.array([least_calls]),
            ),
        ),
    )


def test_money_goes_to_the_densest_contacts():
    """Two cheap contacts beat the one that earns most."""
    rows = [(0, 0, 100, 100), (1, 0, 70, 50), (2, 0, 60, 50)]
    assert allocate(contacts(rows, budget=100)).chosen.tolist() == [1, 2]
    assert allocate(contacts(rows, budget=200)).chosen.tolist() == [0, 1, 2]


def test_a_tight_budget_buys_a_customer_the_cheaper_action():
    """With money for both customers only if the first gets the cheaper action, it does."""
    rows = [(0, 0, 100, 90), (0, 1, 80, 20), (1, 0, 50, 50)]
    assert allocate(contacts(rows, budget=70)).chosen.tolist() == [1, 2]


def test_the_best_whole_set_beats_the_densest_contacts():
    """The densest and what then still fits earn 100; the second alone earns as much and more."""
    rows = [(0, 0, 90, 30), (1, 0, 101, 80), (2, 0, 10, 20)]
    assert allocate(contacts(rows, budget=50)).chosen.tolist() == [0, 2]
    assert allocate(contacts(rows, budget=80)).chosen.tolist() == [1]


def test_equals_are_taken_in_their_order_until_the_money_is_gone():
    """Fifty of a hundred alike, and always the same fifty."""
    rows = [(n, 0, 10, 2) for n in range(100)]
    assert allocate(contacts(rows, budget=101)).chosen.tolist() == list(range(50))


def test_a_full_channel_sends_the_customer_to_another():
    """One call only: the second customer is sent its second-best action."""
    rows = [(0, 0, 100, 1), (1, 0, 90, 1), (1, 1, 40, 1)]
    done = allocate(contacts(rows, budget=10, calls=1))
    assert done.chosen.tolist() == [0, 2]
    assert done.exact


def test_free_contacts_need_no_money_and_no_money_buys_nothing_else():
    """At a budget of nothing the contact that costs nothing is still made."""
    assert allocate(contacts([(0, 0, 5, 0), (1, 0, 50, 1)], budget=0)).chosen.tolist() == [0]
    assert allocate(contacts([], budget=5)).chosen.tolist() == []


def test_what_does_not_pay_is_done_only_where_a_floor_asks_for_it():
    """Of two calls that lose money the cheaper one is made, for one is asked for."""
    rows = [(0, 0, -30, 1), (1, 0, -20, 1), (2, 1, 40, 1)]
    assert allocate(contacts(rows)).chosen.tolist() == [2]
    done = allocate(contacts(rows, least_calls=1))
    assert done.chosen.tolist() == [1, 2]
    assert done.worth == 20


@pytest.mark.parametrize(
    ("limits", "reached", "against"),
    [
        ({"budget": 25}, 2, ("budget",)),
        ({"calls": 1}, 1, ("channel",)),
        ({}, 3, ()),
    ],
)
def test_a_floor_that_cannot_be_reached_names_what_stands_against_it(limits, reached, against):
    """Money for two calls, room for one, or three customers in all: four calls are impossible."""
    rows = [(n, 0, 5, 10) for n in range(3)]
    with pytest.raises(Conflict) as told:
        allocate(contacts(rows, least_calls=4, **limits))
    conflict = told.value
    assert (conflict.floor, conflict.asked, conflict.reached) == ("channel", 4, reached)
    assert conflict.against == against


def test_floors_that_only_together_cannot_be_reached_are_refused():
    """Both customers are asked for twice: by a call each, and by one text message."""
    customer = np.array([0, 0, 1, 1])
    cell = np.array([0, 1, 0, 1])
    limit = Limit("channel", np.full(2, NO_LIMIT), cell=cell, at_least=np.array([2.0, 1.0]))
    with pytest.raises(Conflict):
        allocate(Contacts(customer, np.full(4, 5), (limit,)))


def drawn(source: np.random.Generator) -> Contacts:
    """Draw a small world: money, places by channel, regions with a floor now and then."""
    customer = np.sort(source.integers(0, source.integers(1, 6), source.integers(1, 10)))
    count = len(customer)
    money, places = float(source.integers(0, 90)), source.integers(0, 4, 2).astype(float)
    floor = np.array([float(source.random() < 0.3), 0.0, 0.0])
    region = source.integers(-1, 3, count)
    return Contacts(
        customer,
        source.integers(-10, 60, count),
        (
            Limit("money", np.array([money]), use=source.integers(0, 30, count)),
            Limit("channel", places, cell=source.integers(-1, 2, count)),
            Limit("region", np.array([NO_LIMIT, 2.0, NO_LIMIT]), cell=region, at_least=floor),
        ),
    )


def best_of_all(offered: Contacts) -> int | None:
    """Try every set: what the best one within the limits is worth, none if there is none."""
    choices = [
        [None, *np.flatnonzero(offered.customer == customer).tolist()]
        for customer in np.unique(offered.customer)
    ]
    sets = (np.array([p for p in picked if p is not None], int) for picked in product(*choices))
    return max((worth(offered, each) for each in sets if kept(offered, each)), default=None)


def allocated(offered: Contacts, *, small: int) -> Allocation | None:
    """Allocate, none where it is impossible."""
    try:
        return allocate(offered, small=small)
    except Conflict:
        return None


def test_small_choices_are_the_best_there_is():
    """On 300 drawn worlds equal to trying every set, and impossible only where none is allowed.

    Prices and repair alone, on every sixth, keep every limit, and the best is never above the
    bound they prove.
    """
    source = np.random.default_rng(11)
    refused = 0
    for world in range(300):
        offered = drawn(source)
        best = best_of_all(offered)
        exact = allocated(offered, small=1_000)
        assert (None if exact is None else exact.worth) == best
        refused += best is None
        if exact is None or best is None:
            continue
        assert exact.exact
        assert kept(offered, exact.chosen)
        priced = allocated(offered, small=0) if world % 6 == 0 else None
        if priced is not None:
            assert kept(offered, priced.chosen)
            assert priced.worth <= best <= priced.bound
    assert 10 < refused < 100


@pytest.fixture(scope="module")
def large() -> Contacts:
    """Return 20,000 customers with up to three actions, under money, regions and managers."""
    source = np.random.default_rng(5)
    customer = np.repeat(np.arange(20_000), source.integers(1, 4, 20_000))
    count = len(customer)
    value = np.rint(source.lognormal(6, 1, count)).astype(np.int64)
    region, manager = source.integers(0, 10, 20_000), source.integers(0, 50, 20_000)
    return Contacts(
        customer,
        value,
        (
            Limit("money", np.array([2e6]), use=source.integers(20, 900, count)),
            Limit("region", source.integers(300, 900, 10).astype(float), cell=region[customer]),
            Limit("manager", source.integers(30, 120, 50).astype(float), cell=manager[customer]),
        ),
    )


def test_a_large_choice_is_within_a_thousandth_of_the_bound_and_the_same_each_time(large):
    """Dozens of binding limits: the gap is proven, all limits are kept, twice the same choice."""
    done = allocate(large)
    assert kept(large, done.chosen)
    assert (done.prices.each > 0).sum() >= 30
    assert 0 <= done.gap < 0.001
    assert done.chosen.tobytes() == allocate(large).chosen.tobytes()


def test_a_price_tells_what_one_more_unit_earns(large):
    """With 5,000 more money the bound grows by the price of each, within a twentieth."""
    done = allocate(large)
    money, *others = large.limits
    more = Limit("money", money.at_most + 5_000, use=money.use)
    richer = allocate(Contacts(large.customer, large.worth, (more, *others)))
    assert richer.bound - done.bound == pytest.approx(5_000 * done.prices.each[0], rel=0.05)
