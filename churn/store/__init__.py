"""Artefacts on disk: atomic writes, the ledger of runs, the lock, the workspace and its version."""
