"""``churn models``: two trainings, compared, promoted, rolled back; a night imports no MLflow."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from churn.errors import ModelError
from churn.learning import Bundle
from churn.store import Workspace
from churn.tracking import recording
from churn.tracking.registry import aliases, name_versions, versions
from churn.tracking.store import Store
from pipelines.models.champion import in_place
from pipelines.models.succession import announce, announce_return, line, returned, settle_return
from tests.pipelines.conftest import Deployment

pytestmark = [pytest.mark.slow(40), pytest.mark.few_tables]
EARLIER = "2024-03-01"


def _moved(deployment: Deployment, folder: Path) -> Deployment:
    """Copy a deployment to another folder."""
    shutil.copytree(deployment.settings.parent, folder)
    return replace(
        deployment,
        settings=folder / deployment.settings.name,
        workspace=folder / deployment.workspace.name,
    )


@pytest.fixture(scope="module")
def two_months(few_finished: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Return the finished night with another training, of the month before and other settings."""
    folder = tmp_path_factory.mktemp("months") / "copied"
    deployment = _moved(few_finished, folder)
    changes = {"learners": ["tree", "boosting"], "never_used": ["region"]}
    deployment.change(lambda s: s["learning"].update(changes))
    deployment.change(lambda s: s.update(evaluation={"min_test_churners": 5}))
    done = deployment.run("train", "--as-of", EARLIER)
    assert done.returncode == 0, done.stderr
    return deployment


@pytest.fixture
def months(two_months: Deployment, tmp_path: Path) -> Deployment:
    """Return a copy that a test may change."""
    return _moved(two_months, tmp_path / "months")


def _store(deployment: Deployment) -> Store:
    return Store(deployment.workspace / "mlflow")


def _scoring(deployment: Deployment) -> str | None:
    return in_place(Workspace(deployment.workspace))


def test_the_champion_is_the_version_that_scores(two_months: Deployment) -> None:
    """By the hash of its bundle; the latest training is the other name's."""
    known = versions(_store(two_months))
    assert [version.tags["as_of"] for version in known] == ["2024-04-01", EARLIER]
    hashes = [version.tags["bundle"] for version in known]
    assert _scoring(two_months) in hashes
    given = aliases(_store(two_months))
    assert hashes[given["champion"] - 1] == _scoring(two_months)
    assert given.get("challenger", 2) == 2


def test_a_feature_that_no_model_may_read(two_months: Deployment) -> None:
    """The settings name it: no learner reads it, nor does scoring ask for it."""
    read = {
        version.tags["as_of"]: Bundle.from_files(version.files()).needed
        for version in versions(_store(two_months))
    }
    assert "region" in read["2024-04-01"]
    assert "region" not in read[EARLIER]
    assert set(read[EARLIER]) <= set(read["2024-04-01"])


def test_what_is_no_feature_cannot_be_left_out(copied: Deployment) -> None:
    """A misspelt name would leave the feature in: refused, with the place."""
    copied.change(lambda s: s["learning"].update(never_used=["regoin"]))
    done = copied.run("train")
    assert done.returncode == 10
    assert "regoin" in done.stderr
    assert "learning.never_used" in done.stderr


def test_list_show_and_compare_speak_both_languages(months: Deployment) -> None:
    """One line per version and head; every learner of a version; two side by side."""
    told = months.run("models", "list")
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    lines = told.stdout.splitlines()
    assert len(lines) == 1 + 2 * 2
    assert lines[0].split()[:2] == ["version", "name"]
    assert "champion" in told.stdout
    shown = months.run("models", "show", "1")
    assert "Neural network" in shown.stdout
    assert "tested on" in shown.stdout
    assert "Neural network" not in months.run("models", "show", "2").stdout
    compared = months.run("models", "compare", "1", "2")
    assert compared.returncode == 0, compared.stderr
    assert "The test parts differ" in compared.stdout
    assert "2 − 1, same rows" in compared.stdout
    assert "ROC AUC, DeLong" in compared.stdout
    runs = [version.run for version in versions(_store(months))]
    by_run = months.run("models", "compare", *runs)
    assert by_run.stdout == compared.stdout
    learners = months.run("models", "compare", "1:tree", "1:boosting")
    assert "1 · Decision tree" in learners.stdout
    assert "1 · Boosting" in learners.stdout
    assert "product: " in learners.stdout
    unknown = months.run("models", "compare", "1", "2:network")
    assert unknown.returncode == 14
    assert "version 2 has no learner network" in unknown.stderr
    months.change(lambda s: s.update(language="zh"))
    shutil.rmtree(months.workspace / "stages" / "train" / EARLIER)
    compared = months.run("models", "compare", "1", "champion")
    told = months.run("models", "compare", "1", "2")
    assert "测试样本不同" in told.stdout
    assert "无法按相同样本比较" in told.stdout
    assert "平均精度" in compared.stdout


