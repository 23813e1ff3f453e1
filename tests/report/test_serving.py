"""What taught, calibrated and tested is told in both languages, and a model of a later day."""

from dataclasses import replace
from datetime import date

import pytest

from churn.panel import PanelManifest, Walk
from churn.report.notes import later_note, reading_notes
from churn.report.serving import serving_lines


def test_what_every_snapshot_served_for_is_told(page_parts):
    """Six months: the fourth calibrated, the sixth tested, the seventh was not final."""
    lines = serving_lines(page_parts.models.bundle)
    assert [line.en for line in lines] == [
        "The models learned from 6 snapshots, 2024-01-01 … 2024-06-01.",
        "Calibrated and chosen on 2024-04-01, by models of what was closed by then.",
        "Tested on 2024-06-01, by models of what was closed by then.",
        "Left out: 2024-07-01 (labels not final).",
    ]
    assert lines[-1].zh == "未使用：2024-07-01（结果尚未成熟）。"
    assert all(line.zh for line in lines)


def test_folds_are_told(page_parts):
    """One outcome period: they calibrated and tested."""
    walk = Walk.by_customer([date(2024, 1, 1)])
    manifest = PanelManifest(as_of=date(2024, 5, 1), walk=walk, snapshots=(), dropped={})
    bundle = page_parts.models.bundle
    told = replace(bundle, meta={"serving": manifest.serving.model_dump_json()})
    folds = serving_lines(told)[1].en
    assert folds.startswith("5 folds of customers calibrated and tested on 2024-01-01, each asked")


def test_re_entries_are_told_where_they_are_no_churn(page_parts):
    """How many departures were read as one, of how many; nothing where they all count."""
    bundle = page_parts.models.bundle
    walk = Walk.by_customer([date(2024, 1, 1)])
    manifest = PanelManifest(as_of=date(2024, 5, 1), walk=walk, snapshots=(), dropped={})
    serving = manifest.model_copy(update={"re_entry": True}).serving
    assert (manifest.serving.re_entered, serving.re_entered) == (None, (0, 0))
    counted = serving.model_copy(update={"re_entered": (37, 1412)})
    line = serving_lines(replace(bundle, meta={"serving": counted.model_dump_json()}))[-1]
    assert line.en.startswith("Of 1,412 departures in these snapshots 37 were re-entries")
    assert "1,412 次离网，其中 37 次为重入网" in line.zh


def test_a_bundle_of_before_says_nothing(page_parts):
    """Nobody kept it then."""
    assert serving_lines(replace(page_parts.models.bundle, meta={})) == []


@pytest.mark.parametrize(
    ("night", "told"),
    [(date(2025, 2, 28), True), (date(2025, 3, 1), False), (date(2025, 4, 1), False)],
)
def test_a_night_that_could_not_have_had_the_model_says_so(page_parts, night, told):
    """It was trained as of 1 March 2025: a night before that is told in either language."""
    bundle = page_parts.models.bundle
    assert (later_note(bundle, night) is not None) is told
    for language, words in (("en", "a later day (2025-03-01)"), ("zh", "较晚的日期（2025-03-01）")):
        notes = reading_notes((), language, bundle=bundle, night=night)
        assert any(words in note for note in notes) is told
