"""Features become one float32 matrix, the same tonight as in training."""

import numpy as np
import pandas as pd
import pytest

from churn.errors import ModelError
from churn.learning.encoding import Encoder

TRAIN = pd.DataFrame(
    {
        "minutes": [1.5, None, 3.0, 4.0],
        "roaming": [True, False, False, True],
        "plan": ["gold", "basic", "basic", None],
        "same": [7, 7, 7, 7],
        "same_or_missing": [7.0, None, 7.0, 7.0],
        "empty": [None, None, None, None],
        "one_plan": ["a", "a", "a", "a"],
    }
)


def _fit(share=0.2, frame=TRAIN):
    return Encoder.fit(frame, list(frame.columns), share)


def test_a_little_table_encoded():
    """Numbers keep NaN, flags become 0 and 1, texts one column per level, constants go."""
    encoder = _fit()
    assert [(c.source, c.kind, c.level) for c in encoder.columns] == [
        ("minutes", "number", ""),
        ("roaming", "flag", ""),
        ("plan", "level", "basic"),
        ("plan", "level", "gold"),
        ("plan", "missing", ""),
        ("same_or_missing", "number", ""),
    ]
    assert encoder.dropped == ("same", "empty", "one_plan")
    matrix = encoder.transform(TRAIN)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(
        matrix,
        [
            [1.5, 1, 0, 1, 0, 7],
            [np.nan, 0, 1, 0, 0, np.nan],
            [3, 0, 1, 0, 0, 7],
            [4, 1, 0, 0, 1, 7],
        ],
    )


def test_rare_and_unseen_levels_share_a_column():
    """A level below the share, and one that training never saw, are "other"."""
    frame = pd.DataFrame({"plan": ["a"] * 6 + ["b"] * 3 + ["rare"]})
    encoder = _fit(0.2, frame)
    assert [column.kind for column in encoder.columns] == ["level", "level", "other"]
    tonight = pd.DataFrame({"plan": ["a", "rare", "never seen", None]})
    np.testing.assert_array_equal(
        encoder.transform(tonight), [[1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 0]]
    )


@pytest.mark.parametrize(
    "dtype", ["str", "object", "category", pd.ArrowDtype(__import__("pyarrow").string())]
)
def test_texts_of_any_storage_encode_alike(dtype):
    """The storage of a text column is no part of the model."""
    frame = pd.DataFrame({"plan": pd.Series(["a", "b", "a", None]).astype(dtype)})
    matrix = _fit(0.1, pd.DataFrame({"plan": ["a", "b", "a", None]})).transform(frame)
    np.testing.assert_array_equal(matrix, [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]])


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float32", "Float32", "int64[pyarrow]"])
def test_numbers_of_any_storage_encode_alike(dtype):
    """Nullable and Arrow integers are numbers."""
    frame = pd.DataFrame({"minutes": pd.Series([1, 2]).astype(dtype)})
    encoder = _fit(0.1, pd.DataFrame({"minutes": [1, 2]}))
    np.testing.assert_array_equal(encoder.transform(frame), [[1], [2]])


def test_a_feature_missing_for_everyone_tonight_is_missing():
    """A night on which a source was not delivered still encodes."""
    tonight = TRAIN.assign(minutes=None, plan=None, roaming=None)
    matrix = _fit().transform(tonight)
    assert np.isnan(matrix[:, :2]).all()
    np.testing.assert_array_equal(matrix[:, 2:5], [[0, 0, 1]] * 4)


def test_json_keeps_the_encoder():
    """Reading what was written gives an equal encoder."""
    encoder = _fit()
    assert Encoder.model_validate_json(encoder.model_dump_json()) == encoder


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (TRAIN.drop(columns=["minutes", "plan"]), "2 features are absent: minutes, plan"),
        (TRAIN.assign(minutes=["x"] * 4), "minutes was a number in training and is a text now"),
        (TRAIN.assign(plan=1.0), "plan was a text in training and is a number now"),
        (TRAIN.assign(minutes=[np.inf, 1, 2, 3]), "minutes is infinite in 1 rows"),
        (TRAIN.assign(minutes=pd.Timestamp(2024, 1, 1)), "minutes holds datetime64 values"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused_by_name(frame, message):
    """Absent, changed and infinite features are named."""
    with pytest.raises(ModelError, match=message):
        _fit().transform(frame)


def test_constant_features_need_not_come_again():
    """What training dropped is not asked for."""
    assert _fit().transform(TRAIN.drop(columns=["same", "empty"])).shape == (4, 6)


def test_training_on_constants_only_is_refused():
    """There is nothing to learn from."""
    with pytest.raises(ModelError, match="all 1 features are constant"):
        _fit(frame=TRAIN[["same"]])
