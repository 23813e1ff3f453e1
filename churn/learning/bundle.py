"""The model bundle: everything scoring needs, as plain files without pickling.

``manifest.json`` names every file with its SHA-256 and carries a digest of itself;
``bundle.json`` holds features, encoder, calibration and reports; each model has its own file
under its head. The bundle turns into files and back; writing them is the store's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError

from churn.causes import CAUSES, HEADS, HeadName
from churn.errors import ModelError
from churn.evaluation.ranking import FloatArray
from churn.frozen import Frozen
from churn.language import Language
from churn.learning.calibration import Calibrator
from churn.learning.combination import MEMBERS, Combination
from churn.learning.encoding import Encoder
from churn.learning.heads import Head, HeadReport, RuleFigures, combine
from churn.learning.learners import BOOSTING, FILES, READERS, TREE
from churn.learning.manifest import MANIFEST, canonical_json, refused, sealed, sha256, verify
from churn.learning.reasons import Chosen, Reason, Teller
from churn.learning.rules import rule_text, rules_sql
from churn.learning.scorers import Scorer
from churn.learning.settings import Method
from churn.learning.usual import Usual, UsualContribution
from churn.learning.wording import FeatureSpec

CONTENT = "bundle.json"
#: Rows whose contributions are held at once.
_ROWS = 50_000


class _ScorerRecord(Frozen):
    method: Method
    repair: float
    calibrator: Calibrator


class _HeadRecord(Frozen):
    champion: str
    base_rate: float
    scorers: dict[str, _ScorerRecord]
    combination: Combination | None
    rules: tuple[RuleFigures, ...]
    usual: dict[str, UsualContribution] = Field(default_factory=dict)


class _Content(Frozen):
    features: tuple[FeatureSpec, ...]
    encoder: Encoder
    heads: dict[HeadName, _HeadRecord]
    reports: dict[HeadName, HeadReport]
    disagreement: float
    threads: int
    out_of_time: bool
    meta: dict[str, str]
    usual: dict[str, Usual] = Field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """Trained heads and all they need to score, explain themselves and be judged.

    Attributes
    ----------
    heads
        The heads that are on.
    reports
        One report per head that training could look at, heads that are off included: of downgrades
        there is none where no plan changes were delivered.
    disagreement
        See :meth:`churn.learning.heads.Head.disagrees`.
    meta
        Facts about the training run, e.g. its as-of date.
    usual
        What is usual of features over the base; empty in bundles that were written without.
    """

    features: tuple[FeatureSpec, ...]
    encoder: Encoder
    heads: Mapping[HeadName, Head]
    reports: Mapping[HeadName, HeadReport]
    disagreement: float
    threads: int
    out_of_time: bool
    meta: dict[str, str] = field(default_factory=dict)
    usual: Mapping[str, Usual] = field(default_factory=dict)
    _read: Mapping[str, bytes] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def specs(self) -> dict[str, FeatureSpec]:
        """Feature specs by name."""
        return {spec.name: spec for spec in self.features}

    @property
    def needed(self) -> tuple[str, ...]:
        """Names of the features that scoring reads."""
        return tuple(source.name for source in self.encoder.sources)

    @property
    def told(self) -> tuple[HeadName, ...]:
        """What scores tell of, on or off, in order: both causes, and what else was looked at."""
        return tuple(head for head in HEADS if head in CAUSES or head in self.reports)

    @property
    def on(self) -> tuple[HeadName, ...]:
        """The heads that score, in order."""
        return tuple(head for head in HEADS if head in self.heads)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the manifest, which holds that of every file: the bundle's hash."""
        return sha256(self.to_files()[MANIFEST])

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Score rows of features.

        Parameters
        ----------
        frame
            One row per subscriber, with at least the columns in :attr:`needed`.

        Returns
        -------
        DataFrame
            On the frame's index, per cause: ``p_<cause>`` (those that compete divided by their
            sum where it exceeds 1), ``raw_<cause>`` (the booster's raw logit),
            ``remainder_<cause>`` (the champion's log-odds minus the calibrated booster's, before
            that division: what the reasons do not tell; 0 where the booster is the champion),
            ``tree_p_<cause>``, ``rule_<cause>`` (from 1, the riskiest), ``tree_disagrees_<cause>``;
            and ``tree_disagrees``, true where any head's tree does. A head that is off gives
            missing values and no disagreement.
        """
        matrix = self.encoder.transform(frame)
        rows = len(frame)
        scores: dict[str, Any] = {}
        for cause in self.told:
            head = self.heads.get(cause)
            if head is None:
                nothing = np.full(rows, np.nan)
                scores |= {
                    f"{name}_{cause}": nothing for name in ("p", "raw", "remainder", "tree_p")
                }
                scores[f"rule_{cause}"] = pd.array([pd.NA] * rows, dtype="Int64")
                scores[f"tree_disagrees_{cause}"] = np.zeros(rows, dtype=np.bool_)
                continue
            scored, tree = head.score(matrix), head.scorers[TREE].chance(matrix)
            scores[f"p_{cause}"] = scored.chance
            scores[f"raw_{cause}"] = scored.raw
            scores[f"remainder_{cause}"] = scored.remainder
            scores[f"tree_p_{cause}"] = tree
            scores[f"rule_{cause}"] = pd.array(head.tree.rule_of(matrix), dtype="Int64")
            disagrees = head.disagrees(scored.chance, tree, self.disagreement)
            scores[f"tree_disagrees_{cause}"] = disagrees
        chances = combine({cause: scores[f"p_{cause}"] for cause in self.told})
        scores |= {f"p_{cause}": chance for cause, chance in chances.items()}
        scores["tree_disagrees"] = np.any(
            [scores[f"tree_disagrees_{c}"] for c in self.told], axis=0
        )
        order = [*(f"p_{cause}" for cause in self.told), *(n for n in scores if n[:2] != "p_")]
        return pd.DataFrame({name: scores[name] for name in order}, index=frame.index)

    def contributions(self, frame: pd.DataFrame, cause: HeadName) -> FloatArray:
        """Return the booster's exact contributions, in the encoder's order, and the base last.

        Shape (n, features + 1); each row sums to ``raw_<cause>``.
        """
        rows = self.encoder.transform(frame)
        return self._head(cause).booster.contributions(rows, self.encoder.groups)

    def reasons(
        self, frame: pd.DataFrame, cause: HeadName, top: int = 3
    ) -> list[tuple[Reason, ...]]:
        """Return each row's reasons, at most ``top``, those that set it apart the most first."""
        teller, chosen = self._chosen(frame, cause, top)
        return teller.reasons(chosen, frame)

    def reason_columns(
        self,
        frame: pd.DataFrame,
        cause: HeadName,
        language: Language,
        top: int = 3,
        *,
        currency: str = "",
    ) -> pd.DataFrame:
        """Return reasons as texts ``reason_1`` … on the frame's index; blank where fewer."""
        teller, chosen = self._chosen(frame, cause, top, currency)
        return teller.columns(chosen, frame, language)

    def first_reasons(self, frame: pd.DataFrame, cause: HeadName) -> list[str]:
        """Return the feature that each row's first reason is told by; empty where it has none."""
        teller, chosen = self._chosen(frame, cause, 1)
        return ["" if at < 0 else teller.names[at] for at in chosen.feature[:, 0].tolist()]

    def _chosen(
        self, frame: pd.DataFrame, cause: HeadName, top: int, currency: str = ""
    ) -> tuple[Teller, Chosen]:
        """Choose reasons, some rows after the other: contributions of a whole base are large."""
        head = self._head(cause)
        teller = Teller(self.encoder, self.specs, self.usual, head.usual, currency)
        parts = []
        for start in range(0, max(1, len(frame)), _ROWS):
            rows = frame.iloc[start : start + _ROWS]
            added = self.contributions(rows, cause)
            parts.append(teller.choose(added, rows, top))
        return teller, Chosen(
            np.concatenate([part.feature for part in parts]),
            np.concatenate([part.contribution for part in parts]),
        )

    def rule_text(
        self, cause: HeadName, rule: int, language: Language, *, of_somebody: bool = False
    ) -> str:
        """Return one rule of the head's tree as a sentence; beside a name, of that person alone."""
        tree = self._head(cause).tree
        return rule_text(tree, rule, language, self.encoder, self.specs, of_somebody=of_somebody)

    def rules_sql(self, cause: HeadName) -> str:
        """Return the head's tree as SQL that gives the rule number."""
        return rules_sql(self._head(cause).tree, self.encoder)

    def _head(self, cause: HeadName) -> Head:
        if cause not in self.heads:
            report = self.reports.get(cause)
            off = report.off if report else None
            raise ModelError(
                f"the {cause} head is off" + (f": {off.en}" if off else ""),
                where="model bundle",
                do="use the other head, or train on more history",
            )
        return self.heads[cause]

    def to_files(self) -> dict[str, bytes]:
        """Return the bundle as files by relative path; equal bundles give equal bytes.

        One that was read gives what it was read from: what an older version wrote keeps its hash.
        """
        if self._read is not None:
            return dict(self._read)
        content = _Content.model_validate(self, from_attributes=True)
        files = {CONTENT: canonical_json(content.model_dump(mode="json"))}
        for cause, head in self.heads.items():
            for name, scorer in head.scorers.items():
                files[f"{cause}/{FILES[name]}"] = scorer.model.to_bytes()
        return sealed(files)

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Bundle:
        """Read what :meth:`to_files` gave.

        Raises
        ------
        ModelError
            If a file is missing, foreign or not the one that was written; it is named.
        VersionError
            If the bundle was written by another version.
        """
        verify(files)
        try:
            content = _Content.model_validate_json(files[CONTENT])
        except ValidationError as error:
            raise refused(CONTENT, f"does not fit: {error.error_count()} fields") from None
        heads = {
            cause: _read_head(files, cause, record, content.threads)
            for cause, record in content.heads.items()
        }
        bundle = cls(**{**dict(content), "heads": heads})
        object.__setattr__(bundle, "_read", files)
        return bundle


def _read_head(
    files: Mapping[str, bytes], cause: HeadName, record: _HeadRecord, threads: int
) -> Head:
    scorers = {
        name: _read_scorer(files, cause, name, scorer, threads)
        for name, scorer in record.scorers.items()
    }
    head = Head(cause=cause, **{**dict(record), "scorers": scorers})
    combined = head.combination is None or set(head.combination.weights) == set(MEMBERS)
    parts = MEMBERS if head.combination else ()
    if not combined or not {TREE, BOOSTING, *parts} <= set(head.scorers):
        raise refused(CONTENT, f"does not fit: learners of the {cause} head are absent")
    if head.champion not in head.learners:
        raise refused(CONTENT, f"does not fit: the {cause} head has no such champion")
    return head


def _read_scorer(
    files: Mapping[str, bytes], cause: HeadName, name: str, record: _ScorerRecord, threads: int
) -> Scorer:
    if name not in FILES:
        raise refused(CONTENT, "names a learner there is not")
    path = f"{cause}/{FILES[name]}"
    if path not in files:
        raise refused(path, "is missing")
    try:
        model = READERS[name](files[path], threads)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise refused(path, f"does not fit: {type(error).__name__}") from None
    return Scorer(model, record.method, record.repair, record.calibrator)
