"""The nowcast: how many events a night will have had, from those that are seen by now.

The model promised ``E`` events. Of the final events of such nights a share ``a`` has been seen by
now, and besides ``b`` per final event that will not last. With the night's level ``g`` (observed
over promised in the end; before anything is seen 1, give or take :data:`LEVEL_SPREAD`):

- seen so far: ``C ~ Poisson(g E (a + b))``, so that given ``C`` the level is a Gamma;
- the final number: of ``C`` a share ``a / (a + b)`` lasts (Binomial), and ``Poisson(g E (1 - a))``
  are still to come.

``a`` and ``b`` are not known but counted, from references: they are drawn from their Beta and
Gamma, as wide as the references' months lay apart at the night's age. The interval is the middle
95 % of what is drawn. Early it rests on the model's promise widened by what nights differ, late on
what was counted: no half-seen night is taken at its word.
"""

from __future__ import annotations

import numpy as np

from churn import draws
from churn.evaluation.intervals import Interval
from churn.evaluation.ranking import FloatArray
from churn.frozen import Frozen
from churn.monitoring.development import Development, Evidence, Progress

LEVEL_SPREAD = 0.5
"""How far a night's observed/expected lies from 1 before anything is seen: standard deviation."""
DRAWS = 4000


class Nowcast(Frozen):
    """What a night's events are expected to be in the end.

    Attributes
    ----------
    expected
        Events that the chances promise.
    seen
        Events seen so far, those that may not last included.
    known
        The share of the final events that is seen by now.
    final
        Events in the end, with the interval in which 95 of 100 such nights end.
    ratio
        The same over ``expected``.
    """

    expected: float
    seen: float
    known: float
    final: Interval
    ratio: Interval


def nowcast(
    development: Development,
    *,
    seen_day: int,
    seen: float,
    expected: float,
    scale: float = 1.0,
    seed: int = 0,
) -> Nowcast:
    """Complete what is seen of one night's events of one head.

    Parameters
    ----------
    seen_day
        The last day of the outcome window, counted from 0, that is observed by now.
    seen, expected
        Events seen and promised; weighted where rows are.
    scale
        What one event counts for: 1, or the mean weight where rows are weighted.

    Raises
    ------
    ValueError
        If no event is promised.
    """
    if expected <= 0 or scale <= 0:
        raise ValueError("a nowcast needs events that are promised, and a scale above 0")
    progress = development.progress(seen_day)
    drawn = _drawn(
        progress,
        development.evidence(seen_day),
        seen=seen / scale,
        expected=expected / scale,
        seed=seed,
    )
    # In the middle: the mean of what is drawn, which is what a sum over nights adds up from.
    final = Interval(
        value=float(drawn.mean()) * scale,
        lower=float(np.quantile(drawn, 0.025)) * scale,
        upper=float(np.quantile(drawn, 0.975)) * scale,
    )
    ratio = Interval(
        **{name: getattr(final, name) / expected for name in ("value", "lower", "upper")}
    )
    return Nowcast(expected=expected, seen=seen, known=progress.lasting, final=final, ratio=ratio)


def _drawn(
    progress: Progress, evidence: Evidence, *, seen: float, expected: float, seed: int
) -> FloatArray:
    """Draw final numbers of events: shape (DRAWS,)."""
    source = draws.generator(seed)
    lasting, false = progress.lasting, progress.passing
    known = source.beta(
        lasting * evidence.lasting + 0.5, (1 - lasting) * evidence.lasting + 0.5, DRAWS
    )
    if lasting == 0:
        known = np.zeros(DRAWS)  # nothing was ever seen so early: there is nothing to draw
    passing = (
        source.gamma(false * evidence.passing + 0.5, 1 / evidence.passing, DRAWS) if false else 0.0
    )
    shape = LEVEL_SPREAD**-2
    level = source.gamma(shape + seen, 1.0, DRAWS) / (shape + expected * (known + passing))
    both = known + passing
    share = np.divide(known, both, out=np.ones(DRAWS), where=both > 0)
    lasts = source.binomial(round(seen), np.clip(share, 0.0, 1.0))
    coming = source.poisson(level * expected * (1 - known))
    return np.asarray(lasts + coming, dtype=np.float64)
