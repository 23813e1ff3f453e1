"""Errors a user can act on: each says what, where and what to do, and carries an exit code.

Messages hold counts and codes, never a customer's data.
"""

from __future__ import annotations

from typing import ClassVar

_LONGEST_CODE = 20
_TELLING_DIGITS = 5


def tellable(text: str) -> bool:
    """Whether a text from an extract may stand in a message: a code, nobody's number or name.

    Examples
    --------
    >>> tellable("停机"), tellable("X9"), tellable("13800138000")
    (True, True, False)
    """
    digits = sum(character.isdigit() for character in text)
    return len(text) <= _LONGEST_CODE and digits < _TELLING_DIGITS


class ChurnError(Exception):
    """An error the user can mend.

    Parameters
    ----------
    what
        What went wrong, in one line.
    where
        The file, table, setting or stage.
    do
        The remedy.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str, do: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do

    def __str__(self) -> str:
        """Render the three lines a user reads."""
        return f"{self.what}\n  where  {self.where}\n  do     {self.do}"


class UsageError(ChurnError):
    """What was asked for on the command line does not fit the files it names."""

    exit_code = 2


class SettingsError(ChurnError):
    """The settings file is missing, misspelt or contradicts itself."""

    exit_code = 10


class ExtractError(ChurnError):
    """The extracts are absent, unreadable, break their contract, or are too old."""

    exit_code = 11


class LeakError(ChurnError):
    """A feature reads the future, or a label is not mature yet."""

    exit_code = 12


class GateError(ChurnError):
    """No model passes the gate and none is in place."""

    exit_code = 13


class ModelError(ChurnError):
    """The bundle or the registry cannot be used."""

    exit_code = 14


class StorageError(ChurnError):
    """The engine or the disk failed."""

    exit_code = 15


class LockedError(ChurnError):
    """Another run holds the workspace."""

    exit_code = 16


class VersionError(ChurnError):
    """The workspace, table or bundle was written by another version."""

    exit_code = 17
