"""The neural network: trained, kept and evaluated as plain arrays.

Several members, differently seeded, are averaged in the logit; a member's weights are the mean
over its last epochs, which calms Adam without a schedule. The number of steps is fixed: stopping
early on a part would spend that part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from churn.draws import generator
from churn.evaluation.ranking import BoolArray, FloatArray
from churn.late import Late
from churn.learning.archive import from_npz, to_npz
from churn.learning.encoding import Matrix
from churn.learning.parallel import side_by_side
from churn.learning.ramps import Ramps
from churn.learning.settings import NetworkSettings

special = Late("scipy.special")

#: Rows evaluated at once, always exactly so many, filled up where fewer are left: products of the
#: same shape add up in the same order, so a row's score does not depend on the rows beside it.
CHUNK = 3072
FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-8
"""Adam's forgetting of slopes and of their squares, and what keeps it from dividing by nothing."""
GOING_ON_EPOCHS, GOING_ON_RATE = 3, 0.1
"""Where a network goes on with other rows: times that it sees each, and share of Adam's step."""
NOTHING = 1e-30
"""What is smaller is 0 in single precision: near the end of its range products are slow."""
Single = npt.NDArray[np.float32]


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
        work = [lambda _, at=at: self._logit(matrix[at : at + CHUNK]) for at in starts]
        logits = side_by_side(work, self.threads)
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

    def members(self) -> list[Parameters]:
        """Return a copy of each member's weights and biases."""
        widths = (len(self.ramps.mean), *(bias.shape[-1] for bias in self.biases))
        layers = list(zip(self.weights, self.biases, strict=True))
        return [
            Parameters(
                widths, np.concatenate([np.ravel(one[at]) for pair in layers for one in pair])
            )
            for at in range(len(self.weights[0]))
        ]

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
    begun: Network | None = None,
) -> Network:
    """Fit the members on rows of any base rate; the caller repairs the logit.

    Parameters
    ----------
    begun
        A network to go on from in a few small steps on other rows; one model comes of it.
    """
    ramps = begun.ramps if begun else Ramps.fit(matrix, settings.bins)
    inputs = ramps.inputs(matrix, np.float32)
    starts = begun.members() if begun else [None] * settings.members
    members = side_by_side(
        [
            partial(_member, inputs, outcome, weight, settings, seed + at, start)
            for at, start in enumerate(starts)
        ],
        threads,
    )
    weights, biases = (
        tuple(np.stack(layer) for layer in zip(*kind, strict=True))
        for kind in zip(*(member.layers() for member in members), strict=True)
    )
    return Network(ramps, weights, biases, threads)


def _member(
    inputs: Single,
    outcome: BoolArray,
    weight: FloatArray,
    settings: NetworkSettings,
    seed: int,
    begun: Parameters | None,
    _threads: int,
) -> Parameters:
    """Fit one perceptron; return its weights and biases, averaged over the last epochs."""
    source = generator(seed)
    epochs = GOING_ON_EPOCHS if begun else settings.epochs(len(inputs))
    averaged = epochs if begun else max(1, round(settings.averaged_share * epochs))
    target, mass = outcome.astype(np.float32), weight.astype(np.float32)
    at = begun or Parameters.drawn((inputs.shape[1], *settings.hidden, 1), source)
    rate = settings.learning_rate * (GOING_ON_RATE if begun else 1)
    adam = _Adam(at, rate, settings.shrinkage / float(weight.sum()))
    mean = np.zeros_like(at.values)
    for epoch in range(epochs):
        order = source.permutation(len(inputs))
        for start in range(0, len(order), settings.batch_rows):
            rows = order[start : start + settings.batch_rows]
            adam.step(inputs[rows], target[rows], mass[rows])
        if epoch >= epochs - averaged:
            mean += at.values / averaged
    return Parameters(at.widths, mean)


class Parameters:
    """Weights and biases of a perceptron in one vector, layer by layer."""

    def __init__(self, widths: tuple[int, ...], values: npt.NDArray[Any]) -> None:
        self.widths, self.values = widths, values

    @classmethod
    def drawn(cls, widths: tuple[int, ...], source: np.random.Generator) -> Parameters:
        """Draw all uniformly, as wide as Glorot and Bengio (2010) have it."""
        bounds = [
            np.full(fan * out + out, np.sqrt(6 / (fan + out))) for fan, out in pairwise(widths)
        ]
        bound = np.concatenate(bounds)
        return cls(widths, source.uniform(-bound, bound))

    def layers(self) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
        """Return each layer's weights, shape (in, out), and biases, (out,): views."""
        weights, biases, start = [], [], 0
        for fan, out in pairwise(self.widths):
            middle = start + fan * out
            weights.append(self.values[start:middle].reshape(fan, out))
            biases.append(self.values[middle : middle + out])
            start = middle + out
        return weights, biases


class _Adam:
    """Adam on the log loss with a penalty on weights (Kingma and Ba, 2015).

    Products are in single precision, traces and parameters in double: there traces of weights that
    decay to nothing stay in range, outside of which every product takes many times as long.
    """

    def __init__(self, at: Parameters, rate: float, shrinkage: float) -> None:
        self._at, self._rate = at, rate
        self._single = Parameters(at.widths, at.values.astype(np.float32))
        self._slope = Parameters(at.widths, np.zeros_like(self._single.values))
        penalty = Parameters(at.widths, np.zeros_like(at.values))
        for weights in penalty.layers()[0]:
            weights[:] = shrinkage
        self._penalty = penalty.values
        self._first, self._second = np.zeros_like(at.values), np.zeros_like(at.values)
        # what is written over in every step: new arrays would take a quarter of the time
        self._spare = np.empty_like(at.values), np.empty_like(at.values)
        self._steps = 0

    def step(self, inputs: Single, target: Single, mass: Single) -> None:
        """Go one step down the mean loss of a batch."""
        single = self._single.values
        single[:] = self._at.values
        single[np.abs(single) < NOTHING] = 0.0
        self._descend(inputs, target, mass)
        slope, change = self._spare
        np.multiply(self._penalty, self._at.values, out=slope)
        slope += self._slope.values
        self._steps += 1
        np.subtract(slope, self._first, out=change)
        change *= 1 - FIRST
        self._first += change
        np.multiply(slope, slope, out=change)
        change -= self._second
        change *= 1 - SECOND
        self._second += change
        size = self._rate * np.sqrt(1 - SECOND**self._steps) / (1 - FIRST**self._steps)
        root = np.sqrt(self._second, out=slope)
        root += EPSILON
        np.multiply(self._first, size, out=change)
        change /= root
        self._at.values -= change

    def _descend(self, inputs: Single, target: Single, mass: Single) -> None:
        """Write the slopes of the batch's mean loss."""
        signals = [inputs]
        weights, biases = self._single.layers()
        for weight, bias in zip(weights, biases, strict=True):
            signal = signals[-1] @ weight
            signal += bias
            if len(signals) < len(weights):
                np.maximum(signal, 0, out=signal)
            signals.append(signal)
        error = (special.expit(signals.pop()[:, 0]) - target) * (mass / mass.sum())
        back = error[:, None]
        by_weight, by_bias = self._slope.layers()
        for layer in reversed(range(len(weights))):
            np.matmul(signals[layer].T, back, out=by_weight[layer])
            back.sum(axis=0, out=by_bias[layer])
            if layer:
                back = (back @ weights[layer].T) * (signals[layer] > 0)
