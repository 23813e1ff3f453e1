"""The best set of contacts under limits, compared with trying every set."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.targeting.allocate import Contacts, Limits, allocate


def contacts(rows: list[tuple[int, int, int, int]]) -> Contacts:
    """Return contacts from rows of customer, channel, worth, spend."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Contacts(*columns)


def test_money_goes_to_the_densest_contacts():
    """Two cheap contacts beat the one that earns most."""
    offered = contacts([(0, 0, 100, 100), (1, 0, 70, 50), (2, 0, 60, 50)])
    assert allocate(offered, Limits(budget=100)).tolist() == [1, 2]
    assert allocate(offered, Limits(budget=200)).tolist() == [0, 1, 2]


def test_a_tight_budget_buys_a_customer_the_cheaper_action():
    """With money for both customers only if the first gets the cheaper action, it does."""
    offered = contacts([(0, 0, 100, 90), (0, 1, 80, 20), (1, 0, 50, 50)])
    assert allocate(offered, Limits(budget=70)).tolist() == [1, 2]


def test_the_contact_that_does_not_fit_whole_makes_room_for_one_that_does():
    """The second densest is too dear for what is left; the third fits."""
    offered = contacts([(0, 0, 90, 30), (1, 0, 100, 80), (2, 0, 10, 20)])
    assert allocate(offered, Limits(budget=50)).tolist() == [0, 2]


def test_equals_are_taken_in_their_order_until_the_money_is_gone():
    """Fifty of a hundred alike, and always the same fifty."""
    offered = contacts([(n, 0, 10, 2) for n in range(100)])
    assert allocate(offered, Limits(budget=101)).tolist() == list(range(50))


def test_a_full_channel_sends_the_customer_to_another():
    """One call only: the second customer is sent its second-best action."""
    offered = contacts([(0, 0, 100, 1), (1, 0, 90, 1), (1, 1, 40, 1)])
    assert allocate(offered, Limits(budget=10, capacity={0: 1})).tolist() == [0, 2]


def test_free_contacts_need_no_money_and_no_money_buys_nothing_else():
    """At a budget of nothing the contact that costs nothing is still made."""
    offered = contacts([(0, 0, 5, 0), (1, 0, 50, 1)])
    assert allocate(offered, Limits(budget=0)).tolist() == [0]
    assert allocate(contacts([]), Limits(budget=5)).tolist() == []


offer = st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(1, 50), st.integers(0, 30))


@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(offer, max_size=8).map(lambda rows: sorted(rows, key=lambda row: row[0])),
    budget=st.integers(0, 90),
    most=st.none() | st.integers(0, 3),
    calls=st.none() | st.integers(0, 2),
)
def test_no_set_within_the_limits_is_better_by_more_than_one_contact(rows, budget, most, calls):
    """Never over a limit, one contact a customer; under money alone within one of the optimum."""
    offered = contacts(rows)
    limits = Limits(budget, most, {} if calls is None else {0: calls})
    chosen = allocate(offered, limits)
    assert feasible(offered, limits, chosen)
    if most is None and calls is None:
        best = max(
            int(offered.worth[list(tried)].sum())
            for tried in every_set(offered)
            if feasible(offered, limits, np.array(tried, dtype=np.int64))
        )
        dearest = max((row[2] for row in rows), default=0)
        got = int(offered.worth[chosen].sum())
        assert best - dearest <= got <= best
        if budget >= sum(row[3] for row in rows):
            assert got == best


def feasible(offered: Contacts, limits: Limits, chosen: np.ndarray) -> bool:
    """Tell whether a set keeps every limit."""
    customers = offered.customer[chosen].tolist()
    calls = int((offered.channel[chosen] == 0).sum())
    return (
        offered.spend[chosen].sum() <= limits.budget
        and len(set(customers)) == len(customers)
        and (limits.contacts is None or len(chosen) <= limits.contacts)
        and calls <= limits.capacity.get(0, len(chosen))
    )


def every_set(offered: Contacts):
    """Yield every way to give each customer one contact or none."""
    choices = [
        [None, *np.flatnonzero(offered.customer == customer).tolist()]
        for customer in np.unique(offered.customer)
    ]
    for picked in product(*choices):
        yield [position for position in picked if position is not None]
