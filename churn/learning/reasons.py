"""Why this subscriber: the booster's exact contributions, by family, in words.

A family's contribution is the sum over its features; it is told by the feature in it that
raises the risk most. Only what raises the risk is a reason to call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn.evaluation.ranking import FloatArray
from churn.language import COLON, Language, Text
from churn.learning.encoding import Encoder
from churn.learning.wording import NO, UNKNOWN, YES, FeatureSpec, number


@dataclass(frozen=True)
class Reason:
    """One family that raises a subscriber's risk.

    Attributes
    ----------
    feature
        The feature that tells most in it; ``text`` is it and its value in words.
    contribution
        What the whole family adds to the raw log-odds.
    """

    family: str
    feature: str
    contribution: float
    text: Text


def by_feature(contributions: FloatArray, encoder: Encoder) -> FloatArray:
    """Add up the columns of each feature: shape (n, features), in the encoder's order."""
    starts = np.cumsum([0, *(len(source.columns) for source in encoder.sources)])[:-1]
    return np.add.reduceat(contributions[:, : len(encoder.columns)], starts, axis=1)


def find_reasons(
    contributions: FloatArray,
    frame: pd.DataFrame,
    encoder: Encoder,
    specs: Mapping[str, FeatureSpec],
    top: int,
) -> list[tuple[Reason, ...]]:
    """Return each row's strongest risk-raising families, strongest first, at most ``top``.

    Parameters
    ----------
    contributions
        Shape (n, columns + 1), as the booster gives them.
    frame
        The rows' features, for the values told.
    """
    features = by_feature(contributions, encoder)
    names = [source.name for source in encoder.sources]
    families = sorted({specs[name].family for name in names})
    members = {
        family: [at for at, name in enumerate(names) if specs[name].family == family]
        for family in families
    }
    sums = np.column_stack([features[:, members[family]].sum(axis=1) for family in families])
    ranked = np.argsort(-sums, axis=1, kind="stable")[:, :top]
    kinds = {source.name: source.kind for source in encoder.sources}
    values = {name: frame[name].tolist() for name in names}
    found = []
    for row, order in enumerate(ranked):
        reasons = []
        for at in order:
            if sums[row, at] <= 0:
                break
            inside = members[families[at]]
            name = names[inside[int(np.argmax(features[row, inside]))]]
            text = worded(specs[name], kinds[name], values[name][row])
            reasons.append(Reason(families[at], name, float(sums[row, at]), text))
        found.append(tuple(reasons))
    return found


def worded(spec: FeatureSpec, kind: str, value: object) -> Text:
    """Return a feature with its value, e.g. ``calls to competitors: 42 %``.

    No value is what it means alone (``no commitment``), and so is a number below 0 that has a
    sentence of its own (``contract ended 17 days ago``).
    """
    if value is None or pd.isna(value):
        if spec.null_means is not None:
            return spec.null_means
        words = UNKNOWN
    elif kind == "text":
        words = spec.word(str(value))
    elif kind == "flag" or spec.unit == "flag":
        words = YES if value else NO
    else:
        plain = float(value)  # type: ignore[arg-type] # a number by the encoder's kind
        below = plain < 0 and spec.below_zero
        words = Text.by(lambda to: number(-plain if below else plain, spec.unit, to))
        if below:
            return Text(below.en.format(value=words.en), below.zh.format(value=words.zh))
    return spec.text + COLON + words


def reason_columns(
    reasons: list[tuple[Reason, ...]], language: Language, top: int, index: pd.Index
) -> pd.DataFrame:
    """Lay reasons out as ``reason_1`` …; blank where a row has fewer."""
    return pd.DataFrame(
        {
            f"reason_{at + 1}": [
                row[at].text.of(language) if at < len(row) else "" for row in reasons
            ]
            for at in range(top)
        },
        index=index,
        dtype="str",
    )
