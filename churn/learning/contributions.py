"""Exact contributions of tree ensembles, by looking up what each pattern of answers adds.

What a tree adds to a row, and what of it each column is owed, depends only on the row's answers to
the tree's questions. So a tree is cut into clusters of leaves with few questions between them; for
every pattern of answers to a cluster's questions a table holds what each column is owed, and a row
costs one lookup per cluster and column (patterns: Yu et al., "Fast TreeSHAP", arXiv:2109.09847;
Nadel and Wettenstein, "From Decision Trees to Boolean Logic: WOODELF", arXiv:2511.09376).

The values are those of path-dependent TreeSHAP (Lundberg et al., "From local explanations to global
understanding with explainable AI for trees", 2020), as LightGBM's ``pred_contrib`` gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.learning.encoding import Matrix
from churn.learning.ensemble import Split, SplitTree, single

#: Questions of a cluster, unless one leaf alone asks more: tables stay in the processor's cache.
QUESTIONS = 8
#: Questions on the way to one leaf at most: its table doubles with each.
MOST_QUESTIONS = 16
#: Rows at once: enough for NumPy, few enough for the cache.
ROWS = 8192
#: Leaves whose tables are computed at once.
LEAVES = 256

_Answer = Callable[[Matrix, BoolArray], object]


@dataclass(frozen=True)
class _Cluster:
    """A part of a tree.

    Attributes
    ----------
    answers
        By question: the column asked, and what writes whose bit is set.
    owed
        By group of columns: what it is owed under every pattern, shape (2 ** questions,).
    """

    answers: tuple[tuple[int, _Answer], ...]
    owed: tuple[tuple[int, FloatArray], ...]


@dataclass(frozen=True)
class _Leaf:
    """A leaf's value and, by column on its path, the share of rows that meet all it asks there.

    ``asked`` holds by column the questions, as bits of the cluster's pattern, to be answered with
    left and with right.
    """

    cluster: int
    value: float
    shares: tuple[float, ...]
    asked: tuple[tuple[int, int], ...]
    columns: tuple[int, ...]


@dataclass
class _Cut:
    """Clusters and leaves as they are cut from the trees; sorted by columns on a leaf's path."""

    nodes: list[tuple[SplitTree, list[int]]] = field(default_factory=list)
    leaves: dict[int, list[_Leaf]] = field(default_factory=dict)


class Contributions:
    """Gives every row what each group of columns adds to its raw log-odds.

    Parameters
    ----------
    trees
        Trees whose values add up to the raw log-odds, over the same matrix.
    weights
        What each tree counts; 1 each without.
    groups
        Shape (columns,): the group of every column, from 0 without a gap. Contributions of a
        group's columns are added up.

    Raises
    ------
    ValueError
        If a leaf lies deeper than :data:`MOST_QUESTIONS`.
    """

    def __init__(
        self,
        trees: Sequence[SplitTree],
        groups: npt.ArrayLike,
        weights: Sequence[float] | None = None,
    ) -> None:
        self._groups = np.asarray(groups, dtype=np.int64)
        self.count = int(self._groups.max()) + 1 if len(self._groups) else 0
        self.base = 0.0
        cut = _Cut()
        for tree, weight in zip(trees, weights or [1.0] * len(trees), strict=True):
            mean = float(tree.value @ tree.leaf_cover / tree.leaf_cover.sum())
            self.base += weight * mean
            if tree.splits:
                _cut(tree, weight, tree.node_cover, cut)
        self._clusters = _clusters(cut, self._groups)

    def of(self, matrix: Matrix, threads: int = 1) -> FloatArray:
        """Return what each group adds to the raw log-odds of rows, and the base last.

        Parameters
        ----------
        matrix
            Shape (n, columns), single precision; missing values are NaN.

        Returns
        -------
        ndarray
            Shape (n, groups + 1): each row sums to its raw log-odds. A row's figures do not depend
            on the rows beside it, nor on the threads.
        """
        added = np.empty((len(matrix), self.count + 1))

        def fill(start: int) -> None:
            added[start : start + ROWS] = self._batch(matrix[start : start + ROWS])

        with ThreadPoolExecutor(max(1, threads)) as pool:
            list(pool.map(fill, range(0, len(matrix), ROWS)))
        return added

    def _batch(self, rows: Matrix) -> FloatArray:
        columns = np.ascontiguousarray(rows.T, dtype=np.float32)
        count = columns.shape[1]
        added = np.zeros((self.count + 1, count))
        added[-1] = self.base
        answer = np.empty(count, dtype=np.bool_)
        pattern = np.empty(count, dtype=np.uint16)
        place = np.empty(count, dtype=np.intp)
        owed = np.empty(count)
        for cluster in self._clusters:
            pattern[:] = 0
            for column, write in cluster.answers:
                write(columns[column], answer)
                np.add(pattern, pattern, out=pattern)
                np.bitwise_or(pattern, answer.view(np.uint8), out=pattern)
            place[:] = pattern
            for group, table in cluster.owed:
                # every pattern has its entry: clipping only spares the check
                np.take(table, place, out=owed, mode="clip")
                np.add(added[group], owed, out=added[group])
        return added.T


