"""Mistakes in a settings file: each on a line of its own, with its place and the word meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from churn.errors import SettingsError
from pipelines.settings import load_settings

HEAD = """version: 1
workspace: workspace
"""
SOURCE = "files: s.csv, delivered_on: 2025-01-01"
INGEST = """ingest:
  folder: extracts
  id_key: a key for tests
  tables:
    subscribers: {sources: [{%s}]}
"""


def _told(tmp_path: Path, text: str) -> str:
    path = tmp_path / "churn.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.value.where == str(path)
    return caught.value.what


SOURCES = "ingest.tables.subscribers.sources[0]"


@pytest.mark.parametrize(
    ("source", "place", "meant"),
    [
        (f"{SOURCE}, encodng: gbk", "encodng", "encoding"),
        (f"{SOURCE}, columns: {{plan: {{form: p}}}}", "columns.plan.form", "from"),
        (f"{SOURCE}, only: {{plan: {{nto: [a]}}}}", "only.plan.nto", "not"),
        (
            f"{SOURCE}, join: [{{files: j.csv, keys: id, key: id, columns: {{}}}}]",
            "join[0].keys",
            "key",
        ),
        (
            f"{SOURCE}, initial_load: {{covers_until: 2025-01-01, assumed_lag: 1, constnt: []}}",
            "initial_load.constnt",
            "constant",
        ),
    ],
)
def test_the_key_meant_is_found_however_deep(
    tmp_path: Path, source: str, place: str, meant: str
) -> None:
    """Lists, names of one's own, short forms and optional sections are stepped through."""
    told = _told(tmp_path, HEAD + INGEST % source)
    assert told == f"{SOURCES}.{place}: unknown key; did you mean '{meant}'?"


def test_a_misspelt_column_names_the_one_meant_and_the_page_that_lists_them(tmp_path: Path) -> None:
    """`amount_du` of bills is `amount_due`; docs/canonical.md has every column there is."""
    bills = f"    bills: {{sources: [{{{SOURCE}, columns: {{amount_du: owed}}}}]}}\n"
    told = _told(tmp_path, HEAD + INGEST % SOURCE + bills)
    assert "no column amount_du (did you mean amount_due?): docs/canonical.md lists them" in told


def test_a_key_far_from_all_others_is_only_called_unknown(tmp_path: Path) -> None:
    """No guess is better than a wild one."""
    told = _told(tmp_path, HEAD + "zzz: 1\n" + INGEST % SOURCE)
    assert told == "zzz: unknown key"


def test_a_list_that_is_really_empty_is_told(tmp_path: Path) -> None:
    """Only the echo of another mistake is left out."""
    told = _told(tmp_path, HEAD + (INGEST % SOURCE).replace(f"[{{{SOURCE}}}]", "[]"))
    assert told == "ingest.tables.subscribers.sources: must have at least 1 item"


def test_several_mistakes_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    """Place and message stand together."""
    text = (
        HEAD + "max_age: lots\nengine: {threads: 0}\npanel: [1]\nlanguage: fr\n" + INGEST % SOURCE
    )
    assert _told(tmp_path, text).splitlines() == [
        "4 mistakes in the settings",
        "  language: must be 'en' or 'zh', is 'fr'",
        "  max_age: must be a whole number, is 'lots'",
        "  engine.threads: must be more than 0, is 0",
        "  panel: must be a section of keys, is a list",
    ]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("targeting: {control_share: lots}", "control_share: must be a number, is 'lots'"),
        ("targeting: {control_share: null}", "control_share: must be a number, is empty"),
        ("targeting: {control_share: [1]}", "control_share: must be a number, is a list"),
        ("max_age: -1", "max_age: must be at least 0, is -1"),
        ("max_age: 1.5", "max_age: must be a whole number, is 1.5"),
        ("version: 2", "version: must be 1, is 2"),
    ],
)
def test_values_are_judged_in_plain_words(tmp_path: Path, section: str, words: str) -> None:
    """What must stand there, and what does."""
    head = "workspace: w\n" if section.startswith("version") else HEAD
    assert _told(tmp_path, f"{head}{section}\n" + INGEST % SOURCE).endswith(words)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """With its place."""
    told = _told(tmp_path, (HEAD + INGEST % SOURCE).replace("  folder: extracts\n", ""))
    assert told == "ingest.folder: is missing"


@pytest.mark.parametrize("key", ["short", "1234567", "20250101"])
def test_the_key_of_the_identifiers_is_never_printed(tmp_path: Path, key: str) -> None:
    """It is a secret, wrong as it may be."""
    told = _told(tmp_path, (HEAD + INGEST % SOURCE).replace("a key for tests", key))
    assert told.startswith("ingest.id_key: must ")
    assert key not in told


def test_a_folder_is_answered_with_the_file_in_it(tmp_path: Path) -> None:
    """`--settings` names a file."""
    with pytest.raises(SettingsError, match="is a folder") as caught:
        load_settings(tmp_path)
    assert "churn init" in caught.value.do
    (tmp_path / "churn.yaml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(SettingsError, match="is a folder") as caught:
        load_settings(tmp_path)
    assert caught.value.do == f"did you mean {tmp_path / 'churn.yaml'}?"
