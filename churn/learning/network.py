"""The neural network: trained by scikit-learn, kept as arrays, evaluated in NumPy.

Several members, differently seeded, are averaged in the logit; a member's weights are the mean
over its last epochs, which calms Adam without a schedule. The number of steps is fixed: stopping
early on a part would spend that part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from churn.evaluation.ranking import BoolArray, FloatArray
from churn.learning.archive import from_npz, to_npz
from churn.learning.encoding import Matrix
from churn.learning.ramps import Ramps
from churn.learning.settings import NetworkSettings

Done = TypeVar("Done")
#: Rows evaluated at once, always exactly so many, filled up where fewer are left: products of the
#: same shape add up in the same order, so a row's score does not depend on the rows beside it.
CHUNK = 3072


@dataclass(frozen=True)
class Network:
    """A fitted network.

    Attributes
    ----------
    ramps
        Its inputs.
    weights, biases
        Per layer, shape (members, in, out) and (members, out); the last layer has one output.
    threads
        Threads to evaluate with.
    """

    ramps: Ramps
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    threads: int

    def raw_logit(self, matrix: Matrix) -> FloatArray:
        """Return the members' mean log-odds: shape (n,)."""
        starts = range(0, len(matrix), CHUNK)
        logits = _in_parallel(lambda at: self._logit(matrix[at : at + CHUNK]), starts, self.threads)
        return np.concatenate([np.zeros(0), *logits])

    def _logit(self, chunk: Matrix) -> FloatArray:
        """Return the log-odds of at most a chunk of rows."""
        filled = np.zeros((CHUNK, self.ramps.columns), dtype=np.float32)
        filled[: len(chunk)] = chunk
        inputs = self.ramps.inputs(filled)
        members = len(self.weights[0])
        total = np.zeros(CHUNK)
        for member in range(members):
            signal = inputs @ self.weights[0][member] + self.biases[0][member]
            for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
                np.maximum(signal, 0.0, out=signal)
                signal = signal @ weight[member] + bias[member]
            total += signal[:, 0]
        return total[: len(chunk)] / members

    def to_bytes(self) -> bytes:
        """Write as ``npz`` without pickling."""
        layers = {f"weight_{at}": weight for at, weight in enumerate(self.weights)}
        layers |= {f"bias_{at}": bias for at, bias in enumerate(self.biases)}
        return to_npz(self.ramps.arrays() | layers)

    @classmethod
    def from_bytes(cls, content: bytes, threads: int) -> Network:
        """Read what :meth:`to_bytes` wrote.

        Raises
        ------
        ValueError
            If the arrays are no network, or would have to be unpickled.
        KeyError
            If one is absent.
        """
        arrays = from_npz(content)
        ramps = Ramps.from_arrays(arrays)
        layers = range(sum(name.startswith("weight_") for name in arrays))
        weights = tuple(arrays[f"weight_{at}"] for at in layers)
        biases = tuple(arrays[f"bias_{at}"] for at in layers)
        members = len(weights[0]) if weights else 0
        widths = [len(ramps.mean), *(bias.shape[-1] for bias in biases)]
        fit = all(
            weight.shape == (members, *ends) and bias.shape == (members, ends[1])
            for weight, bias, ends in zip(weights, biases, pairwise(widths), strict=True)
        )
        finite = all(np.isfinite(array).all() for array in arrays.values())
        if widths[-1] != 1 or not members or not fit or not finite:
            raise ValueError("the layers do not fit each other")
        return cls(ramps, weights, biases, threads)


def train_network(
    matrix: Matrix,
    outcome: BoolArray,
    weight: FloatArray,
    settings: NetworkSettings,
    *,
    seed: int,
    threads: int,
) -> Network:
    """Fit the members on rows of any base rate; the caller repairs the logit."""
    ramps = Ramps.fit(matrix, settings.bins)
    # in double precision: Adam's traces of weights that decay to nothing leave the range of
    # single precision, where every product with them takes many times as long
    inputs = ramps.inputs(matrix)
    members = _in_parallel(
        lambda member: _member(inputs, outcome, weight, settings, seed + member),
        range(settings.members),
        threads,
    )
    weights, biases = (
        tuple(np.stack(layer) for layer in zip(*kind, strict=True))
        for kind in zip(*members, strict=True)
    )
    return Network(ramps, weights, biases, threads)


def _in_parallel(work: Callable[[int], Done], items: Iterable[int], threads: int) -> list[Done]:
    """Do pieces of work side by side, each in one thread; in order.

    The matrices are too small for a product to be worth several threads that wait for each other.
    """
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


def _member(
    inputs: FloatArray,
    outcome: BoolArray,
    weight: FloatArray,
    settings: NetworkSettings,
    seed: int,
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Fit one perceptron; return each layer's weights and biases, averaged over the last epochs."""
    batch = min(settings.batch_rows, len(inputs))
    epochs = settings.epochs(len(inputs))
    averaged = max(1, round(settings.averaged_share * epochs))
    perceptron = MLPClassifier(
        hidden_layer_sizes=settings.hidden,
        solver="adam",
        # scikit-learn's penalty is per batch, and divided by the batch's weight
        alpha=settings.shrinkage * batch / len(inputs),
        batch_size=batch,
        learning_rate_init=settings.learning_rate,
        # scikit-learn would shuffle every epoch alike if given a number
        random_state=np.random.RandomState(seed),
    )
    target = outcome.astype(np.int64)
    weights: list[FloatArray] = []
    biases: list[FloatArray] = []
    for epoch in range(epochs):
        perceptron.partial_fit(inputs, target, classes=[0, 1], sample_weight=weight)
        if epoch < epochs - averaged:
            continue
        weights = _added(weights, perceptron.coefs_)
        biases = _added(biases, perceptron.intercepts_)
    return [layer / averaged for layer in weights], [layer / averaged for layer in biases]


def _added(total: list[FloatArray], now: list[FloatArray]) -> list[FloatArray]:
    """Add layer by layer; scikit-learn goes on changing its arrays, so they are copied."""
    if not total:
        return [layer.copy() for layer in now]
    return [before + layer for before, layer in zip(total, now, strict=True)]
