"""What a way to choose would have earned, and how well an order of subscribers finds the uplift.

By inverse propensity over randomised arms: a contact that a policy would have made is valued where
the lot made it, and compared with where the lot did not. Everything is a mean over subscribers of
what each adds, so that intervals follow from how that varies between them (Hitsch, Misra and Zhang,
"Heterogeneous treatment effects and optimal targeting policy evaluation", 2024). The uplift curve
tells what contacting the first so many in an order would earn; AUUC is the area below it, Qini the
area between it and that of a random order (Radcliffe, "Using control groups to target on predicted
lift", 2007; Gutierrez and Gérardy, PMLR 67, 2017).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from churn.evaluation.intervals import Interval
from churn.frozen import Frozen
from churn.late import Late

stats = Late("scipy.stats")

FloatArray = npt.NDArray[np.float64]


class Policies(Frozen):
    """What ways to choose would have earned more than contacting nobody, per selected subscriber.

    Attributes
    ----------
    everyone, alike, own
        Contacting all; whom one effect for all says to pay; whom own effects say to pay, each out
        of sample. In currency, with 95 % intervals.
    auuc, qini
        Of the order by what own effects say each contact earns, in the same unit.
    """

    everyone: Interval
    alike: Interval
    own: Interval
    auuc: Interval
    qini: Interval


def added(earned: npt.ArrayLike, treated: npt.ArrayLike, share: npt.ArrayLike) -> FloatArray:
    """Return what contacting each row adds, as the lot tells it: shape (n,), its mean the effect.

    Parameters
    ----------
    earned
        What each row brought, in currency or events.
    treated
        0 or 1.
    share
        Chance with which the row was treated, in (0, 1).
    """
    amount = np.asarray(earned, dtype=np.float64)
    arm = np.asarray(treated, dtype=np.float64)
    chance = np.asarray(share, dtype=np.float64)
    lot = arm / chance - (1 - arm) / (1 - chance)
    # what a mean row of the lot would have brought without any contact tells nothing, and is noise
    weight = np.where(arm > 0, 1 - chance, chance)
    return np.asarray(lot * (amount - np.average(amount, weights=weight)), dtype=np.float64)


def policy_value(
    gain: FloatArray,
    contacts: npt.ArrayLike,
    subscribers: npt.NDArray[np.int64],
    *,
    among: int = 1,
) -> Interval:
    """Return what a policy earns per row more than contacting nobody.

    Parameters
    ----------
    gain
        Of :func:`added`, shape (n,).
    contacts
        Share of each row that the policy contacts, or by how much more than another one does.
    subscribers
        Whose row each is, as numbers from 0: rows of one subscriber are no independent evidence.
    among
        How many policies are looked at: the interval is corrected for it (Bonferroni).
    """
    each = gain * np.asarray(contacts, dtype=np.float64)
    by_subscriber = np.bincount(subscribers, each - each.mean())
    error = float(np.sqrt(by_subscriber @ by_subscriber)) / len(each)
    far = float(stats.norm.ppf(1 - 0.025 / among)) * error
    middle = float(each.mean())
    return Interval(value=middle, lower=middle - far, upper=middle + far)


def areas(
    gain: FloatArray, worth: FloatArray, subscribers: npt.NDArray[np.int64]
) -> tuple[Interval, Interval]:
    """Return AUUC and Qini of the order by ``worth``, highest first, the order taken as fixed.

    In the unit of ``gain``, per row. Rows alike in worth share their place.
    """
    place = places(worth)
    auuc = policy_value(gain, 1 - place, subscribers)
    return auuc, policy_value(gain, 0.5 - place, subscribers)


def places(worth: FloatArray) -> FloatArray:
    """Return where each row stands in the order by ``worth``, highest first: in (0, 1)."""
    return np.asarray(
        (stats.rankdata(-worth, method="average") - 0.5) / len(worth), dtype=np.float64
    )


def policies(
    gain: FloatArray,
    subscribers: npt.NDArray[np.int64],
    *,
    alike: FloatArray,
    own: FloatArray,
) -> Policies:
    """Return the value of contacting all, and of two ways to choose by expected profit.

    Parameters
    ----------
    alike, own
        Expected profit of each row's contact by one effect for all, and by own effects: (n,).
    """
    auuc, qini = areas(gain, own, subscribers)
    return Policies(
        everyone=policy_value(gain, np.ones(len(gain)), subscribers),
        alike=policy_value(gain, alike > 0, subscribers),
        own=policy_value(gain, own > 0, subscribers),
        auuc=auuc,
        qini=qini,
    )
