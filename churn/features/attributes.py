"""Extra columns of subscribers, each a feature of its own: declared in the settings, not here."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import ibis.expr.types as ir

from churn.errors import SettingsError
from churn.features.family import ID, Family, View
from churn.features.feature import Feature
from churn.language import Text
from churn.tables import Attribute


def family(attributes: Sequence[Attribute], taken: Collection[str] = ()) -> Family:
    """Return the family whose features are the extra columns that the settings list.

    Parameters
    ----------
    taken
        Names that a feature cannot have, because other columns of the panel have them.

    Raises
    ------
    SettingsError
        If an extra column has such a name.
    """
    for attribute in attributes:
        if attribute.name in taken:
            raise SettingsError(
                f"there is a feature or a column of the panel called {attribute.name} already",
                where="ingest.tables.subscribers, extra",
                do="give the extra column another name",
            )

    def build(view: View) -> ir.Table:
        """One row per subscriber with any extra column."""
        rows = view.known.attributes
        return rows.group_by(ID).aggregate(
            **{
                extra.name: rows["text" if extra.unit == "class" else "number"].max(
                    where=rows["name"] == extra.name
                )
                for extra in attributes
            }
        )

    return Family(
        name="attributes",
        text=Text("other attributes", "其他属性"),
        needs=("attributes",),
        features=tuple(
            Feature(
                extra.name,
                extra.unit,
                extra.null_means,
                extra.en,
                extra.zh,
                words=extra.words,
                topic=extra.name,  # who delivers it knows what it is good for
            )
            for extra in attributes
        ),
        build=build,
    )
