"""Drawing: whatever chance decides is drawn here, alike on every engine, machine and day.

By name, where a draw must not depend on which other rows there are, or in which order: the first
digits of md5 of a text. What the text holds decides what the draw may depend on; it begins with
its purpose, so that no two purposes draw alike. By seed, where rows have one order: NumPy's
generator, so that a count and a seed say all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

DIGITS = 8  # of the digest: one part in four billion
FINE = 13  # 52 bits: the most that a float64 holds exactly


def number(name: str, digits: int = DIGITS) -> int:
    """Return the draw of a name as a whole number below 16 to the number of digits.

    Examples
    --------
    >>> number("keep:3:s1") == int(hashlib.md5(b"keep:3:s1").hexdigest()[:8], 16)
    True
    """
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:digits], 16)


def uniform(names: Iterable[str], digits: int = DIGITS) -> npt.NDArray[np.float64]:
    """Return one draw in [0, 1) per name: shape (n,).

    Examples
    --------
    >>> uniform(["retention-2025-03|c1"], FINE).round(6).tolist()
    [0.977702]
    """
    drawn = np.array([number(name, digits) for name in names], dtype=np.float64)
    return np.asarray(drawn / 16**digits, dtype=np.float64)


def drawn(name: ir.StringValue) -> ir.StringValue:
    """Return :func:`number` of each row's name as digits, which compare as text."""
    return name.hexdigest("md5").substr(0, DIGITS)


def below(share: float) -> str:
    """Return the digits below which the given share of :func:`drawn` lies."""
    return f"{min(int(share * 16**DIGITS), 16**DIGITS - 1):0{DIGITS}x}"


def generator(seed: int) -> np.random.Generator:
    """Return the source of everything that a seed draws."""
    return np.random.default_rng(seed)


def folds(members: int, count: int, seed: int) -> npt.NDArray[np.int64]:
    """Deal members into folds of equal size, give or take one: shape (members,)."""
    return np.asarray(generator(seed).permutation(members) % count, dtype=np.int64)


def bootstrap(members: int, replicates: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield, per replicate, how often each member was drawn with return: shape (members,)."""
    source = generator(seed)
    for _ in range(replicates):
        picked = source.integers(members, size=members)
        yield np.bincount(picked, minlength=members).astype(np.int64)