def test_a_version_on_a_failing_disk_hides_no_other(
    two_months: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed with what the disk said; asked for by name it is the storage's error."""
    first, _second = versions(_store(two_months))
    whole = Path.read_bytes

    def read(path: Path) -> bytes:
        if path.is_relative_to(first.folder):
            raise OSError(errno.EIO, "input/output error")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    for words, code in ((("list",), 0), (("show", str(first.number)), 15)):
        done = two_months.run("models", *words)
        assert done.returncode == code, done.stderr
        assert "(EIO)" in (done.stderr if code else done.stdout)
        assert ("active" in done.stdout) == (code == 0), "the other version is told"


def test_promote_and_rollback_move_what_scores(months: Deployment) -> None:
    """The bundle is copied, the name follows, and the way back leads where it came from."""
    store = _store(months)
    hashes = {version.number: version.tags["bundle"] for version in versions(store)}
    first = next(number for number, digest in hashes.items() if digest == _scoring(months))
    other = 3 - first
    done = months.run("models", "promote", str(other))
    assert done.returncode == 0, done.stderr
    assert _scoring(months) == hashes[other]
    assert aliases(_store(months))["champion"] == other
    name_versions(_store(months), {"champion": first})  # as a kill before the naming leaves it
    assert months.run("models", "promote", str(other)).stdout.strip().endswith("already")
    assert aliases(_store(months))["champion"] == other
    done = months.run("models", "rollback")
    assert done.returncode == 0, done.stderr
    assert _scoring(months) == hashes[first]
    assert aliases(_store(months))["champion"] == first
    assert line(Workspace(months.workspace), _scoring(months))[-1] == hashes[first]
    kept = (Workspace(months.workspace).models / "succession.json").read_bytes()
    told = json.loads(kept)
    announced = {**told, "is": [*told["meant"], hashes[other]], "returning": True}
    (Workspace(months.workspace).models / "succession.json").write_text(json.dumps(announced))
    again = months.run("models", "rollback")  # as a kill before it was told leaves it
    assert again.stdout == done.stdout
    assert (Workspace(months.workspace).models / "succession.json").read_bytes() == kept
    while len(line(Workspace(months.workspace), _scoring(months))) > 1:
        assert months.run("models", "rollback").returncode == 0
    told = months.run("models", "rollback")
    assert told.returncode == 14
    assert "no champion before" in told.stderr


def test_a_version_that_must_not_score_is_refused(months: Deployment) -> None:
    """A changed file by its name, a swapped bundle, one of other features, a failed gate."""
    before = _scoring(months)
    store = _store(months)
    one, two = versions(store)
    other = two if one.tags["bundle"] == before else one
    number = str(other.number)
    files = other.files()
    name = next(name for name in files if name.endswith("boosting.txt"))
    file, content = other.folder / name, files[name]
    file.write_bytes(content.replace(b"tree", b"free", 1))
    refused = months.run("models", "promote", number)
    assert refused.returncode == 14
    assert f"{name} was changed" in refused.stderr
    assert f"version {number}" in refused.stderr
    file.unlink()
    listed = months.run("models", "list")
    assert listed.returncode == 0, listed.stderr
    assert f"version {number}: " in listed.stdout
    assert "active" in listed.stdout, "the other version is told"
    file.write_bytes(content)
    assert months.run("models", "promote", "9").returncode == 14
    for bundle, code, told in (
        (_failing(files), 13, "no head of this version passes the gate"),
        (_of_other_features(files), 14, "other feature definitions"),
    ):
        _put(bundle, other.folder, store, number)
        refused = months.run("models", "promote", number)
        assert refused.returncode == code, refused.stderr
        assert told in refused.stderr
    store.client.set_model_version_tag("churn", number, "bundle", "0" * 64)
    refused = months.run("models", "promote", number)
    assert refused.returncode == 14
    assert "those of another training" in refused.stderr
    assert _scoring(months) == before


def _failing(files: dict[str, bytes]) -> Bundle:
    bundle = Bundle.from_files(files)
    reports = {c: r.model_copy(update={"verdict": None}) for c, r in bundle.reports.items()}
    return replace(bundle, reports=reports)


def _of_other_features(files: dict[str, bytes]) -> Bundle:
    bundle = Bundle.from_files(files)
    return replace(bundle, meta={**bundle.meta, "features": "changed"})


def _put(bundle: Bundle, folder: Path, store: Store, number: str) -> None:
    """Write a bundle in a version's place, as if it had been recorded so."""
    for name, content in bundle.to_files().items():
        (folder / name).write_bytes(content)
    store.client.set_model_version_tag("churn", number, "bundle", bundle.fingerprint)


NO_MLFLOW = """
import sys
from pathlib import Path
from pipelines.nightly import nightly
from pipelines.run import open_run
with open_run(Path(sys.argv[1])) as run:
    nightly(run)
    run.ledger.entries()
print([name for name in ("mlflow", "sqlalchemy") if name in sys.modules])
"""


def test_a_night_with_a_champion_imports_no_mlflow(copied: Deployment, tmp_path: Path) -> None:
    """Scoring reads the bundle in place, whatever became of the store."""
    shutil.rmtree(copied.workspace / "mlflow")
    shutil.rmtree(copied.workspace / "stages" / "score")
    done = subprocess.run(
        [sys.executable, "-c", NO_MLFLOW, str(copied.settings)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "score    done" in done.stderr
    assert not (copied.workspace / "mlflow").exists()


def test_a_broken_store_stops_no_night(copied: Deployment) -> None:
    """The list is handed over, the failed stage is told; `train` ends with exit 14."""
    (copied.workspace / "models" / "champion").rename(copied.workspace / "away")
    database = copied.workspace / "mlflow" / "tracking.sqlite"
    database.write_bytes(b"no database" * 1000)
    before = copied.exported()
    done = copied.run("nightly")
    assert done.returncode == 0, done.stderr
    assert "track    failed" in done.stderr
    assert copied.exported() == before
    done = copied.run("train")
    assert done.returncode == 14, done.stderr
    assert "the registry cannot be used" in done.stderr
    shutil.rmtree(database.parent)
    assert copied.run("models", "list").returncode == 14


@pytest.mark.parametrize(("command", "code"), [("nightly", 0), ("train", 15)])
def test_a_failing_disk_under_the_store_stops_no_night(
    copied: Deployment, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    """Whatever the disk says: the stage is told as failed, the list is written."""
    (copied.workspace / "models" / "champion").rename(copied.workspace / "away")
    before = copied.exported()

    def refuse(*_given: object, **_named: object) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(recording, "mend", refuse)
    done = copied.run(command)
    assert done.returncode == code, done.stderr
    assert "track    failed" in done.stderr
    assert copied.exported() == before
    if code:
        assert "cannot be read or written (EIO)" in done.stderr


def test_without_tracking_nothing_is_recorded(copied: Deployment) -> None:
    """The setting turns it off, and changes nothing else."""
    shutil.rmtree(copied.workspace / "mlflow")
    copied.change(lambda s: s.update(tracking={"enabled": False}))
    before = copied.exported()
    assert copied.run("train").returncode == 0
    assert not (copied.workspace / "mlflow").exists()
    assert copied.run("nightly").returncode == 0
    assert copied.exported() == before


def test_the_line_of_champions_survives_a_kill(tmp_path: Path) -> None:
    """What is in place tells whether what was announced came to pass."""
    workspace = Workspace(tmp_path).open()
    assert line(workspace, None) == []
    announce(workspace, None, "a")
    assert line(workspace, None) == [], "killed before it was in place"
    assert line(workspace, "a") == ["a"]
    announce(workspace, "a", "b")
    assert line(workspace, "a") == ["a"]
    assert line(workspace, "b") == ["a", "b"]
    announce_return(workspace, "b")
    assert line(workspace, "b") == ["a", "b"], "killed before it had returned"
    assert line(workspace, "a") == ["a"]
    assert line(workspace, "by hand") == ["a", "b", "by hand"]
    assert not returned(workspace, "b"), "killed before it had returned"
    assert returned(workspace, "a"), "killed before it was told"
    settle_return(workspace, "a")
    assert (line(workspace, "a"), returned(workspace, "a")) == (["a"], False)
    path = workspace.models / "succession.json"
    assert set(json.loads(path.read_text("utf-8"))) == {"version", "is", "meant", "returning"}
    for content in ("no JSON", "[]", "{}"):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ModelError, match="the line of champions cannot be read"):
            returned(workspace, "a")
