"""The kinds of things that a workspace holds, and what they take of the disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from churn.language import Text
from churn.store import Workspace

KINDS: Mapping[str, Text] = MappingProxyType(
    {
        "tables": Text("canonical tables", "标准表"),
        "personal": Text("personal data", "个人数据"),
        "quarantine": Text("records set aside", "隔离记录"),
        "corrections": Text("corrected records", "更正记录"),
        "map": Text("map of identifiers", "标识映射"),
        "answers": Text("answers to contacts", "联系反馈"),
        "stages": Text("results of stages", "各阶段结果"),
        "models": Text("models in place", "在用模型"),
        "exports": Text("lists handed over", "已交付名单"),
        "handed_over": Text("who was selected", "入选记录"),
        "backtests": Text("backtests", "回测"),
        "profiles": Text("pages of deliveries", "交付画像"),
        "sums": Text("sums by day", "按日汇总"),
        "tracking": Text("trainings in MLflow", "MLflow训练记录"),
        "trials": Text("trials of a training", "训练试验"),
        "logs": Text("log files", "日志"),
        "other": Text("ledger and stamps", "台账与标记"),
    }
)


def kind_of(workspace: Workspace, path: Path) -> str:
    """Return the kind of a file of the workspace; *other* where it lies in no folder of ours."""
    folders = {
        "tables": workspace.tables,
        "quarantine": workspace.quarantine,
        "personal": workspace.personal,
        "stages": workspace.stages,
        "models": workspace.models,
        "exports": workspace.exports,
        "handed_over": workspace.handed_over,
        "backtests": workspace.backtests,
        "profiles": workspace.profiles,
        "sums": workspace.sums,
        "tracking": workspace.tracking,
        "trials": workspace.trials,
        "logs": workspace.logs,
    }
    return next((kind for kind, folder in folders.items() if path.is_relative_to(folder)), "other")


def disk_use(workspace: Workspace) -> dict[str, int]:
    """Return the bytes that each kind takes; the quarantine is told apart from personal data."""
    sizes: Counter[str] = Counter()
    for path in workspace.root.rglob("*"):
        sizes[kind_of(workspace, path)] += _bytes(path)
    return {kind: sizes[kind] for kind in KINDS if sizes[kind]}


def size_of(folder: Path) -> int:
    """Return the bytes of a folder's files."""
    return sum(_bytes(path) for path in folder.rglob("*"))


def _bytes(path: Path) -> int:
    """Return a file's bytes; none where another run has just taken it away, or it is a folder."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0
