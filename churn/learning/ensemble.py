"""Boosted trees as plain arrays, and LightGBM's model text read into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.learning.encoding import Matrix

#: LightGBM takes nothing larger than this, up or down, for 0 where zeros count as missing.
ZERO = np.float32(1e-35)

_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_ZERO_MISSING, _NAN_MISSING = 1, 2
_WORD = 32


class Split(NamedTuple):
    """What an inner node asks of one column; whoever answers it goes left.

    Attributes
    ----------
    threshold
        ``value <= threshold`` goes left; of no account where there are categories.
    missing_left
        Whether a missing value goes left.
    zero_missing
        Whether 0 counts as missing.
    categories
        The whole numbers that go left, fractions cut off; a missing value never does.
    """

    column: int
    threshold: float
    missing_left: bool
    zero_missing: bool = False
    categories: frozenset[int] | None = None

    def goes_left(self, values: Matrix) -> BoolArray:
        """Return who of a column's values goes left: shape (n,)."""
        if self.categories is not None:
            known = np.zeros(max(self.categories, default=0) + 2, dtype=np.bool_)
            known[list(self.categories)] = True
            # what is missing, negative or beyond the last category falls on the last place
            outside = ~((values > -1) & (values < len(known)))
            place: BoolArray = known[np.where(outside, -1, values).astype(np.int64)]
            return place
        left = values <= single(self.threshold)
        missing = ~(np.abs(values) > ZERO) if self.zero_missing else np.isnan(values)
        return np.where(missing, self.missing_left, left)


def single(threshold: float) -> np.float32:
    """Return the largest single-precision number that is not above a threshold.

    Single-precision values compare with it as they do with the threshold itself.

    Examples
    --------
    >>> float(single(0.1)) <= 0.1 < float(np.float32(0.1))
    True
    """
    rounded = np.float32(threshold)
    return np.nextafter(rounded, np.float32(-np.inf)) if rounded > threshold else rounded


@dataclass(frozen=True)
class SplitTree:
    """One tree; ``k >= 0`` names its inner node k, ``k < 0`` its leaf ``~k``. The root is node 0.

    Attributes
    ----------
    splits, left, right
        By inner node: what is asked, and the nodes below; a tree of one leaf has none.
    value, leaf_cover
        By leaf: what it adds to the raw log-odds, and how many training rows ended there.
    """

    splits: tuple[Split, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: FloatArray
    leaf_cover: FloatArray

    @property
    def node_cover(self) -> FloatArray:
        """By inner node: how many training rows came by."""
        cover = np.zeros(len(self.splits))

        def count(node: int) -> float:
            if node < 0:
                return float(self.leaf_cover[~node])
            cover[node] = count(self.left[node]) + count(self.right[node])
            return float(cover[node])

        if self.splits:
            count(0)
        return cover


def moved(trees: Sequence[SplitTree], columns: int) -> FloatArray:
    """Return how far the splits on each column move the log-odds, in the mean of training rows.

    A split moves a row from the mean of all who came by to the mean of those on its side. Moves add
    up over trees however they were grown, and by its share in an average, as gains do not.
    """
    told = np.zeros(columns)
    for tree in trees:
        cover = tree.leaf_cover.sum()

        def mean(node: int, tree: SplitTree = tree, cover: float = cover) -> tuple[float, float]:
            if node < 0:
                return float(tree.leaf_cover[~node]), float(tree.value[~node])
            (few, first), (more, second) = mean(tree.left[node]), mean(tree.right[node])
            whole = (few * first + more * second) / (few + more)
            steps = few * abs(first - whole) + more * abs(second - whole)
            told[tree.splits[node].column] += steps / cover
            return few + more, whole

        if tree.splits:
            mean(0)
    return told


def lightgbm_trees(text: str) -> tuple[SplitTree, ...]:
    """Read the trees of a LightGBM model text, in their order.

    Raises
    ------
    ValueError
        If the text holds no trees of constant leaves whose values add up: an averaged forest or
        linear leaves.
    """
    head, *blocks = text.split("\nTree=")
    if "average_output" in head.splitlines():
        raise ValueError("the trees of a forest are averaged, not added up")
    return tuple(_lightgbm_tree(block) for block in blocks)


def _lightgbm_tree(block: str) -> SplitTree:
    fields: dict[str, list[str]] = {}
    for line in block.splitlines()[1:]:
        name, equals, values = line.partition("=")
        if not equals:
            break  # the blank line after a tree
        fields[name] = values.split()
    if fields.get("is_linear", ["0"]) != ["0"]:
        raise ValueError("a leaf holds a linear model: it has no exact contributions here")
    value = np.array(fields["leaf_value"], dtype=np.float64)
    if len(value) == 1:
        return SplitTree((), (), (), value, np.ones(1))
    bounds = [int(at) for at in fields.get("cat_boundaries", ())]
    words = [int(word) for word in fields.get("cat_threshold", ())]
    asked = zip(fields["split_feature"], fields["threshold"], fields["decision_type"], strict=True)
    return SplitTree(
        splits=tuple(
            _lightgbm_split(int(column), float(threshold), int(decision), bounds, words)
            for column, threshold, decision in asked
        ),
        left=tuple(int(node) for node in fields["left_child"]),
        right=tuple(int(node) for node in fields["right_child"]),
        value=value,
        leaf_cover=np.array(fields["leaf_count"], dtype=np.float64),
    )


def _lightgbm_split(
    column: int, threshold: float, decision: int, bounds: Sequence[int], words: Sequence[int]
) -> Split:
    """Read LightGBM's ``decision_type``: categorical, where missing values go, what is missing."""
    if decision & _CATEGORICAL:
        at = int(threshold)
        mine = words[bounds[at] : bounds[at + 1]]
        return Split(
            column,
            np.nan,
            missing_left=False,
            categories=frozenset(
                _WORD * place + bit
                for place, word in enumerate(mine)
                for bit in range(_WORD)
                if word >> bit & 1
            ),
        )
    kind = decision >> 2 & 3
    default_left = bool(decision & _DEFAULT_LEFT)
    # where training saw nothing missing, what is missing later counts as 0
    missing_left = default_left if kind in {_ZERO_MISSING, _NAN_MISSING} else threshold >= 0
    return Split(column, threshold, missing_left, zero_missing=kind == _ZERO_MISSING)
