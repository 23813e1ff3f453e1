"""Copies and near-copies of rows: what must not be learned from on one side and asked on the other.

Two rows are taken for one where they agree in so much that chance does not explain it. What a row
has in common with others by chance is told by its surprisal: the sum over columns of how rare its
value is beside the value of the column that tells most of it (a tree of pairs: Chow and Liu, 1968).
Of rows whose surprisal is at least ``log2(n² / 2) + m`` bits, fewer than ``2^-m`` pairs in
expectation agree by chance, whatever the table: a cell as rare as that has a chance below
``2^(1 - m) / n²``, and the sum over cells of the squared chances is no more than the largest of
them. A table of a few flags has no such rows, so its rows are equal by chance and stay apart.

What is compared: all columns, and all but two of eight parts of them, so that two columns may
differ, wherever they are, and up to a quarter of all where they fall so; values as they are, and
numbers in steps, on two grids, so that tiny differences do not count. Each comparison is one sort
of one number per row.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.late import Late

sparse = Late("scipy.sparse")
csgraph = Late("scipy.sparse.csgraph")

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

PARTS = 8
STEPS = 32
MARGIN = 20.0
"""Bits beyond what chance explains: some of them are lost where a column is the sum of others."""
LEVELS = 16
FREQUENT = 8
SAMPLED = 5_000
DETERMINED, APART = 0.3, 0.9
"""Shares of its entropy that a column keeps beside another one: below the first it tells nothing of
its own, from the second on it is looked at by itself."""
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


@dataclass(frozen=True)
class Copies:
    """Which rows are copies, or near-copies, of one another.

    Attributes
    ----------
    group
        Shape (n,): a number that rows have in common with their copies, and with nothing else.
    equal, near
        Rows that equal another one in every column beyond chance, and all further rows that nearly
        do.
    groups
        Number of groups of more than one row.
    """

    group: Ints
    equal: int
    near: int
    groups: int


def copies(features: pd.DataFrame) -> Copies:
    """Find copies and near-copies of rows; their order does not matter.

    Parameters
    ----------
    features
        Shape (n, columns): numbers, flags and texts as they are learned from.
    """
    rows = len(features)
    exact = [_codes(features[name]) for name in features]
    whole = _Seen.of(exact, exact, rows)
    pairs = np.log2(max(rows, 2) ** 2 / 2)
    equal = linked(whole.hash(), whole.surprisal() >= pairs)
    near = [*equal]
    for grid in (None, 0.0, 0.5):
        stepped = exact if grid is None else _stepped(features, exact, grid)
        seen = whole if grid is None else _Seen.of(stepped, exact, rows)
        for out in ((), *combinations(range(PARTS), 2)):
            near += linked(seen.hash(out), seen.surprisal(out) >= pairs + MARGIN)
    group = joined(rows, near)
    sizes = np.bincount(group, minlength=1)
    several = sizes[group] > 1
    same = joined(rows, equal)
    twin = np.bincount(same, minlength=1)[same] > 1
    return Copies(
        group,
        equal=int(np.count_nonzero(twin)),
        near=int(np.count_nonzero(several & ~twin)),
        groups=int(np.count_nonzero(sizes > 1)),
    )


def joined(rows: int, pairs: list[tuple[Ints, Ints]]) -> Ints:
    """Give what hangs together one number: shape (rows,).

    Parameters
    ----------
    pairs
        First and second rows that belong together: shape (any,) each.
    """
    first, second = (
        np.concatenate([np.zeros(0, dtype=np.int64), *(pair[side] for pair in pairs)])
        for side in (0, 1)
    )
    graph = sparse.coo_array(
        (np.ones(len(first), dtype=np.int8), (first, second)), shape=(rows, rows)
    )
    return np.asarray(csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


def linked(
    numbers: Ints | Hashes, among: npt.NDArray[np.bool_] | None = None
) -> list[tuple[Ints, Ints]]:
    """Return pairs that link the rows of one number, each with the next: shape (rows,).

    Parameters
    ----------
    among
        Shape (rows,): the rows to look at; all, where it is not given.
    """
    rows = np.arange(len(numbers)) if among is None else np.flatnonzero(among)
    order = rows[np.argsort(numbers[rows], kind="stable")]
    same = numbers[order[1:]] == numbers[order[:-1]]
    return [(order[1:][same].astype(np.int64), order[:-1][same].astype(np.int64))]


@dataclass(frozen=True)
class _Seen:
    """The rows at one resolution: by part of the columns, a number per row and its surprisal."""

    hashes: Hashes
    surprisals: Floats

    @classmethod
    def of(cls, codes: list[Ints], exact: list[Ints], rows: int) -> _Seen:
        """Sum over columns, which are dealt to the parts in the order of what they tell."""
        hashes = np.zeros((PARTS, rows), dtype=np.uint64)
        surprisals = np.zeros((PARTS, rows))
        content = np.zeros(rows, dtype=np.uint64)
        for column, code in enumerate(exact):
            content += _mixed(code, column)
        drawn = np.argsort(content, kind="stable")[:SAMPLED]
        # with more levels than that a few rows would make any column tell of any other
        levels = max(2, min(LEVELS, int(np.sqrt(len(drawn) / 2))))
        told = _told([_few(code, levels)[drawn] for code in codes])
        for place, (column, parent, tells) in enumerate(told):
            part = place % PARTS
            hashes[part] += _mixed(codes[column], column)
            if tells:
                beside = _frequent(codes[parent]) if parent >= 0 else None
                surprisals[part] += _surprisal(codes[column], beside)
        return cls(hashes, surprisals)

    def hash(self, out: tuple[int, ...] = ()) -> Hashes:
        """Return one number per row for the columns of all parts but some: shape (rows,)."""
        kept = [part for part in range(PARTS) if part not in out]
        return np.asarray(self.hashes[kept].sum(axis=0, dtype=np.uint64))

    def surprisal(self, out: tuple[int, ...] = ()) -> Floats:
        """Return how many bits the columns of all parts but some tell: shape (rows,)."""
        kept = [part for part in range(PARTS) if part not in out]
        return np.asarray(self.surprisals[kept].sum(axis=0))


def _codes(values: pd.Series) -> Ints:
    """Return the place of each value in their order; what is missing is a value."""
    return np.asarray(pd.factorize(values, sort=True, use_na_sentinel=False)[0], dtype=np.int64)


def _stepped(features: pd.DataFrame, exact: list[Ints], grid: float) -> list[Ints]:
    """Bring columns of many numbers to steps."""
    return [
        _steps(features[name], grid)
        if pd.api.types.is_float_dtype(features[name]) and codes.max(initial=0) >= STEPS
        else codes
        for name, codes in zip(features, exact, strict=True)
    ]


def _steps(values: pd.Series, grid: float) -> Ints:
    """Give each number its step: even where numbers are near 0, growing with them beyond.

    Steps of equal frequency would be wide where rows are few, and all rows at an end alike.
    """
    size = float(values.abs().replace(0, np.nan).median())
    scaled = np.arcsinh(values / size)
    low, high = scaled.quantile([0.05, 0.95])
    width = (high - low or 1.0) / STEPS
    steps = np.floor(scaled / width + grid)
    return _codes(steps)


def _frequent(codes: Ints) -> Ints:
    """Keep values that many rows have, and bring the others to steps of equal frequency."""
    counts = np.bincount(codes)
    often = counts >= max(FREQUENT, len(codes) // 2_000)
    middle = (np.cumsum(counts) - counts / 2) / len(codes)
    step = np.floor(middle * STEPS).astype(np.int64)
    return np.where(often, np.arange(len(counts)) + STEPS, step)[codes]


def _few(codes: Ints, levels: int) -> Ints:
    """Bring codes to a few levels of about equal frequency, in their order."""
    counts = np.bincount(codes)
    if len(counts) <= levels:
        return codes
    middle = (np.cumsum(counts) - counts / 2) / len(codes)
    return np.asarray(np.floor(middle * levels), dtype=np.int64)[codes]


def _told(few: list[Ints]) -> list[tuple[int, int, bool]]:
    """Return the columns, those that tell most first, each with the earlier one that tells most.

    Returns
    -------
    list of tuple
        Column, the column that tells most of it (-1 for none), whether it tells anything besides.
    """
    sizes = [int(code.max(initial=0)) + 1 for code in few]
    ones = np.zeros((len(few[0]), sum(sizes)), dtype=np.float32)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for start, code in zip(starts, few, strict=False):
        ones[np.arange(len(code)), start + code] = 1
    together = (ones.T @ ones).astype(np.float64) / max(len(ones), 1)
    entropies = [_entropy(np.diag(together)[start:end]) for start, end in pairwise(starts)]
    order = sorted(range(len(few)), key=lambda column: (-entropies[column], column))
    told: list[tuple[int, int, bool]] = []
    for place, column in enumerate(order):
        left = {
            other: _entropy(
                together[starts[column] : starts[column + 1], starts[other] : starts[other + 1]]
            )
            - entropies[other]
            for other in order[:place]
        }
        parent = min(left, key=lambda other: left[other], default=-1)
        if parent >= 0 and left[parent] > APART * entropies[column]:
            parent = -1
        tells = parent < 0 or left[parent] > DETERMINED * entropies[column]
        told.append((column, parent, tells and entropies[column] > 0))
    return told


def _entropy(chances: Floats) -> float:
    positive = chances[chances > 0]
    return float(-(positive * np.log2(positive)).sum())


def _surprisal(codes: Ints, parent: Ints | None) -> Floats:
    """Return how rare each row's value is beside its parent's, in bits; never told too rare."""
    beside = np.zeros_like(codes) if parent is None else parent
    cells, inverse, counts = np.unique(
        codes * (int(beside.max(initial=0)) + 1) + beside, return_inverse=True, return_counts=True
    )
    del cells
    # one more than there are: a value that is met once may be as frequent as one in two
    return np.asarray(np.log2((np.bincount(beside)[beside] + 1) / (counts[inverse] + 1)))


def _mixed(codes: Ints, column: int) -> Hashes:
    """Return a number per value that sums over columns without meeting by chance (splitmix64)."""
    mixed = codes.astype(np.uint64) + np.uint64((column + 1) * _MIX[0] % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_MIX[1])
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_MIX[2])
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
