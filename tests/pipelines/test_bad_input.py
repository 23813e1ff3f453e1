"""Bad input gets a clear error with its exit code, and nothing half-written is left."""

from __future__ import annotations

import errno
import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from churn.store import Workspace
from churn.store.lock import exclusive
from pipelines.defects import as_user_error
from tests.commands import churn
from tests.pipelines.conftest import Deployment

pytestmark = pytest.mark.slow


def _told(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    for part in ("error: ", "  where  ", "  do     ", *words):
        assert part in done.stderr, done.stderr


@pytest.fixture
def own_copy(deploy: Callable[..., Deployment], small_world: Path, tmp_path: Path) -> Any:
    """Give a deployment on a copy of the extracts that a test may damage."""
    extracts = tmp_path / "extracts"
    shutil.copytree(small_world / "extracts", extracts)
    return deploy(lambda settings: settings["ingest"].update(folder=str(extracts))), extracts


def _first(extracts: Path, table: str) -> Path:
    return min((extracts / table).glob("*.csv.gz"))


def test_no_settings_file(tmp_path: Path) -> None:
    """The error tells where settings come from."""
    done = churn("nightly", cwd=tmp_path)
    _told(done, 10, "no settings file", "churn init")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s["ingest"].update(foldr="x"), ("foldr", "did you mean 'folder'?")),
        (lambda s: s["panel"].update(tset=3), ("tset", "did you mean 'test'?")),
        (lambda s: s.update(version=2), ("version",)),
        (lambda s: s["ingest"]["tables"].update(bils=s["ingest"]["tables"]["bills"]), ("bills",)),
    ],
)
def test_a_wrong_key_is_named_with_the_one_probably_meant(
    deploy: Callable[..., Deployment], change: Callable[[dict[str, Any]], None], words: tuple[str]
) -> None:
    """The settings are refused before the workspace is touched."""
    deployment = deploy(change)
    _told(deployment.run("nightly"), 10, *words)
    assert not deployment.workspace.exists()


def test_a_missing_file(own_copy: tuple[Deployment, Path]) -> None:
    """A pattern that names no file is told with its table."""
    deployment, extracts = own_copy
    shutil.rmtree(extracts / "status_events")
    _told(deployment.run("ingest"), 11, "status_events")


def test_an_empty_file(own_copy: tuple[Deployment, Path]) -> None:
    """A file without even a header is told by its name."""
    deployment, extracts = own_copy
    broken = _first(extracts, "bills")
    broken.write_bytes(gzip.compress(b""))
    _told(deployment.run("ingest"), 11, broken.name)


def test_a_wrong_encoding(own_copy: tuple[Deployment, Path]) -> None:
    """The error names the encoding that would do."""
    deployment, _ = own_copy
    settings = yaml.safe_load(deployment.settings.read_text(encoding="utf-8"))
    for source in settings["ingest"]["tables"]["status_events"]["sources"]:
        source.pop("encoding")
    deployment.settings.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    _told(deployment.run("ingest"), 11, "status_events", "gb18030")


def test_an_unknown_state_code(own_copy: tuple[Deployment, Path]) -> None:
    """The code and the number of its rows are named, no subscriber is."""
    deployment, extracts = own_copy
    file = _first(extracts, "status_events")
    text = gzip.decompress(file.read_bytes()).decode("gb18030")
    rows = text.count("退网停机")
    assert rows
    file.write_bytes(gzip.compress(text.replace("退网停机", "退网注销").encode("gb18030")))
    _told(deployment.run("ingest"), 11, "退网注销", f"{rows:,}")


def test_an_absent_column(own_copy: tuple[Deployment, Path]) -> None:
    """The header that is missing is named with its file."""
    deployment, extracts = own_copy
    file = _first(extracts, "bills")
    text = gzip.decompress(file.read_bytes()).replace(b"amount_due", b"amount_deu", 1)
    file.write_bytes(gzip.compress(text))
    _told(deployment.run("ingest"), 11, "amount_due", "amount_deu")


@pytest.mark.parametrize(
    ("night", "word"), [("2020-01-01", "2020-01-01"), ("2030-01-01", "max_age")]
)
def test_a_night_before_any_data_or_long_after(copied: Deployment, night: str, word: str) -> None:
    """Nothing is scored without data or from stale data, and nothing is handed over from it."""
    before = copied.exported()
    _told(copied.run("nightly", "--as-of", night), 11, word)
    assert copied.exported() == before


