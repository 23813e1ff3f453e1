"""The worked example of an own delivery does what its page says."""

from __future__ import annotations

import gzip
import re
import runpy
import shutil
import subprocess
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands import churn
from tests.learners import QUICK

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "own-delivery"
FILES = ("lines.csv.gz", "history.csv.gz", "invoices.csv.gz")


def _blocks(kind: str) -> list[str]:
    page = (EXAMPLE.parent / "own-delivery.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def _told(block: str) -> str:
    """Return what a console block shows below its command."""
    return block.split("\n", 1)[1]


def _shape(text: str) -> str:
    """Leave figures and hashes out: they move with the models."""
    return re.sub(r"\b[0-9a-f]{12}\b|\d[\d,.]*", "0", text)


def _copy(folder: Path) -> None:
    """Copy the example to where a reader would have it, with its workspace beside."""
    shutil.copytree(EXAMPLE, folder / "docs" / "own-delivery")


def _run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return churn(command, "--settings", "docs/own-delivery/churn.yaml", cwd=folder)


def test_the_files_begin_as_shown() -> None:
    """The first lines of each file stand on the page."""
    for name, shown in zip(FILES, _blocks("csv"), strict=True):
        with gzip.open(EXAMPLE / name, "rt", encoding="utf-8") as file:
            assert "".join(islice(file, 4)) == shown


def test_the_settings_are_those_shown() -> None:
    """The page holds the whole file."""
    assert _blocks("yaml")[0] == (EXAMPLE / "churn.yaml").read_text(encoding="utf-8")


def test_check_says_what_is_shown(tmp_path: Path) -> None:
    """The settings are sound; with three mistakes in them all three are told, word by word."""
    _copy(tmp_path)
    sound, wrong, _ = _blocks("console")
    done = _run(tmp_path, "check")
    assert (done.returncode, done.stdout) == (0, _told(sound)), done.stderr
    path = tmp_path / "docs" / "own-delivery" / "churn.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("amount_due: Billed", "amount_due: Amount")
    text = text.replace('{from: Connected, format: "%d.%m.%Y"}', "Connected")
    text = text.replace("    PORTED: ported_out\n", "")
    path.write_text(text, encoding="utf-8")
    done = _run(tmp_path, "check")
    assert (done.returncode, done.stderr) == (11, _told(wrong))


@pytest.mark.slow(50)
@pytest.mark.parametrize(
    "learning",
    [
        pytest.param(QUICK, id="quick"),
        pytest.param(None, id="as_shown", marks=pytest.mark.acceptance),
    ],
)
def test_the_night_goes_as_shown(tmp_path: Path, learning: dict[str, Any] | None) -> None:
    """Three files become a list; then a delivery in its time is read beside the first.

    With learners that take little; `make acceptance` takes those of the page.
    """
    _copy(tmp_path)
    if learning is not None:
        path = tmp_path / "docs" / "own-delivery" / "churn.yaml"
        path.write_text(f"{path.read_text('utf-8')}\n{yaml.safe_dump({'learning': learning})}")
    done = _run(tmp_path, "nightly")
    assert done.returncode == 0, done.stderr
    said = iter(_shape(done.stderr + done.stdout).splitlines())
    for shown in _shape(_told(_blocks("console")[2])).splitlines():
        assert shown in said, f"not said, or not in this place: {shown}"
    handed_over = {path.name for path in (tmp_path / "nordlink/exports/2025-01-01").iterdir()}
    assert {"targets.xlsx", "report.html"} <= handed_over

    _deliver_the_next(tmp_path)
    done = _run(tmp_path, "ingest")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 deliveries ingested, 3 unchanged;"), done.stdout
    assert _run(tmp_path, "ingest").stdout.startswith("nothing to do: 4 deliveries are unchanged")


def _deliver_the_next(folder: Path) -> None:
    """Add the source that the page shows last, and a file for it."""
    path = folder / "docs" / "own-delivery" / "churn.yaml"
    lines = _blocks("yaml")[1].splitlines(keepends=True)
    source = "".join(lines[lines.index('        - files: "history_*.csv.gz"\n') :])
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    bills:\n", source + "    bills:\n"), encoding="utf-8")
    rows = "Line;When;Event\n10000000001;11.01.2025 09:30;LEFT\n"
    with gzip.open(path.with_name("history_20250201.csv.gz"), "wt", encoding="utf-8") as file:
        file.write(rows)


@pytest.mark.slow
def test_the_files_are_those_the_script_writes(tmp_path: Path) -> None:
    """Nobody edits an invented operator by hand."""
    runpy.run_path(str(EXAMPLE / "make.py"))["main"](tmp_path)
    for name in FILES:
        made, kept = (gzip.decompress((at / name).read_bytes()) for at in (tmp_path, EXAMPLE))
        assert made == kept, name
