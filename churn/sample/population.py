"""Who the lines are: households and firms, their tariffs, temper and contacts."""

from __future__ import annotations

import numpy as np

from churn.sample import vocabulary as words
from churn.sample.lines import CONTACTS, NEVER, NOT_OUT, Lines

SIZES = np.array([0.60, 0.25, 0.10, 0.05])  # chance of 1, 2, 3, 4 lines a customer
FIRST_PRODUCT = np.array([0.80, 0.08, 0.12, 0.0])
NEXT_PRODUCT = np.array([0.42, 0.12, 0.46, 0.0])
FIRM_PRODUCT = np.array([0.50, 0.22, 0.16, 0.12])
OWN_CONTACTS = 0.62
COMMUNITY = 40.0  # spread of contacts, in lines
AT_FIRST: dict[str, float] = {  # what is alike of all new lines
    **dict.fromkeys(
        ("decline", "courted", "trouble", "lateness", "unpaid", "oldest_due", "hold"), 0
    ),
    **dict.fromkeys(("complaint_opened", "complaint_closed", "visited", "last_suspended"), -NEVER),
    **dict.fromkeys(("out_from", "out_until", "earlier_from", "earlier_until", "removed"), NEVER),
    **dict.fromkeys(("out_kind", "earlier_kind"), NOT_OUT),
    "complaint_about": 0,
    "unasked": 99,
    "price": 1.0,
    "habit": 0.1,
    "owed": 0.0,
    "soft": False,
}


def lines(
    rng: np.random.Generator, count: int, *, before: Lines | None, day: int, until: int
) -> Lines:
    """Draw ``count`` new lines.

    Parameters
    ----------
    before
        The lines there are already; without them the base of the first day is drawn, with a past.
    day, until
        Newcomers are registered on one of the days ``[day, until)``.
    """
    offset = 0 if before is None else len(before)
    holder, place, size = _customers(rng, count)
    customers = int(holder[-1]) + 1
    business = (rng.random(customers) < 0.06)[holder]
    product = _products(rng, business, place)
    with_broadband = np.bincount(holder, product == words.BROADBAND, customers)[holder] > 0
    bundle = np.where((size > 1) & with_broadband & ~business, 1 + (size > 2), 0)
    bundle *= (rng.random(customers) < 0.75)[holder]
    sensitivity = 0.6 * rng.standard_normal(customers)[holder] + 0.8 * rng.standard_normal(count)
    plan = _plans(rng, product, business, sensitivity, newcomers=before is not None)
    key = (business & (rng.random(customers) < 0.25)[holder]) * rng.integers(1, 8, customers)[
        holder
    ]
    activated, registered = _activation(rng, count, plan, day, until, first=before is None)
    contract = _contracts(rng, plan, activated, day, first=before is None)
    return Lines(
        product=product,
        business=business,
        region=rng.choice(8, customers, p=[0.16, 0.14, 0.14, 0.13, 0.12, 0.11, 0.11, 0.09])[holder],
        plan=plan,
        customer=holder + (0 if before is None else int(before.customer[-1]) + 1),
        bundle=bundle,
        household=size,
        key_class=key,
        manager=np.where(key > 0, rng.integers(0, 10, customers)[holder], -1),
        opt_out=rng.choice(5, customers, p=[0.90, 0.05, 0.03, 0.01, 0.01])[holder],
        activated=activated,
        registered=registered,
        sensitivity=sensitivity,
        level=rng.standard_normal(count),
        discipline=rng.standard_normal(count),
        frailty=rng.standard_normal(count),
        response=rng.standard_normal((count, len(words.ACTIONS))),
        contacts=_contacts(rng, product, offset, before),
        circle=np.arange(offset, offset + count),
        mood=0.5 * rng.standard_normal(count),
        use=np.zeros((count, 6)),
        contract_end=contract,
        discount=np.clip(0.12 + 0.09 * sensitivity + 0.03 * rng.standard_normal(count), 0, 0.5),
        extras=np.where(rng.random(count) < 0.3, 5.0 + 5.0 * rng.integers(0, 4, count), 0.0),
        amounts=np.zeros((count, 4)),
        complaints=np.zeros((count, 3)),
        faults=np.zeros((count, 3)),
        slow_faults=np.zeros((count, 3)),
        hazard=np.zeros((count, 3)),
        **{name: np.full(count, value) for name, value in AT_FIRST.items()},
    )


