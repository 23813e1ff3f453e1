"""Bad input: each mistake is named with its place and remedy, and nothing is written."""

from __future__ import annotations

import gzip

import pytest
from pydantic import ValidationError

from churn.errors import ExtractError, SettingsError, VersionError

HEADER = "subscriber_id,answered_on,score\n"
NAME = "surveys_202501_20250201.csv"
GOOD = HEADER + "1,2025-01-02,85\n"


def _refused(operator, *words):
    """Expect both check and ingest to refuse with these words, and no table to be written."""
    findings = operator.check()
    assert not findings.ok
    with pytest.raises(ExtractError) as caught:
        operator.ingest()
    for word in words:
        assert word in str(caught.value)
        assert word in findings.summary()
    assert list(operator.workspace.tables.iterdir()) == []


def test_no_file_matches(operator):
    """A pattern that finds nothing is a mistake unless the source is optional."""
    operator.map("surveys")
    _refused(operator, "no file is called surveys_*", "ingest.tables.surveys.sources[0].files")
    operator.map("surveys", {"optional": True})
    assert operator.check().ok


def test_no_folder(operator):
    """A folder that is not there is named as the settings write it."""
    operator.map("surveys")
    (operator.root / "extracts").rmdir()
    _refused(operator, "the folder of the extracts is not there", "ingest.folder (extracts)")


@pytest.mark.parametrize("name", [NAME, NAME + ".gz"])
def test_an_empty_file(operator, name):
    """A file without even a header is no delivery."""
    operator.map("surveys")
    operator.deliver(name, b"")
    _refused(operator, "the file is empty", name)


def test_a_gzip_file_cut_off(operator):
    """A file cut off in transfer is refused whole, however many lines could be read."""
    operator.map("surveys")
    path = operator.deliver(NAME + ".gz", b"")
    text = HEADER + "".join(f"{i},2025-01-02,{i % 100}\n" for i in range(5000))
    path.write_bytes(gzip.compress(text.encode())[:-200])
    _refused(operator, "damaged or cut off", NAME)


def test_the_wrong_encoding_is_recognised(operator):
    """GB18030 read as UTF-8 is not quarantined row by row: the setting is doubted."""
    operator.map("visits")
    text = "customer_id,visited_on,by\n" + "1,2025-01-02,客户经理甲\n" * 20
    operator.deliver("visits_202501_20250201.csv", text, "gb18030")
    _refused(operator, "20 of the first 21 lines are not utf-8", "set `encoding: gb18030`")


def test_a_header_in_another_encoding_is_recognised(operator):
    """UTF-8 read as GB18030 decodes, and is garbled: the other encoding is suggested."""
    operator.map("visits", {"encoding": "gb18030", "columns": {"by": "客户经理"}})
    operator.deliver(
        "visits_202501_20250201.csv", "customer_id,visited_on,客户经理\n1,2025-01-02,x\n"
    )
    _refused(operator, "the first lines are utf-8", "set `encoding: utf-8`")


def test_an_absent_column_names_the_nearest_header(operator):
    """A mapped header that is not there is named with the one it may have become."""
    operator.map("surveys", {"columns": {"score": "satisfaction"}})
    operator.deliver(NAME, "subscriber_id,answered_on,satisfacton\n1,2025-01-02,85\n")
    _refused(operator, "no column satisfaction (did you mean satisfacton?)", NAME)


def test_a_required_column_from_nowhere(operator):
    """A required column needs a header or a mapping."""
    operator.map("surveys")
    operator.deliver(NAME, "subscriber_id,answered_on\n1,2025-01-02\n")
    _refused(operator, "nothing fills surveys.score, which is required")


def test_a_header_that_stands_twice(operator):
    """Which of two equal headers is meant cannot be guessed."""
    operator.map("surveys")
    operator.deliver(NAME, "subscriber_id,answered_on,score,score\n1,2025-01-02,85,1\n")
    _refused(operator, "2 columns called score")


def test_a_name_that_does_not_fit_its_pattern(operator):
    """A file found but not named as said is not silently left out."""
    operator.map("surveys")
    operator.deliver(NAME, GOOD)
    operator.deliver("surveys_202502_20250231.csv", GOOD)
    _refused(operator, "surveys_202502_20250231.csv", "{period}_{delivered_on}")


def test_sources_that_disagree_about_one_delivery(operator):
    """One delivery cannot be an initial load by one source and none by the other."""
    load = {"covers_until": "2025-01-31", "assumed_lag": 1}
    operator.map("surveys", {"initial_load": load}, {"files": "surveys_*"})
    operator.deliver(NAME, GOOD)
    with pytest.raises(SettingsError, match="disagree"):
        operator.ingest()


