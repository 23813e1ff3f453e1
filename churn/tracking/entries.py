"""What is recorded of a training: plain values, so that who writes them needs no MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ColumnType = Literal["double", "boolean", "string", "long"]


@dataclass(frozen=True)
class RunRecord:
    """One run.

    Attributes
    ----------
    note
        What the run is, in Markdown: the first thing its page shows.
    metrics
        Figures by name; one that is undefined (NaN) is left out of the store.
    curves
        Points (step, value) by name, for line charts over whole-numbered steps.
    files
        Artefacts by relative path.
    """

    name: str
    note: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class PanelRecord:
    """The rows of a training, as a data set of the store: its name, its hash, its counts."""

    name: str
    content: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class LoadableModel:
    """The bundle, as MLflow loads it.

    Attributes
    ----------
    files
        By relative path; MLflow copies them as they are.
    loader
        The module whose ``_load_pyfunc`` reads the folder of them: nothing is unpickled.
    inputs, outputs
        Columns and their types.
    requirements
        Libraries with versions.
    tags, note
        Of the registered version.
    """

    files: Mapping[str, bytes]
    loader: str
    inputs: Mapping[str, ColumnType]
    outputs: Mapping[str, ColumnType]
    requirements: tuple[str, ...]
    tags: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True)
class RecordedTraining:
    """A whole training.

    Attributes
    ----------
    content
        The hash by which the training is known again.
    children
        One run per head and learner.
    """

    content: str
    parent: RunRecord
    children: tuple[RunRecord, ...]
    panel: PanelRecord
    model: LoadableModel
