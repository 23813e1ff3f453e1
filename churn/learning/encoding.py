"""Feature columns to one dense float32 matrix, and what is needed to do it again tonight.

Numbers and flags keep NaN for missing; texts become one column per level. The encoder holds
levels and names only, no statistics of the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from churn.errors import ModelError
from churn.evaluation.ranking import IntArray
from churn.frozen import Frozen

Matrix = npt.NDArray[np.float32]

WHERE = "features of the model"


class EncodedColumn(NamedTuple):
    """One column of the matrix: a number, a flag, or whether a text has a level."""

    source: str
    kind: Literal["number", "flag", "level", "other", "missing"]
    level: str = ""


class Source(Frozen):
    """One feature as training saw it.

    Attributes
    ----------
    levels
        Texts only: levels with a column of their own, sorted.
    other
        Texts only: whether rarer levels share a column. A level never seen counts among them.
    missing
        Whether a value was ever missing; for texts, whether that has a column of its own.
    """

    name: str
    kind: Literal["number", "flag", "text"]
    levels: tuple[str, ...] = ()
    other: bool = False
    missing: bool = False

    @property
    def columns(self) -> tuple[EncodedColumn, ...]:
        """The columns this feature becomes."""
        if self.kind != "text":
            return (EncodedColumn(self.name, self.kind),)
        columns = [EncodedColumn(self.name, "level", level) for level in self.levels]
        columns += [EncodedColumn(self.name, "other")] if self.other else []
        columns += [EncodedColumn(self.name, "missing")] if self.missing else []
        return tuple(columns)


def _kind(values: pd.Series) -> Literal["number", "flag", "text"]:
    """Tell what a column holds; anything but numbers, booleans and texts is refused."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return "flag"
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "number"
    if isinstance(values.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(values.dtype):
        return "text"
    inferred = pd.api.types.infer_dtype(values, skipna=True)
    if inferred in {"string", "empty"}:
        return "text"
    if inferred == "boolean":
        return "flag"
    raise ModelError(
        f"feature {values.name} holds {inferred} values",
        where=WHERE,
        do="deliver features as numbers, booleans or texts",
    )


def _numbers(values: pd.Series) -> Matrix:
    numbers: Matrix = values.to_numpy(dtype=np.float32, na_value=np.nan)
    if np.isinf(numbers).any():
        raise ModelError(
            f"feature {values.name} is infinite in {np.isinf(numbers).sum()} rows",
            where=WHERE,
            do="guard its division by zero",
        )
    return numbers


def _levels(values: pd.Series) -> tuple[IntArray, list[str]]:
    codes, levels = pd.factorize(values)
    return codes, [str(level) for level in levels]


class Encoder(Frozen):
    """Fitted on training rows by :meth:`fit`; JSON by pydantic.

    Attributes
    ----------
    sources
        Features in use, in matrix order.
    dropped
        Features that were constant in training.
    """

    sources: tuple[Source, ...]
    dropped: tuple[str, ...] = ()

    @classmethod
    def fit(cls, frame: pd.DataFrame, names: Sequence[str], min_level_share: float) -> Encoder:
        """Read kinds, levels and constants off the training rows."""
        _refuse_absent(frame, names)
        fitted = {name: _fit_source(frame[name], min_level_share) for name in names}
        sources = tuple(source for source in fitted.values() if source is not None)
        if not sources:
            raise ModelError(
                f"all {len(names)} features are constant in training",
                where=WHERE,
                do="check that the feature tables were delivered for the training period",
            )
        dropped = tuple(name for name, source in fitted.items() if source is None)
        return cls(sources=sources, dropped=dropped)

    @property
    def columns(self) -> tuple[EncodedColumn, ...]:
        """Columns of the matrix."""
        return tuple(column for source in self.sources for column in source.columns)

    @property
    def groups(self) -> IntArray:
        """The place of each column's feature among :attr:`sources`: shape (columns,)."""
        widths = [len(source.columns) for source in self.sources]
        return np.repeat(np.arange(len(widths), dtype=np.int64), widths)

    def transform(self, frame: pd.DataFrame) -> Matrix:
        """Encode rows.

        Returns
        -------
        ndarray
            Shape (rows, columns), float32, C order.

        Raises
        ------
        ModelError
            If a feature is absent, changed its kind, or is infinite; it is named.
        """
        _refuse_absent(frame, [source.name for source in self.sources])
        matrix = np.zeros((len(frame), len(self.columns)), dtype=np.float32)
        at = 0
        for source in self.sources:
            values = frame[source.name]
            width = len(source.columns)
            _refuse_changed(source, values)
            if source.kind == "text":
                _one_hot(source, values, matrix[:, at : at + width])
            else:
                matrix[:, at] = _numbers(values)
            at += width
        return matrix


def _refuse_absent(frame: pd.DataFrame, names: Sequence[str]) -> None:
    absent = sorted(set(names) - set(frame.columns))
    if absent:
        raise ModelError(
            f"{len(absent)} features are absent: {', '.join(absent)}",
            where=WHERE,
            do="build the features the model was trained on, or train again",
        )


def _refuse_changed(source: Source, values: pd.Series) -> None:
    kind = _kind(values)
    # a flag that passed through a file without booleans comes back as 0 and 1
    changed = kind != source.kind and {kind, source.kind} != {"flag", "number"}
    if changed and values.notna().any():
        raise ModelError(
            f"feature {source.name} was a {source.kind} in training and is a {kind} now",
            where=WHERE,
            do="restore its type, or train again",
        )


def _fit_source(values: pd.Series, min_level_share: float) -> Source | None:
    """Describe one feature; None if it is constant."""
    name = str(values.name)
    missing = values.isna()
    kind = "number" if missing.all() else _kind(values)
    if kind != "text":
        numbers = _numbers(values) if not missing.all() else np.zeros(0, dtype=np.float32)
        present = numbers[~np.isnan(numbers)]
        some_missing = len(present) < len(values)
        if not len(present) or (present.min() == present.max() and not some_missing):
            return None
        return Source(name=name, kind=kind, missing=some_missing)
    codes, levels = _levels(values)
    counts = np.bincount(codes + 1, minlength=len(levels) + 1)
    enough = min_level_share * len(values)
    kept = sorted(level for level, count in zip(levels, counts[1:], strict=True) if count >= enough)
    source = Source(
        name=name,
        kind="text",
        levels=tuple(kept),
        other=len(kept) < len(levels),
        missing=bool(counts[0] >= enough and counts[0] > 0),
    )
    return source if len(source.columns) > 1 else None


def _one_hot(source: Source, values: pd.Series, block: Matrix) -> None:
    """Set the one column of each row that applies; a missing value without column sets none."""
    codes, levels = _levels(values)
    place = {column.level: at for at, column in enumerate(source.columns) if column.kind == "level"}
    other = len(source.levels) if source.other else -1
    missing = len(source.columns) - 1 if source.missing else -1
    target = np.array([missing, *(place.get(level, other) for level in levels)])[codes + 1]
    rows = np.flatnonzero(target >= 0)
    block[rows, target[rows]] = 1
