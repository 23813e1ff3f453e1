"""Why this subscriber: exact contributions, by what a contact would be about, in words.

Contributions of a topic are added up, so that features that say the same do not split a reason, and
told by one of its features. What sets somebody apart comes first: from the base, or it is no reason
at all, and from the others at risk. What merely ranks is told where there is nothing that a
contact could be about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd

from churn.evaluation.ranking import BoolArray, FloatArray, IntArray
from churn.language import COLON, Language, Text
from churn.learning.encoding import Encoder
from churn.learning.usual import Usual, UsualContribution, figures
from churn.learning.wording import NO, UNKNOWN, YES, FeatureSpec, stated

Kept = TypeVar("Kept")
#: Log-odds that a reason adds at least: a twentieth more.
LEAST = 0.05
#: Share of the strongest reason, or of the strongest feature of its topic, below which none is.
WEAKEST = 0.25
#: Log-odds by which a feature adds more than it does for most, at least.
MORE = 0.01
#: Units whose usual value tells nothing beside another; the others say it themselves.
_SAYS_ITSELF = {"flag", "ratio", "days ago"}


@dataclass(frozen=True)
class Reason:
    """One topic that raises a subscriber's risk.

    Attributes
    ----------
    topic
        What a contact would be about, or the family of what merely ranks.
    feature
        The feature it is told by; ``text`` is it and its value in words.
    contribution
        What the whole topic adds to the raw log-odds.
    """

    topic: str
    feature: str
    contribution: float
    text: Text


@dataclass(frozen=True)
class Chosen:
    """Reasons as positions, strongest first: shape (n, top) each.

    Attributes
    ----------
    feature
        The feature a reason is told by, in the encoder's order; -1 where a row has fewer.
    contribution
        What its topic adds.
    """

    feature: IntArray
    contribution: FloatArray


@dataclass(frozen=True)
class Teller:
    """Chooses reasons of a head and words them.

    Attributes
    ----------
    values, contributions
        What is usual, by feature; what is not known there sets everybody apart.
    currency
        That of amounts; empty where nobody has said.
    """

    encoder: Encoder
    specs: Mapping[str, FeatureSpec]
    values: Mapping[str, Usual] = field(default_factory=dict)
    contributions: Mapping[str, UsualContribution] = field(default_factory=dict)
    currency: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The features, in the encoder's order."""
        return tuple(source.name for source in self.encoder.sources)

    @cached_property
    def ranks(self) -> BoolArray:
        """Tell which features merely rank: shape (features,)."""
        return np.array([not self.specs[name].topic for name in self.names])

    @cached_property
    def told(self) -> BoolArray:
        """Tell which features may be told of somebody: shape (features,)."""
        return np.array([not self.specs[name].of_others for name in self.names])

    @cached_property
    def topics(self) -> dict[str, IntArray]:
        """The features of each topic, as positions."""
        of = [self.specs[name].topic or self.specs[name].family for name in self.names]
        return {
            topic: np.flatnonzero([other == topic for other in of]).astype(np.int64)
            for topic in sorted(set(of))
        }

    def choose(self, added: FloatArray, frame: pd.DataFrame, top: int) -> Chosen:
        """Choose each row's reasons, at most ``top``.

        Parameters
        ----------
        added
            Shape (n, features + 1): what every feature adds, in the encoder's order; base last.
        frame
            The rows' features, for the values told.
        """
        everyone, riskiest = figures(self.contributions, self.encoder)
        added = added[:, :-1]
        apart = np.empty(added.shape, dtype=np.bool_)
        for at, source in enumerate(self.encoder.sources):
            usual = self.values.get(source.name)
            apart[:, at] = usual is None or usual.sets_apart(
                frame[source.name], source, ranks=bool(self.ranks[at])
            )
        telling = apart & self.told & (added > np.maximum(everyone, 0) + MORE)
        count, rows = len(self.topics), np.arange(len(added))
        sums, feature = np.empty((len(added), count)), np.empty((len(added), count), dtype=np.int64)
        key, known = np.empty((len(added), count)), np.empty((len(added), count), dtype=np.bool_)
        for place, inside in enumerate(self.topics.values()):
            sums[:, place] = added[:, inside].sum(axis=1)
            key[:, place] = sums[:, place] - riskiest[inside].sum()
            best = _best(added[:, inside], telling[:, inside], riskiest[inside], self.ranks[inside])
            feature[:, place] = inside[best]
            known[:, place] = telling[rows, inside[best]] & (sums[:, place] >= LEAST)
        ranks = self.ranks[feature]
        known &= ~ranks | ~(known & ~ranks).any(axis=1, keepdims=True)
        strongest = np.where(known, sums, 0).max(axis=1, initial=0)
        known &= sums >= WEAKEST * strongest[:, None]
        chosen = np.full((len(added), top), -1, dtype=np.int64)
        contribution = np.full((len(added), top), np.nan)
        key = np.where(known, key, -np.inf)
        for place in range(min(top, count)):
            best = np.argmax(key, axis=1)
            there = known[rows, best]
            chosen[there, place] = feature[rows, best][there]
            contribution[there, place] = sums[rows, best][there]
            key[rows, best] = -np.inf
            known[rows, best] = False
        return Chosen(chosen, contribution)

    def columns(self, chosen: Chosen, frame: pd.DataFrame, language: Language) -> pd.DataFrame:
        """Return reasons as texts ``reason_1`` …; blank where a row has fewer."""
        # not texts, of which there may be one a row: the collector would go through them all
        told, places = self._told(chosen, frame, lambda text: text.of(language))
        words = np.array(told, dtype=object)
        return pd.DataFrame(
            {f"reason_{at + 1}": words[place] for at, place in enumerate(places.T)},
            index=frame.index,
            dtype="str",
        )

    def reasons(self, chosen: Chosen, frame: pd.DataFrame) -> list[tuple[Reason, ...]]:
        """Return reasons row by row."""
        texts, places = self._told(chosen, frame, lambda text: text)
        topic = {self.names[at]: name for name, inside in self.topics.items() for at in inside}
        return [
            tuple(
                Reason(topic[self.names[at]], self.names[at], float(adds), texts[place])
                for at, adds, place in zip(features, contributions, where, strict=True)
                if at >= 0
            )
            for features, contributions, where in zip(
                chosen.feature, chosen.contribution, places, strict=True
            )
        ]

    def _told(
        self, chosen: Chosen, frame: pd.DataFrame, kept: Callable[[Text], Kept]
    ) -> tuple[list[Kept], IntArray]:
        """Word each value told once: what is kept of the texts, and by reason which.

        The first is blank.
        """
        told = [kept(Text("", ""))]
        places = np.zeros(chosen.feature.shape, dtype=np.int64)
        for at in np.unique(chosen.feature[chosen.feature >= 0]).tolist():
            source, spec = self.encoder.sources[at], self.specs[self.names[at]]
            row, place = np.nonzero(chosen.feature == at)
            codes, values = pd.factorize(frame[source.name].iloc[row], use_na_sentinel=False)
            places[row, place] = codes + len(told)
            often = usually(spec, self.values.get(source.name))
            told += [
                kept(worded(spec, source.kind, value, often, self.currency))
                for value in values.tolist()
            ]
        return told, places


