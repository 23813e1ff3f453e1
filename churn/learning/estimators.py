"""The learners as scikit-learn estimators: for pipelines, searches and curves of one's own.

What the product trains goes through :mod:`churn.learning.training`, which rebalances, repairs and
calibrates; an estimator fits one learner on the rows it is given, as they are.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from churn.evaluation.ranking import FloatArray
from churn.learning.calibration import chance_of
from churn.learning.encoding import Matrix
from churn.learning.learners import learners
from churn.learning.settings import LearningSettings


class LearnerClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # untyped bases
    """One learner, for outcomes of two classes; missing values are NaN.

    Parameters
    ----------
    learner
        ``tree``, ``boosting`` or ``network``.
    settings
        What training is told; seed and threads among them. The defaults without.

    Attributes
    ----------
    classes_
        Shape (2,): sorted; chances are of the second.
    model_
        The fitted :class:`~churn.learning.learners.Model`.

    Examples
    --------
    >>> rows = [[0.0], [1.0], [2.0], [3.0]]
    >>> fitted = LearnerClassifier("tree").fit(rows, ["left", "left", "stayed", "stayed"])
    >>> fitted.classes_.tolist()
    ['left', 'stayed']
    """

    def __init__(self, learner: str = "boosting", settings: LearningSettings | None = None) -> None:
        self.learner = learner
        self.settings = settings

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> Self:
        """Fit rows: shapes (n, columns), (n,) and (n,).

        Raises
        ------
        ValueError
            If there is no such learner, a value is infinite, or the classes are not two.
        """
        known = learners(self.settings or LearningSettings())
        if self.learner not in known:
            raise ValueError(f"there is no learner {self.learner!r}: {', '.join(known)}")
        rows, outcome = validate_data(
            self, X, y, dtype=np.float32, order="C", ensure_all_finite="allow-nan"
        )
        check_classification_targets(outcome)
        kind = type_of_target(outcome, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(  # in the words that scikit-learn's checks look for
                f"Only binary classification is supported. The type of the target is {kind}."
            )
        weight = _check_sample_weight(
            sample_weight, rows, dtype=np.float64, ensure_non_negative=True
        )
        self.classes_, second = np.unique(outcome, return_inverse=True)
        churned, counted = second.astype(np.bool_), weight > 0
        if len(np.unique(second[counted])) < 2:  # noqa: PLR2004 - two classes
            raise ValueError("rows that weigh have one class only: nothing tells who leaves")
        self.model_ = known[self.learner].fit(rows[counted], churned[counted], weight[counted])
        return self

    def decision_function(self, X: npt.ArrayLike) -> FloatArray:
        """Return the raw log-odds of the second class: shape (n,)."""
        check_is_fitted(self)
        rows: Matrix = validate_data(
            self, X, dtype=np.float32, order="C", ensure_all_finite="allow-nan", reset=False
        )
        return self.model_.raw_logit(rows)

    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Return the chance of either class: shape (n, 2)."""
        second = chance_of(self.decision_function(X))
        return np.column_stack([1 - second, second])

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the likelier class: shape (n,)."""
        likelier = self.decision_function(X) > 0
        classes: npt.NDArray[Any] = self.classes_[likelier.astype(np.int64)]
        return classes

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn what is taken: two classes, and missing values."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags
