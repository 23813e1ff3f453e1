"""The settings file: shipped ones are sound, mistakes are named, the page is true."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from churn.errors import SettingsError
from pipelines.check import check
from pipelines.ingest import ingest
from pipelines.init import init
from pipelines.run import open_run
from pipelines.settings import load_settings
from pipelines.settings.document import document

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "pipelines" / "settings").glob("*.yaml"))


@pytest.mark.parametrize("path", [p for p in SHIPPED if p.stem != "template"], ids=lambda p: p.stem)
def test_shipped_settings_are_sound(path: Path) -> None:
    """Every settings file in the package can be read."""
    assert load_settings(path).version == 1


def test_init_writes_settings_that_can_be_read(tmp_path: Path) -> None:
    """The template is sound, its key is drawn anew, and it is never overwritten."""
    init(tmp_path / "one")
    init(tmp_path / "two")
    keys = {load_settings(tmp_path / name / "churn.yaml").ingest.id_key for name in ("one", "two")}
    assert len(keys) == 2
    assert (tmp_path / "one" / "extracts").is_dir()
    with pytest.raises(SettingsError, match="already"):
        init(tmp_path / "one")


def test_init_keeps_key_and_extracts_out_of_version_control(tmp_path: Path) -> None:
    """Inside a checkout, `git add .` takes nothing of a new folder."""
    init(tmp_path / "new")
    assert (tmp_path / "new" / ".gitignore").read_text() == "*\n"


def test_init_in_a_folder_in_use_hides_only_what_it_adds(tmp_path: Path) -> None:
    """What was there stays in version control, and no line is added twice."""
    ignored = tmp_path / ".gitignore"
    ignored.write_text("*.tmp\n/workspace")
    for _ in range(2):
        init(tmp_path)
        (tmp_path / "churn.yaml").unlink()
    assert ignored.read_text().splitlines() == ["*.tmp", "/workspace", "/churn.yaml", "/extracts"]


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """YAML would silently let the last one win."""
    path = tmp_path / "churn.yaml"
    path.write_text("version: 1\nworkspace: a\nworkspace: b\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="twice") as caught:
        load_settings(path)
    assert "line 3" in caught.value.where


BROKEN = {
    "empty": "",
    "a list": "- a\n",
    "an open bracket": "version: [1\n",
    "a tab": "version: 1\n\tworkspace: a\n",
    "a control character": "version: \x01\n",
    "a list as key": "? [a]\n: b\n",
    "no size": "version: 1\nworkspace: a\nengine: {memory: much}\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_no_settings_file_is_refused(tmp_path: Path, text: str) -> None:
    """An empty file, a list, broken YAML: each with what to do."""
    path = tmp_path / "churn.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.value.do


def test_the_page_of_settings_is_true() -> None:
    """docs/settings.md is what the settings classes say."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == document(), "render it anew: python -m pipelines.settings.document"
    for python in ("`None`", "`True`", "`False`", "`()`", "('"):
        assert python not in page, "defaults are told as a settings file writes them"


def test_re_entries_need_a_legal_basis(tmp_path: Path) -> None:
    """Labels made of whom people call are refused until the setting names on which basis."""
    path = tmp_path / "churn.yaml"
    sample = load_settings(ROOT / "pipelines" / "settings" / "sample.yaml").model_dump(mode="json")
    assert "re_entry" not in sample["labels"], "off, it is no part of any fingerprint"
    sample["labels"]["re_entry"] = True
    path.write_text(yaml.safe_dump(sample, allow_unicode=True), encoding="utf-8")
    assert load_settings(path).labels.chosen.reads == ("status_events", "calls", "subscribers")
    sample["features"]["traffic_basis"] = None
    path.write_text(yaml.safe_dump(sample, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"name the legal basis under features\.traffic_basis"):
        load_settings(path)


def test_a_merge_of_sections_is_yaml(tmp_path: Path) -> None:
    """`<<` may stand beside keys of its own; what is missing is told, not the merge."""
    path = tmp_path / "churn.yaml"
    path.write_text("version: 1\nengine: &e {threads: 1}\ntime: {<<: *e}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="threads"):
        load_settings(path)


STATUS = "subscriber_id,effective_at,status,reason\nA1,2020-01-01 00:00:00,正常,\n"
SUBSCRIBERS = "subscriber_id,product,activated_on\nA1,mobile,2020-01-01\n"


def test_the_template_works_once_files_are_there(tmp_path: Path) -> None:
    """`churn init`, two files, `churn check`, `churn ingest`: nothing in between."""
    folder = tmp_path / "company"
    init(folder)
    extracts = folder / "extracts"
    names = ("subscribers_202501_20250201.csv", "status_events_202501_20250201.csv")
    for name, text in zip(names, (SUBSCRIBERS, STATUS), strict=True):
        (extracts / name).write_text(text, encoding="utf-8")
    settings = folder / "churn.yaml"
    assert "2 files in 2 deliveries" in check(settings)
    assert settings.stat().st_mode & 0o077 == 0, "it holds the key"
    with open_run(settings) as run:
        report = ingest(run)
    assert (report.accepted, report.quarantined) == (2, 0)