def test_a_workspace_of_another_version(deploy: Callable[..., Deployment]) -> None:
    """The workspace is left as it is."""
    deployment = deploy()
    deployment.workspace.mkdir()
    stamp = deployment.workspace / "workspace.json"
    stamp.write_text('{"version": 99}')
    _told(deployment.run("nightly"), 17, "99")
    assert [path.name for path in deployment.workspace.iterdir()] == ["workspace.json"]


def test_a_locked_workspace(deploy: Callable[..., Deployment]) -> None:
    """The second run says who works there."""
    deployment = deploy()
    deployment.workspace.mkdir()
    with exclusive(deployment.workspace):
        _told(deployment.run_apart("nightly"), 16, "another run")
        assert [path.name for path in deployment.workspace.iterdir()] == ["lock"]


def test_no_space_left(deploy: Callable[..., Deployment]) -> None:
    """A file-size limit of the system stands in for a full disk: nothing half-written is left."""
    deployment = deploy()
    words = deployment.command("nightly")
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "from pipelines.cli import main\n"
        f"sys.argv = {words!r}\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 15, done.stderr
    assert deployment.exported() == {}
    assert deployment.run("ingest").returncode == 0


def test_a_usage_error_exits_with_two() -> None:
    """An option that does not exist is the command line's error."""
    assert churn("nightly", "--as-off", "x").returncode == 2


def test_a_defect_hides_its_values(tmp_path: Path) -> None:
    """Terminal and log tell the kind and the place; what may name values lies with the personal."""
    workspace = Workspace(tmp_path).open()

    with pytest.raises(ValueError, match="subscriber") as caught:
        values = {"subscriber 10000000836": 1}
        raise ValueError(*values)
    known = as_user_error(caught.value, workspace)
    assert known.exit_code == 1
    log = (workspace.logs / "defect.log").read_text(encoding="utf-8")
    assert "raise ValueError(*values)" in log
    for text in (str(known), log):
        assert "10000000836" not in text
    personal = workspace.personal / "defect.log"
    assert "subscriber 10000000836" in personal.read_text(encoding="utf-8")
    assert personal.stat().st_mode & 0o077 == 0


def test_a_defect_whose_log_cannot_be_written_is_still_told(tmp_path: Path) -> None:
    """The log is a service: without it the first error is told all the same."""
    workspace = Workspace(tmp_path).open()
    workspace.logs.rmdir()
    workspace.logs.write_text("in the way")
    assert "ValueError" in str(as_user_error(ValueError("x"), workspace))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "full", "some/file"), "no space"),
        (OSError(errno.EDQUOT, "full", "some/file"), "no space"),
        (PermissionError(errno.EACCES, "closed", "some/file"), "cannot be written"),
        (MemoryError(), "memory"),
    ],
)
def test_what_disk_or_memory_refuse_is_the_storages(error: Exception, words: str) -> None:
    """Wherever the system refuses, the exit code is 15 and the remedy is told."""
    known = as_user_error(error)
    assert known.exit_code == 15
    assert words in known.what


def test_check_tells_everything_that_is_wrong(own_copy: tuple[Deployment, Path]) -> None:
    """Not only the first: an operator mends all of it at once."""
    deployment, extracts = own_copy
    shutil.rmtree(extracts / "bills")
    shutil.rmtree(extracts / "calls")
    done = deployment.run("check")
    _told(done, 11, "bills", "calls")
    assert not deployment.workspace.exists()


def test_check_names_a_table_without_which_nothing_works(
    deploy: Callable[..., Deployment],
) -> None:
    """A source of outcomes is needed before anything is ingested."""
    deployment = deploy(lambda s: s["ingest"]["tables"].pop("status_events"))
    _told(deployment.run("check"), 10, "status_events")


def test_errors_speak_json_to_machines(deploy: Callable[..., Deployment]) -> None:
    """Every line on standard error is JSON, the error among them; standard output stays empty."""
    done = deploy().run("score", "--log", "json")
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.stdout == ""
    assert told[-1]["exit_code"] == done.returncode == 11
    assert told[-1]["error"]
    assert told[-1]["where"]
    assert told[-1]["do"]


def test_a_file_in_the_workspaces_place(deploy: Callable[..., Deployment]) -> None:
    """It is told, not a defect."""
    deployment = deploy()
    deployment.workspace.write_text("a file")
    _told(deployment.run("ingest"), 15, "a file stands")


def test_looking_makes_no_workspace(deploy: Callable[..., Deployment]) -> None:
    """Status and explain of a deployment that never ran leave nothing behind."""
    deployment = deploy()
    status = deployment.run("status")
    assert status.returncode == 0
    assert "nothing has run" in status.stdout
    _told(deployment.run("explain", "1"), 11, "nothing has been ingested")
    assert not deployment.workspace.exists()
