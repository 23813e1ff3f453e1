"""The last step before a hand-out: masked names and phones, and the operator's own ids."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churn.report.masking import mask_name, mask_phone

_NAMED = ("subscriber_id", "customer_id")


def with_masked_contacts(frame: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Fill ``name`` and ``phone``, masked, from ``subscriber_id, name, phone`` rows.

    Who has no contact details keeps empty cells; rows and their order stay.
    """
    details = contacts.drop_duplicates("subscriber_id").set_index("subscriber_id")
    names = _lookup(details["name"])
    phones = _lookup(details["phone"])
    ids = frame["subscriber_id"]
    return frame.assign(
        name=[mask_name(names.get(key)) for key in ids],
        phone=[mask_phone(phones.get(key)) for key in ids],
    )


def hashed_ids(*lists: pd.DataFrame) -> set[str]:
    """Return the keyed hashes that stand in lists."""
    return {hashed for rows in lists for name in _NAMED if name in rows for hashed in rows[name]}


def with_own_ids(frame: pd.DataFrame, own: Mapping[str, str]) -> pd.DataFrame:
    """Put the operator's own ids back in place of the keyed hashes.

    Raises
    ------
    ValueError
        If the map lacks an id: a list must not carry ids nobody can read.
    """
    named = [name for name in _NAMED if name in frame]
    missing = sum(hashed not in own for name in named for hashed in frame[name])
    if missing:
        msg = f"{missing} ids of the list are not in the id map"
        raise ValueError(msg)
    return frame.assign(**{name: [own[hashed] for hashed in frame[name]] for name in named})


def _lookup(column: pd.Series[str]) -> dict[str, str]:
    filled = column.dropna()
    return dict(zip(filled.index, filled, strict=True))
