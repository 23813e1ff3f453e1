"""The decision tree: grown by scikit-learn, kept as plain arrays, evaluated in NumPy.

Thresholds are moved to a short decimal close by before the leaves are counted, so that the rule
as a sentence, as SQL and as arrays are one and the same. Where few churners tell a rule from the
one that it refines, its log-odds lie close to those of that one (hierarchical shrinkage, Agarwal
et al., ICML 2022; here each refinement is a normal prior around what it refines).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.late import Late
from churn.learning.encoding import Matrix
from churn.learning.settings import TreeSettings

trees = Late("sklearn.tree")
optimize = Late("scipy.optimize")
special = Late("scipy.special")

LEAF = -1
#: Share of the smaller branch's rows that a shorter threshold may send the other way.
LEEWAY = 0.02


@dataclass(frozen=True)
class Tree:
    """A binary tree as arrays, one entry per node, the root first.

    Attributes
    ----------
    feature
        Column of the matrix; -1 in leaves.
    threshold
        ``value <= threshold`` goes left; infinite where only missing values go right.
    missing_left
        Whether a missing value goes left.
    logit
        Raw log-odds of churn; read in leaves.
    rule
        Rule number of each leaf, 1 for the riskiest; 0 in inner nodes.
    """

    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    missing_left: BoolArray
    logit: FloatArray
    rule: IntArray

    @property
    def rules(self) -> int:
        """Number of leaves."""
        return int(self.rule.max())

    def node(self, matrix: Matrix) -> IntArray:
        """Return the leaf node each row ends in: shape (n,)."""
        at = np.zeros(len(matrix), dtype=np.int64)
        moving = np.arange(len(matrix))
        while True:
            moving = moving[self.feature[at[moving]] != LEAF]
            if not len(moving):
                return at
            here = at[moving]
            value = matrix[moving, self.feature[here]].astype(np.float64)
            left = np.where(np.isnan(value), self.missing_left[here], value <= self.threshold[here])
            at[moving] = np.where(left, self.left[here], self.right[here])

    def rule_of(self, matrix: Matrix) -> IntArray:
        """Return the number of the rule each row falls under: shape (n,), from 1."""
        return self.rule[self.node(matrix)]

    def raw_logit(self, matrix: Matrix) -> FloatArray:
        """Return the log-odds of each row's leaf: shape (n,)."""
        return self.logit[self.node(matrix)]

    def to_bytes(self) -> bytes:
        """Write as JSON; an infinite threshold is null."""
        arrays = {name: values.tolist() for name, values in vars(self).items()}
        arrays["threshold"] = [at if np.isfinite(at) else None for at in arrays["threshold"]]
        return json.dumps(arrays, sort_keys=True, allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Tree:
        """Read what :meth:`to_bytes` wrote."""
        read = json.loads(content)
        threshold = [np.inf if value is None else value for value in read["threshold"]]
        types = {"threshold": np.float64, "missing_left": np.bool_, "logit": np.float64}
        return cls(
            **{
                name: np.asarray(values, dtype=types.get(name, np.int64))
                for name, values in {**read, "threshold": threshold}.items()
            }
        )


def grow(
    matrix: Matrix,
    outcome: BoolArray,
    weight: FloatArray,
    settings: TreeSettings,
    seed: int,
    plain: FloatArray | None = None,
) -> Tree:
    """Fit a tree best-first, shorten its thresholds, and give its rules their log-odds.

    Parameters
    ----------
    plain
        What rows would weigh if no campaign had been. Where it is given, questions are chosen by
        weights between both; log-odds are those of the weights as they are.
    """
    choosing = weight if plain is None else _flattened(weight, plain, outcome)
    fitted = trees.DecisionTreeClassifier(
        criterion="log_loss",
        max_leaf_nodes=settings.max_leaves,
        min_samples_leaf=max(1, round(settings.min_leaf_share * len(matrix))),
        random_state=seed,
    ).fit(matrix, outcome, sample_weight=choosing)
    tree = shortened(exported(fitted), matrix)
    return weighed(tree, Counts.of(tree, matrix, outcome, weight), settings.shrinkage)


def _flattened(weight: FloatArray, plain: FloatArray, outcome: BoolArray) -> FloatArray:
    """Return the geometric means of weights and plain ones, each outcome's scaled to its sum.

    Where campaigns ran, the few controls stand for all whom a draw selected: with their full weight
    thirty churners in a thousand choose the questions. What is known of an outcome by a row's
    features is the same with any weight that features alone decide, as campaigns' draws do
    (Shimodaira, 2000), and the noise is less with a root. Weights of a sample that was drawn by
    outcome stay as they are: they are plain.
    """
    between: FloatArray = np.sqrt(weight * plain)
    for side in (outcome, ~outcome):
        if between[side].any():
            between[side] *= weight[side].sum() / between[side].sum()
    return between


def exported(fitted: Any) -> Tree:
    """Copy scikit-learn's arrays; leaves carry no logit or rule number yet."""
    inner = fitted.tree_
    feature = np.where(inner.children_left == LEAF, LEAF, inner.feature).astype(np.int64)
    return Tree(
        feature=feature,
        threshold=np.where(feature == LEAF, 0.0, inner.threshold),
        left=inner.children_left.astype(np.int64),
        right=inner.children_right.astype(np.int64),
        missing_left=inner.missing_go_to_left.astype(np.bool_),
        logit=np.zeros(len(feature)),
        rule=np.zeros(len(feature), dtype=np.int64),
    )


def shortened(tree: Tree, matrix: Matrix) -> Tree:
    """Move each threshold to the shortest decimal that splits the rows in nearly the same way.

    At most :data:`LEEWAY` of the smaller branch changes sides, so neither branch empties.
    """
    threshold = tree.threshold.copy()
    reached = {0: np.arange(len(matrix))}
    for node in range(len(tree.feature)):
        # children are numbered after their parents
        rows = reached.pop(node)
        if tree.feature[node] == LEAF:
            continue
        value = matrix[rows, tree.feature[node]].astype(np.float64)
        missing = np.isnan(value)
        present = np.sort(value[~missing])
        below = int(np.searchsorted(present, threshold[node], side="right"))
        smaller = min(below, len(present) - below)
        if smaller > 0:
            leeway = int(LEEWAY * smaller)
            threshold[node] = shortest_between(
                float(present[below - 1 - leeway]), float(present[below + leeway])
            )
        left = np.where(missing, tree.missing_left[node], value <= threshold[node])
        reached[int(tree.left[node])] = rows[left]
        reached[int(tree.right[node])] = rows[~left]
    return replace(tree, threshold=threshold)


def shortest_between(low: float, high: float) -> float:
    """Return the number with the fewest decimals in ``[low, high)``, nearest the middle.

    Examples
    --------
    >>> shortest_between(0.3071, 0.3296)
    0.32
    >>> shortest_between(400.0, 401.0)
    400.0
    """
    middle = low + (high - low) / 2
    for digits in range(-6, 17):
        for candidate in (round(middle, digits), round(low, digits)):
            if low <= candidate < high:
                return float(candidate)
    return float(low)


@dataclass(frozen=True)
class Counts:
    """What reached each node, leaves and inner nodes alike: shape (nodes,).

    Attributes
    ----------
    churned, stayed
        Sums of weights, in churners: one of the mean weight of those that count is 1.
    """

    churned: FloatArray
    stayed: FloatArray

    @classmethod
    def of(cls, tree: Tree, matrix: Matrix, outcome: BoolArray, weight: FloatArray) -> Counts:
        """Count the rows that a tree was fitted on."""
        node, nodes = tree.node(matrix), len(tree.feature)
        one = weight[outcome & (weight > 0)].mean()  # the treated weigh nothing
        sums = [np.bincount(node, weight * side, nodes) / one for side in (outcome, ~outcome)]
        for at in np.flatnonzero(tree.feature != LEAF)[::-1]:  # children come after their parents
            for each in sums:
                each[at] = each[tree.left[at]] + each[tree.right[at]]
        return cls(*sums)


def weighed(tree: Tree, counts: Counts, shrinkage: float) -> Tree:
    """Give leaves their log-odds and number them by risk.

    Parameters
    ----------
    shrinkage
        How many churners the log-odds of what a node refines count for, above 0.
    """
    logit = np.zeros(len(tree.feature))
    logit[0] = np.log(counts.churned[0]) - np.log(counts.stayed[0])
    for at in np.flatnonzero(tree.feature != LEAF):
        for child in (tree.left[at], tree.right[at]):
            logit[child] = _drawn(counts.churned[child], counts.stayed[child], logit[at], shrinkage)
    leaves = np.flatnonzero(tree.feature == LEAF)
    rule = np.zeros(len(tree.feature), dtype=np.int64)
    rule[leaves[np.argsort(-logit[leaves], kind="stable")]] = np.arange(1, len(leaves) + 1)
    return replace(tree, logit=np.where(rule > 0, logit, 0.0), rule=rule)


def _drawn(churned: float, stayed: float, around: float, shrinkage: float) -> float:
    """Return the mode of log-odds under a normal prior with ``shrinkage`` as precision."""
    mass = churned + stayed

    def slope(logit: float) -> float:
        return float(churned - mass * special.expit(logit) - shrinkage * (logit - around))

    return float(optimize.brentq(slope, around - mass / shrinkage, around + mass / shrinkage))
