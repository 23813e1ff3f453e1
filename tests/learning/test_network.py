"""The network learns as scikit-learn's does, is deterministic, and is kept without pickling."""

import io
import zipfile

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from churn.draws import generator
from churn.learning.archive import from_npz, to_npz
from churn.learning.network import CHUNK, Network, Parameters, train_network
from churn.learning.ramps import Ramps
from churn.learning.settings import NetworkSettings

SETTINGS = NetworkSettings(hidden=(8, 4), members=2, steps=120, batch_rows=64, shrinkage=1)


def _world(seed=0, n=1500):
    """Only rows that are high in both columns leave: no sum of effects says that."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, 4)).astype(np.float32)
    both = (matrix[:, 0] > 0.3) & (matrix[:, 1] > 0.3)
    outcome = generator.random(n) < np.where(both, 0.8, 0.05)
    matrix[generator.random((n, 4)) < 0.1] = np.nan
    return matrix, outcome, np.ones(n)


def _fit(seed=1, settings=SETTINGS, **world):
    return train_network(*_world(**world), settings, seed=seed, threads=1)


@pytest.fixture(scope="module")
def fitted():
    """Return a small network and its rows."""
    return _fit(), _world()[0]


def test_same_rows_and_seed_give_the_same_bytes(fitted):
    """Training twice gives the same file; another seed gives another."""
    assert _fit().to_bytes() == fitted[0].to_bytes()
    assert _fit(seed=2).to_bytes() != fitted[0].to_bytes()


def test_reloading_keeps_every_bit(fitted):
    """The file holds everything."""
    model, matrix = fitted
    again = Network.from_bytes(model.to_bytes(), 1)
    assert again.to_bytes() == model.to_bytes()
    np.testing.assert_array_equal(again.raw_logit(matrix), model.raw_logit(matrix))


def test_every_step_is_scikit_learns():
    """From the same start, a batch of all rows with weights and a penalty: the same chances."""
    matrix, outcome, _ = _world()
    weight = np.random.default_rng(3).uniform(0.2, 3, len(matrix))
    settings = SETTINGS.model_copy(
        update={"members": 1, "batch_rows": 1500, "averaged_share": 0.001, "shrinkage": 20}
    )
    model = train_network(matrix, outcome, weight, settings, seed=5, threads=1)
    inputs = model.ramps.inputs(matrix)
    start = Parameters.drawn((inputs.shape[1], *settings.hidden, 1), generator(5))
    layers = iter(zip(*start.layers(), strict=True))

    class Begun(MLPClassifier):
        def _init_coef(self, *_):
            return next(layers)

    perceptron = Begun(
        settings.hidden, alpha=settings.shrinkage, batch_size=1500,
        learning_rate_init=settings.learning_rate,
    )  # fmt: skip
    for _ in range(settings.epochs(1500)):
        perceptron.partial_fit(inputs, outcome, classes=[False, True], sample_weight=weight)
    assert settings.epochs(1500) == 40
    chance = 1 / (1 + np.exp(-model.raw_logit(matrix)))
    np.testing.assert_allclose(chance, perceptron.predict_proba(inputs)[:, 1], rtol=0, atol=1e-5)
    assert np.ptp(chance) > 0.05


def test_the_last_epochs_are_averaged():
    """Half of two epochs is the second; the whole is their mean."""
    one, last, mean = (
        _fit(settings=SETTINGS.model_copy(
            update={"members": 1, "batch_rows": 1500, "steps": steps, "averaged_share": share}
        ))
        for steps, share in ((1, 0.001), (2, 0.5), (2, 1))
    )  # fmt: skip
    for first, second, both in zip(one.weights, last.weights, mean.weights, strict=True):
        np.testing.assert_allclose((first + second) / 2, both, atol=1e-9)


def test_members_are_averaged_in_the_logit(fitted):
    """The whole is the mean of its members."""
    model, matrix = fitted
    members = [
        Network(model.ramps, *(tuple(layer[at : at + 1] for layer in kind)
                               for kind in (model.weights, model.biases)), threads=1)
        for at in (0, 1)
    ]  # fmt: skip
    mean = (members[0].raw_logit(matrix) + members[1].raw_logit(matrix)) / 2
    np.testing.assert_allclose(model.raw_logit(matrix), mean, atol=1e-12)
    assert (members[0].raw_logit(matrix) != members[1].raw_logit(matrix)).any()


def test_it_learns_what_only_two_columns_together_tell():
    """Held-out rows high in both columns get most of the highest scores."""
    model = _fit(n=4000, settings=SETTINGS.model_copy(update={"steps": 1200}))
    matrix, _, _ = _world(seed=9)
    both = (matrix[:, 0] > 0.3) & (matrix[:, 1] > 0.3)
    top = np.argsort(-model.raw_logit(matrix))[: both.sum()]
    assert both[top].mean() > 0.85


@pytest.mark.parametrize("rows", [1, 7, CHUNK - 1, CHUNK, CHUNK + 5])
def test_a_rows_score_depends_on_the_row_alone(fitted, rows):
    """Alone, in a small batch or in a large one: the same bits."""
    model, matrix = fitted
    many = np.tile(matrix, (3, 1))
    np.testing.assert_array_equal(model.raw_logit(many[-rows:]), model.raw_logit(many)[-rows:])


def test_going_on_takes_a_little_of_what_other_rows_tell():
    """Rows in which half of a group has left raise that group against the others, in part."""
    matrix, outcome, weight = _world(n=2000)
    model = train_network(matrix, outcome, weight, SETTINGS, seed=5, threads=1)
    group = matrix[:, 0] > 0.5
    other = np.where(group, np.arange(len(matrix)) % 2 == 0, outcome)
    on = train_network(matrix, other, weight, SETTINGS, seed=5, threads=1, begun=model)
    anew = train_network(matrix, other, weight, SETTINGS, seed=5, threads=1)
    before, some, all_of_it = (
        logit[group].mean() - logit[~group].mean()
        for logit in (one.raw_logit(matrix) for one in (model, on, anew))
    )
    assert 0.02 < (some - before) / (all_of_it - before) < 0.8
    assert on.ramps is model.ramps


def test_no_rows_give_no_scores(fitted):
    """A night without eligible subscribers is no error."""
    model, matrix = fitted
    assert model.raw_logit(matrix[:0]).shape == (0,)


def test_a_number_enters_as_ramps_and_a_missing_one_as_their_mean():
    """Edges at distinct values where they are few; beyond the ends nothing changes."""
    column = np.array([0, 0, 0, 0, 1, 2, np.nan, np.nan], dtype=np.float32)
    ramps = Ramps.fit(column[:, None], bins=4)
    assert ramps.edges.tolist() == [0, 1, 2]
    found = ramps.inputs(np.array([[0.5], [1.5], [-9], [9], [np.nan]], dtype=np.float32))
    plain = found[:, :2] * ramps.scale[:2] + ramps.mean[:2]
    np.testing.assert_allclose(
        plain, [[0.5, 0], [1, 0.5], [0, 0], [1, 1], [2 / 6, 1 / 6]], atol=1e-12
    )
    assert (found[4, :2] == 0).all()
    np.testing.assert_allclose(found[:, 2] * ramps.scale[2] + ramps.mean[2], [0, 0, 0, 0, 1])


def test_a_value_that_stands_out_does_not_use_up_the_edges():
    """Nine in ten without arrears: the tenth still has all its ramps."""
    column = np.concatenate([np.zeros(9000), np.arange(1, 1001)]).astype(np.float32)
    edges = Ramps.fit(column[:, None], bins=8).edges
    assert len(edges) == 10
    assert edges[0] == 0
    assert (np.diff(edges)[1:] > 100).all()


def test_columns_without_values_or_without_change_do_no_harm():
    """Nothing known, or always the same: finite inputs all the same."""
    matrix = np.array([[np.nan, 3], [np.nan, 3]], dtype=np.float32)
    ramps = Ramps.fit(matrix, bins=8)
    assert np.isfinite(ramps.inputs(np.array([[1, np.nan], [np.nan, 5]], np.float32))).all()


def test_the_file_is_undated_and_unpickled(fitted):
    """Fixed dates inside, and an archive with objects is refused."""
    content = fitted[0].to_bytes()
    entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    foreign = io.BytesIO()
    np.savez(foreign, edges=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    for wrong in (foreign.getvalue(), b"", b"junk", content[:100]):
        with pytest.raises(ValueError, match=r"pickle|archive"):
            from_npz(wrong)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("weight_0", lambda array: array[:, 1:]),
        ("weight_1", lambda array: array[:1]),
        ("bias_2", lambda array: np.repeat(array, 2, axis=1)),
        ("weight_2", lambda array: array * np.nan),
        ("mean", lambda array: array[1:]),
        ("starts", lambda array: array[::-1]),
        ("edges", lambda array: array[1:]),
        ("indicator", lambda array: array.astype(np.int64)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(fitted, name, change):
    """Shapes, kinds and finiteness are checked before anything is scored."""
    arrays = from_npz(fitted[0].to_bytes())
    with pytest.raises(ValueError, match="do not fit"):
        Network.from_bytes(to_npz({**arrays, name: change(arrays[name])}), 1)


def test_steps_are_what_is_fixed():
    """Many rows are seen a few times, few rows at most so often."""
    settings = NetworkSettings(steps=100, batch_rows=10, max_epochs=30)
    assert [settings.epochs(rows) for rows in (10, 100, 400, 5000)] == [30, 10, 3, 1]
