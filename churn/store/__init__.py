"""Artefacts on disk: atomic writes, the ledger of runs, the lock, the workspace, stages."""

from __future__ import annotations

from churn.store.workspace import Workspace
