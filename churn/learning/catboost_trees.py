"""Trees that CatBoost grows, told as LightGBM's model text: members of an average like any other.

CatBoost draws whom a tree learns from and what a split is worth, and asks one question a level (or
one a node): it errs elsewhere than LightGBM does, and the average of both less than either
(Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018). Only training
needs it: what it grew is scored and explained as LightGBM's trees are.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import log2
from pathlib import Path
from typing import Any

import numpy as np

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.late import Late
from churn.learning.encoding import Matrix
from churn.learning.ensemble import ZERO
from churn.learning.settings import BoostingSettings, Capacity

catboost = Late("catboost")

POLICIES = {"symmetric": "SymmetricTree", "levelwise": "Depthwise"}
"""Shapes of trees that CatBoost grows, and its own names for them."""
BORDERS = 128
STEPS = 10
"""Newton steps to a leaf's value; left to CatBoost it is one where few trees are to grow."""
DRAWN = 20
"""Rows drawn per tree at least: of some five CatBoost refuses to draw."""
_MISSING_LEFT = 2 | 2 << 2  # LightGBM's decision type: missing is NaN, and goes left


@dataclass
class Watch:
    """Rows that are not learned from, and the choices that look at some of them each.

    Attributes
    ----------
    looks
        By choice, which rows it looks at: shape (n,).
    wait
        Trees without a gain on its rows after which a choice needs no more; growing ends when none
        does.
    least
        Trees that are grown in any case.
    stopped
        Asked after every further tree.
    ends
        By choice, how many trees there are for it to look at: no other's rows have a say in it.
    """

    matrix: Matrix
    churned: BoolArray
    weight: FloatArray
    looks: Mapping[str, BoolArray]
    wait: int
    least: int
    stopped: Callable[[], bool]
    ends: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Part the rows by who looks at them: CatBoost tells one loss for each part."""
        lookers = np.stack(list(self.looks.values()), axis=1)
        kinds, kind = np.unique(lookers, axis=0, return_inverse=True)
        self._parts = [kind == at for at in range(len(kinds))]
        mass = np.array([self.weight[part].sum() for part in self._parts])
        self._mass = dict(zip(self.looks, kinds.T * mass, strict=True))

    def pools(self) -> list[Any]:
        """Return the parts for CatBoost."""
        return [
            _pool(self.matrix[part], self.churned[part], self.weight[part]) for part in self._parts
        ]

    def after_iteration(self, told: Any) -> bool:
        """Tell CatBoost whether to go on."""
        losses = np.array([of["Logloss"] for name, of in told.metrics.items() if name != "learn"])
        for name, mass in self._mass.items():
            if name not in self.ends and len(losses[0]) > np.argmin(mass @ losses) + self.wait:
                self.ends[name] = told.iteration
        return told.iteration < self.least or not (
            len(self.ends) == len(self.looks) or self.stopped()
        )


def grow(
    matrix: Matrix,
    churned: BoolArray,
    weight: FloatArray,
    capacity: Capacity,
    settings: BoostingSettings,
    *,
    seed: int,
    watch: Watch | None = None,
) -> str:
    """Grow symmetric or level-wise trees on one thread; return them as LightGBM's model text.

    CatBoost gives its trees as a file only; it lies in a temporary folder until it is read.

    Raises
    ------
    catboost.CatBoostError
        If all rows have the same outcome.
    """
    if all(len(np.unique(column)) == 1 for column in matrix.T):
        share = np.average(churned, weights=weight)
        if watch:
            watch.ends.update(dict.fromkeys(watch.looks, 1))
        return _text([{"value": float(np.log(share / (1 - share))), "weight": 1.0}], matrix)
    policy = POLICIES[capacity.shape]
    model = catboost.CatBoostClassifier(
        iterations=capacity.rounds,
        depth=min(int(log2(capacity.leaves)), settings.max_depth),
        learning_rate=capacity.learning_rate,
        rsm=capacity.feature_share,
        l2_leaf_reg=capacity.shrinkage,
        grow_policy=policy,
        border_count=BORDERS,
        leaf_estimation_iterations=STEPS,
        bootstrap_type="MVS",
        subsample=min(1.0, max(settings.row_share, DRAWN / len(matrix))),
        boost_from_average=True,
        random_seed=seed,
        thread_count=1,
        allow_writing_files=False,
        logging_level="Silent",
        **({"min_data_in_leaf": capacity.min_leaf_rows} if policy == "Depthwise" else {}),
    )
    rows = _pool(matrix, churned, weight)
    if watch is None:
        model.fit(rows)
    else:
        model.fit(rows, eval_set=watch.pools(), use_best_model=False, callbacks=[watch])
        watch.ends |= {name: model.tree_count_ for name in watch.looks if name not in watch.ends}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        model.save_model(str(path), format="json")
        told = json.loads(path.read_text("utf-8"))
    return _text(_trees(told), matrix)


def _pool(matrix: Matrix, churned: BoolArray, weight: FloatArray) -> Any:
    return catboost.Pool(matrix, label=churned.astype(np.int8), weight=weight, thread_count=1)


Node = Mapping[str, Any]
"""``value`` and ``weight`` of a leaf; else ``split``, ``left`` and ``right``."""


def _trees(told: Mapping[str, Any]) -> list[Node]:
    """Return the trees, the base in the leaves of the first."""
    scale, (base,) = told["scale_and_bias"]
    trees: list[Node] = []
    for tree in told["oblivious_trees"] if "oblivious_trees" in told else told["trees"]:
        root = _unfolded(tree) if "leaf_values" in tree else tree
        reached = _reached(root, scale, 0.0 if trees else base)
        if reached is None:
            raise ValueError("a tree without a row")
        trees.append(reached)
    return trees


def _unfolded(tree: Mapping[str, Any], level: int = 0, leaf: int = 0) -> Node:
    """Write a symmetric tree as nodes: bit k of a leaf's number answers its question k."""
    splits = tree["splits"] or ()
    if level == len(splits):
        return {"value": tree["leaf_values"][leaf], "weight": tree["leaf_weights"][leaf]}
    return {
        "split": splits[level],
        "left": _unfolded(tree, level + 1, leaf),
        "right": _unfolded(tree, level + 1, leaf | 1 << level),
    }


