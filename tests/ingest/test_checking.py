"""A check tells before anything is written what ingest would refuse afterwards."""

from __future__ import annotations

import pytest

from churn.errors import ExtractError

HEADER = "subscriber_id,effective_at,status\n"
NAME = "status_events_2025{:02d}_2025{:02d}01.csv"


def _events(operator, month, rows):
    operator.deliver(NAME.format(month, month + 1), HEADER + rows)


def test_a_wrong_format_is_told_with_its_rule(operator):
    """What no row of the first block keeps is a mistake in the settings, and check says so."""
    operator.map("status_events")
    _events(operator, 1, "".join(f"{i},2025-01-02 03:04,在用\n" for i in range(120)))
    sentence = "120 of the first 120 rows fail STAT003 (effective_at is a date and time)"
    (problem,) = operator.check().problems
    assert sentence in problem.what
    assert problem.where == f"status_events, {NAME.format(1, 2)}"
    with pytest.raises(ExtractError) as caught:
        operator.ingest()
    assert sentence.replace("the first ", "") in caught.value.what


def test_a_code_not_listed_is_named(operator):
    """The codes without a meaning are named with their rows, as ingest would."""
    codes = {"from": "产品", "codes": {"移动": "mobile"}}
    operator.map("subscribers", {"columns": {"product": codes}})
    rows = "".join(f"{i},{'固话' if i < 40 else '移动'}\n" for i in range(120))
    operator.deliver("subscribers_202501_20250201.csv", "subscriber_id,产品\n" + rows)
    (problem,) = operator.check().problems
    assert "40 of the first 120 rows fail SUBS" in problem.what
    assert "codes not listed: product=固话 (40)" in problem.what
    assert "the limit is 0.1 %" in problem.what


def test_what_the_settings_allow_is_no_problem(operator):
    """Bad rows up to `max_rejected` are set aside by ingest, so check is content with them."""
    operator.map("status_events", max_rejected=0.25)
    _events(operator, 1, "1,2025-01-02 03:04:05,a\n" * 3 + "2,never,a\n")
    assert operator.check().ok
    operator.map("status_events", max_rejected=0.24)
    assert not operator.check().ok


def test_the_newest_file_with_rows_stands_for_its_source(operator):
    """One file per source is judged: old mistakes are ingest's, a header alone tells nothing."""
    operator.map("status_events")
    _events(operator, 1, "1,never,a\n")
    _events(operator, 2, "1,2025-02-02 03:04:05,a\n")
    _events(operator, 3, "")
    assert operator.check().ok
    _events(operator, 4, "2,never,a\n")
    assert [p.where for p in operator.check().problems] == [f"status_events, {NAME.format(4, 5)}"]


def test_rows_that_the_source_leaves_out_are_not_judged(operator):
    """Only what `only:` takes has to keep the rules."""
    operator.map("status_events", {"only": {"status": ["a"]}})
    _events(operator, 1, "1,2025-01-02 03:04:05,a\n2,never,b\n")
    assert operator.check().ok


def test_joined_columns_are_judged_with_the_partners_they_will_have(operator):
    """The joined file is read whole: a partner in its last line is found."""
    join = {"files": "codes.csv", "key": "id", "columns": {"status": "state"}}
    columns = {"subscriber_id": "id", "effective_at": "at"}
    operator.map("status_events", {"columns": columns, "join": [join]})
    operator.deliver(NAME.format(1, 2), "id,at\n2,2025-01-02 03:04:05\n")
    operator.deliver("codes.csv", "id,state\n1,a\n2,b\n")
    findings = operator.check()
    assert findings.ok
    assert findings.counted("status_events", "status") == {"b": 1}


def test_the_accepted_codes_are_counted_per_table(operator):
    """What the first blocks hold is handed on, for rules that stand outside ingest."""
    operator.map("status_events", {"files": "status_events_*", "only": {"status": {"not": ["c"]}}})
    _events(operator, 1, "1,2025-01-02 03:04:05,b\n" * 2 + "1,2025-01-02 03:04:05,a\n1,x,c\n")
    findings = operator.check()
    assert findings.counted("status_events", "status") == {"a": 1, "b": 2}
    assert findings.counted("bills", "amount_due") == {}


def test_one_cause_in_many_files_is_told_once(operator):
    """Files of a table that fail alike are counted, whatever their counts of lines."""
    operator.map("visits")
    for month in range(1, 13):
        text = "customer_id,visited_on,by\n" + "1,2025-01-02,客户经理甲\n" * (20 + month)
        operator.deliver(f"visits_2024{month:02d}_20250101.csv", text, "gb18030")
    (problem,) = operator.check().problems
    assert problem.what.startswith("12 files of visits alike: many lines are not utf-8")
    assert problem.where == "visits_202401_20250101.csv and 11 more"
    assert "set `encoding: gb18030`" in problem.do


def test_different_causes_in_one_table_stay_apart(operator):
    """A header that one file lacks is not lost among the others' encoding."""
    operator.map("visits")
    text = "customer_id,visited_on,by\n" + "1,2025-01-02,客户经理甲\n" * 20
    operator.deliver("visits_202401_20250101.csv", text, "gb18030")
    operator.deliver("visits_202402_20250101.csv", "customer_id,by\n1,x\n")
    first, second = operator.check().problems
    assert "20 of the first 21 lines are not utf-8" in first.what
    assert "nothing fills visits.visited_on" in second.what


def test_deliveries_that_fail_are_counted_and_their_quarantine_is_where_it_says(operator):
    """Ingest names the file of quarantined lines by its real place."""
    operator.map("status_events")
    for month in (1, 2, 3):
        _events(operator, month, f"{month},never,a\n0,never,a\n")
    with pytest.raises(ExtractError) as caught:
        operator.ingest()
    error = caught.value
    assert error.do.endswith("; 2 more deliveries fail like it")
    path = operator.workspace.root / "personal/quarantine/status_events/202501-20250201.parquet"
    assert str(path) in error.where
    assert path.is_file()


def test_one_more_delivery_is_worded_as_one(operator):
    """Singular and plural."""
    operator.map("status_events")
    for month in (1, 2):
        _events(operator, month, f"{month},never,a\n")
    with pytest.raises(ExtractError) as caught:
        operator.ingest()
    assert caught.value.do.endswith("; 1 more delivery fails like it")


def test_months_without_a_file_between_others_are_told(operator):
    """A look at the names is enough to see that one was never delivered."""
    operator.map("arrears")
    for month in ("202411", "202501", "202502"):
        rows = f"subscriber_id,as_of,amount_overdue\n1,2025-01-31,{month}\n"
        operator.deliver(f"arrears_{month}_20250301.csv", rows)
    findings = operator.check()
    assert findings.ok
    assert any(
        note.startswith("arrears: no file of 1 months between others (2024-12)")
        for note in findings.notes
    )
