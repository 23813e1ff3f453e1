"""Recording a training: whole or not at all, once.

The registered version is written last and in one piece: it decides whether a training is there. A
kill leaves a run that is not *finished*; the next recording finishes it if it has its version,
and deletes it with all that belongs to it otherwise.
"""

from __future__ import annotations

import json
import math
import shutil
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from churn.tracking.entries import (
    ColumnType,
    LoadableModel,
    PanelRecord,
    RecordedTraining,
    RunRecord,
)
from churn.tracking.library import entities, mlflow, registry_errors
from churn.tracking.store import MODEL, Store

TRAINING = "training"
PARENT = "mlflow.parentRunId"
# What MLflow takes in one request.
_METRICS, _PARAMS = 1000, 100


def record(store: Store, training: RecordedTraining) -> bool:
    """Record a training and register its model, unless it is there already.

    Only for who holds the workspace.

    Returns
    -------
    bool
        Whether it was recorded; False where it was there.

    Raises
    ------
    ModelError
        If the registry cannot be used.
    StorageError
        If the disk refuses.
    """
    with registry_errors(store.database.name):
        store.open_to_write()
        mend(store)
        if _search(store, f"tags.{TRAINING} = '{training.content}' and tags.kind = 'training'"):
            return False
        parent = _start(store, training.parent, training.panel)
        for entry in training.children:
            child = _start(store, entry, training.panel, parent)
            _log(store, child, entry)
            store.client.set_terminated(child, "FINISHED")
        _log(store, parent, training.parent)
        model = _log_model(store, parent, training.model)
        store.client.create_model_version(
            MODEL,
            model.artifact_location,
            run_id=parent,
            tags={**training.model.tags, TRAINING: training.content},
            description=training.model.note,
            model_id=model.model_id,
        )
        store.client.set_terminated(parent, "FINISHED")
    return True


def mend(store: Store) -> None:
    """Finish or delete what a killed recording left behind."""
    shutil.rmtree(store.partial, ignore_errors=True)
    # Children go with their training; what somebody else logs here is none of ours.
    for run in _search(store, "attributes.status != 'FINISHED' and tags.kind = 'training'"):
        if store.client.search_model_versions(f"run_id = '{run.info.run_id}'"):
            store.client.set_terminated(run.info.run_id, "FINISHED")
        else:
            _delete(store, run.info.run_id)


def _search(store: Store, wanted: str) -> list[entities.Run]:
    runs: list[entities.Run] = []
    token = None
    while True:
        page = store.client.search_runs(
            [store.experiment.experiment_id], wanted, page_token=token, max_results=1000
        )
        runs += page
        token = page.token
        if not token:
            return runs


def _start(store: Store, entry: RunRecord, panel: PanelRecord, parent: str | None = None) -> str:
    tags = {"mlflow.source.name": "churn train", **entry.tags}
    if entry.note:
        tags["mlflow.note.content"] = entry.note
    if parent is not None:
        tags[PARENT] = parent
    run = store.client.create_run(store.experiment.experiment_id, tags=tags, run_name=entry.name)
    rows = entities.Dataset(
        name=panel.name,
        digest=panel.content[:8],
        source_type="code",
        source=json.dumps({"tags": {"mlflow.source.name": "churn train"}}),
        profile=json.dumps(dict(panel.counts)),
    )
    context = [entities.InputTag("mlflow.data.context", "training")]
    store.client.log_inputs(run.info.run_id, [entities.DatasetInput(rows, context)])
    return str(run.info.run_id)


def _log(store: Store, run: str, entry: RunRecord) -> None:
    now = int(time.time() * 1000)
    points = [(name, value, 0) for name, value in entry.metrics.items()]
    points += [(name, value, step) for name, curve in entry.curves.items() for step, value in curve]
    metrics = [
        entities.Metric(name, value, now, step)
        for name, value, step in points
        if math.isfinite(value)
    ]
    params = [entities.Param(name, value) for name, value in entry.params.items()]
    for at in range(0, len(metrics), _METRICS):
        store.client.log_batch(run, metrics=metrics[at : at + _METRICS])
    for at in range(0, len(params), _PARAMS):
        store.client.log_batch(run, params=params[at : at + _PARAMS])
    with _folder(store, entry.files) as files:
        store.client.log_artifacts(run, str(files))


def _log_model(store: Store, run: str, model: LoadableModel) -> entities.LoggedModel:
    """Log the model under the run."""
    logged = store.client.create_logged_model(
        store.experiment.experiment_id, name=MODEL, source_run_id=run, tags=dict(model.tags)
    )
    with _folder(store, model.files) as bundle, warnings.catch_warnings():
        # an input example would be a customer's row; the type hints are MLflow's own
        for asked in (".*An input example was not provided", ".*Any type hint is inferred"):
            warnings.filterwarnings("ignore", asked, UserWarning)
        whole = bundle.with_name("model")
        mlflow.pyfunc.save_model(
            path=str(whole),
            loader_module=model.loader,
            data_path=str(bundle),
            pip_requirements=list(model.requirements),
            signature=mlflow.models.ModelSignature(
                inputs=_schema(model.inputs), outputs=_schema(model.outputs)
            ),
            mlflow_model=mlflow.models.Model(
                artifact_path=logged.artifact_location,
                model_uuid=logged.model_id,
                run_id=run,
                model_id=logged.model_id,
            ),
        )
        store.client.log_model_artifacts(logged.model_id, str(whole))
    store.client.finalize_logged_model(logged.model_id, "READY")
    store.client.log_outputs(run, [entities.LoggedModelOutput(logged.model_id, step=0)])
    return logged


def _schema(columns: Mapping[str, ColumnType]) -> mlflow.types.Schema:
    return mlflow.types.Schema([mlflow.types.ColSpec(kind, name) for name, kind in columns.items()])


@contextmanager
def _folder(store: Store, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Give a folder with the files for as long as MLflow copies them."""
    shutil.rmtree(store.partial, ignore_errors=True)
    try:
        folder = store.partial / "files"
        folder.mkdir(parents=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield folder
    finally:
        shutil.rmtree(store.partial, ignore_errors=True)


def _delete(store: Store, parent: str) -> None:
    """Delete an unfinished training: its models, the runs below it, then itself.

    Files go before the entry that names them, so that a kill leaves none that nobody names.
    """
    experiment = store.experiment.experiment_id
    for model in store.client.search_logged_models([experiment]):
        if model.source_run_id == parent:
            shutil.rmtree(store.path(model.artifact_location).parent, ignore_errors=True)
            store.client.delete_logged_model(model.model_id)
    below = [run.info for run in _search(store, f"tags.`{PARENT}` = '{parent}'")]
    for info in (*below, store.client.get_run(parent).info):
        store.client.set_terminated(info.run_id, "KILLED")
        shutil.rmtree(store.path(info.artifact_uri).parent, ignore_errors=True)
        store.client.delete_run(info.run_id)