def _customers(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return per line its customer, its place there and the customer's number of lines."""
    sizes = 1 + rng.choice(4, count, p=SIZES)
    last = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    sizes = sizes[:last]
    sizes[-1] -= int(sizes.sum()) - count
    holder = np.repeat(np.arange(last), sizes)
    place = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return holder, place, sizes[holder]


def _products(rng: np.random.Generator, business: np.ndarray, place: np.ndarray) -> np.ndarray:
    count = len(business)
    drawn = np.where(
        place == 0, rng.choice(4, count, p=FIRST_PRODUCT), rng.choice(4, count, p=NEXT_PRODUCT)
    )
    return np.where(business, rng.choice(4, count, p=FIRM_PRODUCT), drawn)


def _plans(
    rng: np.random.Generator,
    product: np.ndarray,
    business: np.ndarray,
    sensitivity: np.ndarray,
    *,
    newcomers: bool,
) -> np.ndarray:
    """Choose tariffs: the price-sensitive take cheap ones; campus cards come with newcomers."""
    count = len(product)
    taste = sensitivity + 0.7 * rng.standard_normal(count)
    mobile = np.select([taste < -0.9, taste < 0.1, taste < 0.6], [0, 1, words.DATA_KING], 2)
    prepaid = rng.random(count) < 0.22
    campus = rng.random(count) < (0.12 if newcomers else 0.06)
    mobile = np.where(prepaid, words.PREPAID, np.where(campus, words.CAMPUS, mobile))
    mobile = np.where(business, 6, mobile)
    broadband = np.select([taste > 0.5, taste > -0.6], [7, 8], 9)
    return np.select(
        [product == words.MOBILE, product == words.BROADBAND, product == words.FIXED],
        [mobile, broadband, np.where(business, 11, 10)],
        12,
    )


def _activation(
    rng: np.random.Generator, count: int, plan: np.ndarray, day: int, until: int, *, first: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return activation and registration days; a few cards are registered and not used yet."""
    if first:
        past = day - 1 - np.floor(1_250.0 * rng.standard_gamma(0.9, count)).astype(np.int64)
        return past, past
    registered = rng.integers(day, until, count)
    wait = np.where(rng.random(count) < 0.3, rng.integers(20, 120, count), NEVER)
    waiting = (plan == words.PREPAID) & (rng.random(count) < 0.12)
    return np.where(waiting, np.minimum(registered + wait, NEVER), registered), registered


def _contracts(
    rng: np.random.Generator, plan: np.ndarray, activated: np.ndarray, day: int, *, first: bool
) -> np.ndarray:
    count = len(plan)
    bound = (plan != words.PREPAID) & (plan != words.CAMPUS) & (rng.random(count) < 0.75)
    term = np.where(rng.random(count) < 0.6, 730, 365)
    end = day + rng.integers(-30, term) if first else activated + term
    return np.where(bound, end, 0)


def _contacts(
    rng: np.random.Generator, product: np.ndarray, offset: int, before: Lines | None
) -> np.ndarray:
    """Return (n, 10) contacts: neighbours among our lines, or minus the network outside."""
    count = len(product)
    total = offset + count
    outside = -rng.choice([1, 2, 3], (count, CONTACTS), p=[0.78, 0.18, 0.04])
    here = np.arange(offset, total) if before is None else rng.integers(0, total, count)
    reach = np.round(COMMUNITY * rng.standard_normal((count, CONTACTS))).astype(np.int64)
    chosen = np.clip(here[:, None] + reach, 0, total - 1)
    products = product if before is None else np.concatenate([before.product, product])
    talks = products <= words.FIXED
    own = (rng.random((count, CONTACTS)) < OWN_CONTACTS) & talks[chosen]
    own &= chosen != np.arange(offset, total)[:, None]
    contacts = np.where(own, chosen, outside)
    contacts[product > words.FIXED] = -1
    return contacts.astype(np.int32)
