"""What was decided about a challenger, beside its version and in its training's run."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from churn.tracking.library import entities, registry_errors
from churn.tracking.registry import Version
from churn.tracking.store import MODEL, Store

DECIDED = "decided"
"""The tag of a run that names the decision that its figures are of."""


def decide(
    store: Store, version: Version, tags: Mapping[str, str], metrics: Mapping[str, float]
) -> None:
    """Tag a version with a decision, and log its figures with the run of its training.

    Only for who holds the workspace. A decision that is there already is not logged again;
    ``tags[DECIDED]`` tells which it is. Later decisions about the same version follow as steps.
    """
    with registry_errors(store.database.name):
        run = store.client.get_run(version.run)
        if run.data.tags.get(DECIDED) == tags[DECIDED]:
            return
        for name, value in tags.items():
            store.client.set_model_version_tag(MODEL, str(version.number), name, value)
        step = int(run.data.tags.get("decisions", "0"))
        now = int(time.time() * 1000)
        points = [
            entities.Metric(name, value, now, step)
            for name, value in metrics.items()
            if math.isfinite(value)
        ]
        marks = [
            entities.RunTag(DECIDED, tags[DECIDED]),
            entities.RunTag("decisions", str(step + 1)),
        ]
        # figures and mark in one request: killed before it, they are logged by the next run
        store.client.log_batch(version.run, metrics=points, tags=marks)
