"""A feature family: a pure function from the tables known at a snapshot to one row a subscriber."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import ibis.expr.types as ir

from churn.features.feature import Feature
from churn.language import Text
from churn.states import StateSettings, spans, state_at
from churn.tables import Known, holder
from churn.windows import Window

ID = "subscriber_id"


@dataclass(frozen=True)
class View:
    """What a family may look at: the tables as the snapshot knew them, and what codes mean.

    Parameters
    ----------
    known
        The tables as known on the snapshot day.
    states
        How the operator's status codes read.
    """

    known: Known
    states: StateSettings

    @property
    def day(self) -> date:
        """The snapshot, which itself belongs to the future."""
        return self.known.day

    def window(self, table: str, days: int) -> Window:
        """Return the ``days`` that end where the deliveries of ``table`` known that day end."""
        return self.known.window(table, days)

    @cached_property
    def spans(self) -> ir.Table:
        """Service states as non-overlapping spans of days, see :func:`churn.states.spans`."""
        return spans(self.known.status_events, self.states)

    @cached_property
    def current(self) -> ir.Table:
        """The state each subscriber was in as far as known: subscriber_id, state, cause, since."""
        return state_at(self.spans, self.day)

    @cached_property
    def lines(self) -> ir.Table:
        """Lines on the books with their holder: subscriber_id, product, customer_id."""
        books = self.known.subscribers
        return books.select(ID, "product", customer_id=holder(books))


@dataclass(frozen=True)
class Family:
    """Features that are computed together because they read the same tables.

    Parameters
    ----------
    name, text
        The family's key, and its name in both languages: reasons are grouped by it.
    needs
        The canonical tables without which it is left out.
    features
        Its columns, in their order.
    build
        From the view of a snapshot to one row per subscriber with ``subscriber_id`` and one
        expression per feature. It never drops anyone for who they are: a subscriber it does not
        mention gets nulls, or zeros where ``null_means`` is ``NONE``.
    """

    name: str
    text: Text
    needs: tuple[str, ...]
    features: tuple[Feature, ...]
    build: Callable[[View], ir.Table]

    def __post_init__(self) -> None:
        """Write the family's name into its features."""
        named = tuple(replace(feature, family=self.name) for feature in self.features)
        object.__setattr__(self, "features", named)

    def delivered(self, known: Known) -> bool:
        """Tell whether every table it needs was delivered by that day."""
        return all(known.has(name) for name in self.needs)

    def rows(self, view: View) -> ir.Table:
        """Return the family's columns in their declared types, one row per subscriber.

        Raises
        ------
        ValueError
            If what it builds and what it declares differ: a defect of the family.
        """
        built = self.build(view)
        declared = {feature.name for feature in self.features}
        differing = declared.symmetric_difference(set(built.columns) - {ID})
        if differing:
            raise ValueError(
                f"family {self.name} declares and builds different features: {sorted(differing)}"
            )
        return built.select(
            ID, **{feature.name: _typed(built[feature.name], feature) for feature in self.features}
        )


def _typed(value: ir.Value, feature: Feature) -> ir.Value:
    """Round a number to float32 through float64, so that exact sums are rounded only once."""
    if feature.categorical:
        return value.cast("string")
    return value.cast("float64").cast("float32")