def _reached(node: Node, scale: float, base: float) -> Node | None:
    """Leave out leaves that no row reached, and the questions that led to nothing else."""
    if "split" not in node:
        kept = {"value": node["value"] * scale + base, "weight": node["weight"]}
        return kept if node["weight"] > 0 else None
    left, right = (_reached(node[side], scale, base) for side in ("left", "right"))
    if left is None or right is None:
        return right if left is None else left
    return {"split": node["split"], "left": left, "right": right}


@dataclass
class _Flat:
    """A tree as LightGBM's model text lists it: inner nodes and leaves, each by number."""

    rows_a_weight: float
    column: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    mass: list[float] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    leaf_value: list[float] = field(default_factory=list)
    leaf_mass: list[float] = field(default_factory=list)
    leaf_count: list[int] = field(default_factory=list)

    def add(self, node: Node) -> tuple[int, float, float, int]:
        """Append a node and all below it; return its number, value, mass and count of rows."""
        if "split" not in node:
            value, mass = float(node["value"]), float(node["weight"])
            count = max(1, round(mass * self.rows_a_weight))
            self.leaf_value.append(value)
            self.leaf_mass.append(mass)
            self.leaf_count.append(count)
            return ~(len(self.leaf_value) - 1), value, mass, count
        at = len(self.column)
        self.column.append(node["split"]["float_feature_index"])
        border = float(np.float32(node["split"]["border"]))
        # LightGBM takes smaller numbers for 0: rows are told apart where it tells them apart
        near = float(ZERO) if border >= 0 else -float(ZERO)
        self.threshold.append(border if abs(border) > ZERO else near)
        for empty in (self.left, self.right, self.value, self.mass, self.count):
            empty.append(0)
        self.left[at], first, light, few = self.add(node["left"])
        self.right[at], second, heavy, more = self.add(node["right"])
        mass = light + heavy
        value = (light * first + heavy * second) / mass
        self.value[at], self.mass[at], self.count[at] = value, mass, few + more
        return at, value, mass, few + more

    def block(self) -> str:
        """Return the lines of a tree."""
        fields: dict[str, list[Any]] = {
            "num_leaves": [len(self.leaf_value)],
            "num_cat": [0],
            "split_feature": self.column,
            "split_gain": [0.0] * len(self.column),  # CatBoost tells none
            "threshold": self.threshold,
            "decision_type": [_MISSING_LEFT] * len(self.column),
            "left_child": self.left,
            "right_child": self.right,
            "leaf_value": self.leaf_value,
            "leaf_weight": self.leaf_mass,
            "leaf_count": self.leaf_count,
            "internal_value": self.value,
            "internal_weight": self.mass,
            "internal_count": self.count,
            "is_linear": [0],
            "shrinkage": [1],
        }
        return "".join(f"{name}={' '.join(map(repr, of))}\n" for name, of in fields.items())


def _weight(node: Node) -> float:
    if "split" not in node:
        return float(node["weight"])
    return _weight(node["left"]) + _weight(node["right"])


def _text(trees: list[Node], matrix: Matrix) -> str:
    """Return LightGBM's model text of the trees, as if it had grown them on the rows."""
    columns = range(matrix.shape[1])
    blocks = []
    for number, root in enumerate(trees):
        flat = _Flat(len(matrix) / _weight(root))
        flat.add(root)
        blocks.append(f"Tree={number}\n{flat.block()}\n\n")
    head = {
        "version": "v4",
        "num_class": 1,
        "num_tree_per_iteration": 1,
        "label_index": 0,
        "max_feature_idx": len(columns) - 1,
        "objective": "binary sigmoid:1",
        "feature_names": " ".join(f"Column_{at}" for at in columns),
        "feature_infos": " ".join("[-1e+308:1e+308]" for _ in columns),
        "tree_sizes": " ".join(str(len(block)) for block in blocks),
    }
    lines = "".join(f"{name}={value}\n" for name, value in head.items())
    return f"tree\n{lines}\n{''.join(blocks)}end of trees\n\nparameters:\nend of parameters\n"
