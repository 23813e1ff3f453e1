"""The last step before a hand-out: names and phones masked, and the operator's own ids.

They stay good enough to recognise, and are too little to misuse.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from churn.progress import Movements

_NAMED = ("subscriber_id", "customer_id")
_GROUP = "group_id"
STARS = "*" * 4
_LONG, _MEDIUM = 11, 7


def with_masked_contacts(frame: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Fill ``name`` and ``phone``, masked, from ``subscriber_id, name, phone`` rows.

    Who has no contact details keeps empty cells; rows and their order stay.
    """
    details = contacts.drop_duplicates("subscriber_id").set_index("subscriber_id")
    names, phones = (details[name].dropna().to_dict() for name in ("name", "phone"))
    ids = frame["subscriber_id"]
    return frame.assign(
        name=[mask_name(names.get(key)) for key in ids],
        phone=[mask_phone(phones.get(key)) for key in ids],
    )


def with_movements(frame: pd.DataFrame, moved: Movements | None) -> pd.DataFrame:
    """Add ``movement, chance_before, chance`` to a list; null where no list was before.

    Both hold the same contacts, each once.
    """
    names = ["movement", "chance_before", "chance"]
    if moved is None:
        blank = pd.Series([None] * len(frame), frame.index, dtype="str")
        return frame.assign(movement=blank, chance_before=float("nan"), chance=float("nan"))
    rows = moved.listed.set_index("subscriber_id").loc[frame["subscriber_id"], names]
    return frame.assign(**{name: rows[name].to_numpy() for name in names})


def hashed_ids(*lists: pd.DataFrame) -> set[str]:
    """Return the keyed hashes that stand in lists."""
    return {
        hashed
        for rows in lists
        for name in (*_NAMED, _GROUP)
        if name in rows
        for hashed in rows[name].dropna()
    }


def with_own_ids(frame: pd.DataFrame, own: Mapping[str, str]) -> pd.DataFrame:
    """Put the operator's own ids back in place of the keyed hashes; where there is none, none.

    Of a group that a map from before groups were in it lacks, nothing is told.

    Raises
    ------
    ValueError
        If the map lacks an id: a list must not carry ids nobody can read.
    """
    named = [name for name in _NAMED if name in frame]
    missing = sum(hashed not in own for name in named for hashed in frame[name].dropna())
    if missing:
        raise ValueError(f"{missing} ids of the list are not in the id map")
    named += [_GROUP] if _GROUP in frame else []
    return frame.assign(**{name: [own.get(hashed) for hashed in frame[name]] for name in named})


def mask_name(name: str | None) -> str | None:
    """Keep the first character of a Chinese name, of any other the first of each word.

    The number of stars says nothing of the name's length.

    Examples
    --------
    >>> mask_name("张小明"), mask_name("Ada Lovelace"), mask_name(" "), mask_name(None)
    ('张**', 'A** L**', None, None)
    """
    words = (name or "").split()
    return " ".join(f"{word[0]}**" for word in words) or None


def mask_phone(phone: str | None) -> str | None:
    """Keep the first three and last four digits of a mobile number, less of a shorter one.

    Separators are dropped; a number of fewer than seven digits is hidden whole.

    Examples
    --------
    >>> mask_phone("13812341234"), mask_phone("010-8555 0001"), mask_phone("8555001")
    ('138****1234', '010****0001', '8****01')
    >>> mask_phone("10086"), mask_phone(None)
    ('****', None)
    """
    text = (phone or "").strip()
    digits = "".join(character for character in text if character.isdigit())
    if not text:
        return None
    if len(digits) >= _LONG:
        return digits[:3] + STARS + digits[-4:]
    if len(digits) >= _MEDIUM:
        return digits[0] + STARS + digits[-2:]
    return STARS
