"""What a table's columns are to learning, and what is said where a role is filled wrongly."""

from __future__ import annotations

from typing import Literal

from churn.errors import UsageError

#: The column to predict, its value that counts, those that do not, the column that names a row, and
#: the one that names what must not be torn apart, the one that tells when a row was known, and how
#: far apart these must be; columns that are left out, columns whose kind is told, and what parts
#: them in the file.
Role = Literal[
    "target", "positive", "negative", "id", "group", "time", "gap", "leave-out", "read", "delimiter"
]  # fmt: skip


class RoleError(UsageError):
    """What was named for a role does not fit the table.

    Parameters
    ----------
    role
        The role that is filled wrongly.
    mended_by
        The role to fill instead, where that is another one.
    """

    def __init__(self, what: str, *, role: Role, do: str, mended_by: Role | None = None) -> None:
        super().__init__(what, where=f"role: {role}", do=do)
        self.role = role
        self.mended_by = mended_by