@pytest.mark.parametrize(
    "source",
    [
        {"initial_load": {"covers_until": "2025-02-28", "assumed_lag": 1}},
        {"covers_until": "2025-02-28"},
    ],
)
def test_a_delivery_cannot_cover_what_came_after_it(operator, source):
    """What is declared is believed, but not what cannot be."""
    operator.map("surveys", source)
    operator.deliver(NAME, GOOD)
    with pytest.raises(SettingsError, match="is said to cover 2025-02-28, which came after") as e:
        operator.ingest()
    assert e.value.where == f"{NAME} (ingest.tables.surveys.sources[0])"


def test_what_a_file_covers_is_said_once(operator):
    """Two declarations could contradict each other."""
    load = {"covers_until": "2025-01-31", "assumed_lag": 1}
    operator.map("surveys", {"initial_load": load, "covers_until": "2025-01-31"})
    with pytest.raises(ValidationError, match="say once what a file covers"):
        operator.settings()


def test_several_mistakes_are_counted(operator):
    """The first is told in full, with the number of the others."""
    operator.map("surveys")
    operator.map("visits")
    with pytest.raises(ExtractError, match="no file is called") as caught:
        operator.ingest()
    assert caught.value.do.endswith("; 1 more problem: `churn check` lists them all")


def test_a_registry_of_another_version(operator):
    """Tables written by another version are not guessed at."""
    operator.map("surveys")
    operator.deliver(NAME, GOOD)
    operator.ingest()
    path = operator.workspace.tables / "deliveries.json"
    path.write_text(path.read_text().replace('"version": 1', '"version": 99'))
    with pytest.raises(VersionError, match="version 99"):
        operator.ingest()


def test_an_environment_variable_that_is_not_set(operator, monkeypatch):
    """Variables in the folder are filled in; one that is not set is named."""
    operator.map("surveys")
    settings = operator.settings().model_copy(update={"folder": "${NO_SUCH_PLACE}/x"})
    monkeypatch.delenv("NO_SUCH_PLACE", raising=False)
    with pytest.raises(SettingsError, match="NO_SUCH_PLACE is not set"):
        settings.extracts(operator.root)
    monkeypatch.setenv("NO_SUCH_PLACE", "/data")
    assert settings.extracts(operator.root).as_posix() == "/data/x"


@pytest.mark.parametrize(
    ("table", "source", "words"),
    [
        ("survey", {}, "no canonical table survey (did you mean surveys?): docs/canonical.md"),
        ("surveys", {"columns": {"scores": "s"}}, "no column scores (did you mean score?)"),
        ("surveys", {"columns": {"delivered_on": "d"}}, "cannot be mapped|no column delivered_on"),
        ("surveys", {"encoding": "utf-61"}, "encoding 'utf-61' is not read"),
        ("surveys", {"delimiter": "\n"}, "a delimiter is 1 to 8 characters"),
        ("surveys", {"columns": {"score": {"from": "s", "constant": 1}}}, "either `from:`"),
        ("surveys", {"columns": {"answered_on": {"from": "a", "format": "%d.%b"}}}, "format"),
        ("surveys", {"only": {"x": {"not": [False]}}}, "put it in quotes"),
        (
            "surveys",
            {"name": "surveys_{week}.csv"},
            "{period}, {delivered_on}, {covers_until}, {part}, {day}",
        ),
        ("surveys", {"name": "surveys_{period}.csv"}, "say once when a file was delivered"),
        ("surveys", {"columns": {"score": "s"}, "refused": {"s": "why"}}, "used all the same"),
        (
            "surveys",
            {"columns": {"subscriber_id": {"from": "s", "codes": {"a": "b"}}}},
            "identifies somebody",
        ),
        ("bills", {"mode": "partition", "name": "b_{delivered_on}.csv"}, "need a period"),
        (
            "subscribers",
            {
                "columns": {"plan": "p"},
                "initial_load": {"covers_until": "2025-01-31", "assumed_lag": 1},
            },
            "subscribers.plan comes from an initial load: list it under `constant:`",
        ),
        (
            "notices",
            {
                "initial_load": {
                    "covers_until": "2025-01-31",
                    "assumed_lag": 1,
                    "current_state": ["kind"],
                },
            },
            "notices.kind is part of the key of notices and cannot be current state",
        ),
    ],
)
def test_settings_that_cannot_be_meant(operator, table, source, words):
    """Impossible settings are refused in domain words when they are read."""
    options = {"mode": source.pop("mode")} if "mode" in source else {}
    operator.map(table, source, **options)
    with pytest.raises(ValidationError) as caught:
        operator.settings()
    assert any(word in str(caught.value) for word in words.split("|"))


def test_an_undeclared_column_taken_by_its_header_is_refused(operator):
    """In an initial load no attribute slips in by its canonical name alone."""
    load = {"covers_until": "2025-01-31", "assumed_lag": 1, "constant": ["product"]}
    operator.map("subscribers", {"initial_load": load})
    operator.deliver("subscribers_202501_20250201.csv", "subscriber_id,product,plan\n1,mobile,a\n")
    _refused(operator, "subscribers.plan", "neither constant nor current state")