def _cut(tree: SplitTree, weight: float, cover: FloatArray, cut: _Cut) -> None:
    """Cut a tree into clusters from the top: a subtree is one if its questions are few enough."""

    def inner(node: int) -> list[int]:
        return [] if node < 0 else [node, *inner(tree.left[node]), *inner(tree.right[node])]

    def covered(node: int) -> float:
        return float(tree.leaf_cover[~node] if node < 0 else cover[node])

    def gather(node: int, path: list[tuple[int, bool]], places: dict[int, int]) -> None:
        if node >= 0:
            gather(tree.left[node], [*path, (node, True)], places)
            gather(tree.right[node], [*path, (node, False)], places)
            return
        share: dict[int, float] = {}
        asked: dict[int, tuple[int, int]] = {}
        for at, left in path:
            column, bit = tree.splits[at].column, 1 << places[at]
            below = covered(tree.left[at] if left else tree.right[at])
            share[column] = share.get(column, 1.0) * below / covered(at)
            yes, no = asked.get(column, (0, 0))
            asked[column] = (yes | bit, no) if left else (yes, no | bit)
        value = weight * float(tree.value[~node])
        leaf = _Leaf(
            len(cut.nodes) - 1, value, tuple(share.values()), tuple(asked.values()), tuple(share)
        )
        cut.leaves.setdefault(len(share), []).append(leaf)

    def descend(node: int, path: list[tuple[int, bool]]) -> None:
        nodes = [at for at, _ in path] + inner(node)
        if len(nodes) > QUESTIONS and node >= 0:
            descend(tree.left[node], [*path, (node, True)])
            descend(tree.right[node], [*path, (node, False)])
            return
        if len(nodes) > MOST_QUESTIONS:
            raise ValueError(
                f"a leaf lies {len(nodes)} questions deep: exact contributions take "
                f"{MOST_QUESTIONS} at most, bound the depth of the trees"
            )
        cut.nodes.append((tree, nodes))
        gather(node, path, {at: place for place, at in enumerate(nodes)})

    descend(0, [])


def _clusters(cut: _Cut, groups: IntArray) -> tuple[_Cluster, ...]:
    """Add up what the leaves of each cluster owe to each group, under every pattern."""
    owed: list[dict[int, FloatArray]] = [
        {int(groups[tree.splits[node].column]): np.zeros(2 ** len(nodes)) for node in nodes}
        for tree, nodes in cut.nodes
    ]
    patterns = {count: np.arange(2**count) for count in {len(nodes) for _, nodes in cut.nodes}}
    for leaves in cut.leaves.values():
        for start in range(0, len(leaves), LEAVES):
            several = leaves[start : start + LEAVES]
            shares = np.array([leaf.shares for leaf in several])
            values = np.array([leaf.value for leaf in several])
            for leaf, table in zip(several, owed_by_leaf(shares, values), strict=True):
                pattern = patterns[len(cut.nodes[leaf.cluster][1])]
                met = np.zeros(len(pattern), dtype=np.int64)
                for place, (yes, no) in enumerate(leaf.asked):
                    met |= ((pattern & (yes | no)) == yes).astype(np.int64) << place
                for place, column in enumerate(leaf.columns):
                    owed[leaf.cluster][int(groups[column])] += table[place, met]
    return tuple(
        _cluster([tree.splits[node] for node in nodes], tables)
        for (tree, nodes), tables in zip(cut.nodes, owed, strict=True)
    )


def owed_by_leaf(shares: FloatArray, values: FloatArray) -> FloatArray:
    """Return what each of a leaf's k columns is owed, for every set of columns that are met.

    A coalition of columns reaches the leaf with the product of its members' being met (0 or 1) and
    the others' shares. Shapley's weights are an integral over that product's terms, a polynomial
    of degree k − 1, so that Gauss and Legendre's rule of k / 2 points gives it exactly.

    Parameters
    ----------
    shares
        Shape (leaves, k): share of rows that meet what the path asks of a column.
    values
        Shape (leaves,).

    Returns
    -------
    ndarray
        Shape (leaves, k, 2 ** k): bit j of the last index tells whether column j is met.
    """
    count = shares.shape[1]
    met = (np.arange(2**count) >> np.arange(count)[:, None] & 1).astype(np.float64)
    nodes, masses = np.polynomial.legendre.leggauss((count + 1) // 2)
    integral = np.zeros((len(shares), count, 2**count))
    for at, mass in zip((nodes + 1) / 2, masses / 2, strict=True):
        terms = shares[:, :, None] * (1 - at) + met * at
        before, after = np.ones_like(terms), np.ones_like(terms)
        np.cumprod(terms[:, :-1], axis=1, out=before[:, 1:])
        after[:, :-1] = np.cumprod(terms[:, :0:-1], axis=1)[:, ::-1]
        integral += mass * before * after
    owed: FloatArray = integral * (met - shares[:, :, None]) * values[:, None, None]
    return owed


def _cluster(splits: Sequence[Split], tables: dict[int, FloatArray]) -> _Cluster:
    """Let every question be answered by the cheapest comparison, and turn the tables to its bit."""
    answers = []
    turned = 0
    for place, split in enumerate(splits):
        write, left = _answer(split)
        answers.append((split.column, write))
        turned |= 0 if left else 1 << place
    order = np.arange(2 ** len(splits)) ^ turned
    # the first question written ends up as the highest bit
    return _Cluster(
        tuple(answers[::-1]),
        tuple((group, np.ascontiguousarray(table[order])) for group, table in tables.items()),
    )


def _answer(split: Split) -> tuple[_Answer, bool]:
    """Return what writes a bit per row, and whether the bit says left.

    Comparisons with a missing value are false, so one suffices: who is not above goes left where
    missing values do, who is not below or equal goes right where they do.
    """
    if split.categories is not None or split.zero_missing:

        def asked(values: Matrix, out: BoolArray) -> None:
            out[:] = split.goes_left(values)

        return asked, True
    compare = np.greater if split.missing_left else np.less_equal
    threshold = single(split.threshold)

    def compared(values: Matrix, out: BoolArray) -> None:
        compare(values, threshold, out=out)

    return compared, not split.missing_left