def _best(
    added: FloatArray, telling: BoolArray, riskiest: FloatArray, ranks: BoolArray
) -> IntArray:
    """Return which feature tells a topic best, row by row: shape (n,).

    The one that adds the most more than for others at risk, of those that add enough; one that
    merely ranks only where no other does.
    """
    strongest = np.where(telling, added, 0).max(axis=1)
    enough = telling & (added >= WEAKEST * strongest[:, None])
    tier = np.where(enough, 0, 2) + ranks
    first = tier == tier.min(axis=1, keepdims=True)
    best: IntArray = np.argmax(np.where(first, added - riskiest, -np.inf), axis=1)
    return best


def usually(spec: FeatureSpec, usual: Usual | None) -> float | None:
    """Return the usual amount; None where it tells nothing beside another."""
    middle = usual.middle if usual and spec.unit not in _SAYS_ITSELF else None
    return None if middle is None or middle <= 0 else middle


def worded(
    spec: FeatureSpec, kind: str, value: object, often: float | None = None, currency: str = ""
) -> Text:
    """Return a feature with its value, e.g. ``calls to competitors: 42 % (usually 12 %)``.

    No value is what it means alone (``no commitment``), and so is a number below 0 that has a
    sentence of its own (``contract ended 17 days ago``). What is usual is told of amounts.
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
        return stated(spec, plain, often, currency)
    return Text(f"{spec.en}{COLON.en}{words.en}", f"{spec.zh}{COLON.zh}{words.zh}")
