"""All families together: nobody is dropped, types hold, and the dictionary is up to date."""

from __future__ import annotations

import re
import types
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from churn import features
from churn.engines import Engine
from churn.features import FAMILIES, NONE, Family, Feature
from churn.features.feature import TOPICS
from churn.language import Text
from churn.tables import TABLES

DAY = date(2025, 7, 1)
DOCS = Path(__file__).parents[2] / "docs"


def everything_empty(rows_as_tables: Any) -> Any:
    """Deliver every table, all without rows but for three subscribers."""
    tables: dict[str, Any] = {name: [{"rows": []}] for name in TABLES}
    return rows_as_tables(tables | {"subscribers": [{"subscriber_id": line} for line in "abc"]})


def test_nobody_is_dropped_or_added(engine: Engine, rows_as_tables: Any) -> None:
    """One row for each subscriber asked for, also for those no table mentions."""
    known = everything_empty(rows_as_tables).known_at(DAY)
    ids = engine.from_arrow(pa.table({"subscriber_id": ["a", "c", "stranger"]}))
    rows = engine.to_arrow(features.build(known, ids), order_by=["subscriber_id"])
    assert rows["subscriber_id"].to_pylist() == ["a", "c", "stranger"]


def test_nothing_having_happened_is_zero_only_where_declared(
    engine: Engine, rows_as_tables: Any
) -> None:
    """``null_means=NONE`` gives 0, every other feature null; numbers are float32."""
    known = everything_empty(rows_as_tables).known_at(DAY)
    rows = engine.to_arrow(features.build(known, known.subscribers), order_by=["subscriber_id"])
    books = {"customer_lines": 1, "has_fixed_line": 0}
    for feature in features.specs(known):
        expected = books.get(feature.name, 0 if feature.never_null else None)
        assert rows[feature.name].to_pylist() == [expected] * 3, feature.name
        assert rows.schema.field(feature.name).type == (
            pa.string() if feature.categorical else pa.float32()
        )


def test_a_family_without_its_tables_is_left_out(rows_as_tables: Any) -> None:
    """What was never delivered is no column, unless it is asked for by name."""
    known = rows_as_tables({"subscribers": [{"subscriber_id": "a"}]}).known_at(DAY)
    assert {feature.family for feature in features.specs(known)} == {"profile"}
    assert features.build(known, known.subscribers).columns == (
        "subscriber_id",
        *(feature.name for feature in features.specs(known)),
    )
    asked = features.build(known, known.subscribers, families=FAMILIES)
    assert "calls" not in {feature.family for feature in features.specs(known)}
    assert "active_days_30d" in asked.columns


def test_columns_never_delivered_do_no_harm(engine: Engine, rows_as_tables: Any) -> None:
    """Rows that hold nothing but their key and date give features, not errors."""
    rows: dict[str, Any] = {}
    for name, table in TABLES.items():
        if table.personal:
            continue
        least = {"subscriber_id": "a", table.occurs_on: "2025-06-01"}
        known_columns = {column.name for column in table.columns}
        rows[name] = [{key: value for key, value in least.items() if key in known_columns}]
    known = rows_as_tables(rows).known_at(DAY)
    table = engine.to_arrow(features.build(known, known.subscribers))
    assert table["complaints_180d"].to_pylist() == [1]
    assert table["bill_mean_6m"].to_pylist() == [None]


def test_declared_and_built_features_must_agree(rows_as_tables: Any) -> None:
    """A family that builds what it does not declare is refused by name."""
    known = rows_as_tables({"subscribers": [{"subscriber_id": "a"}]}).known_at(DAY)
    family = Family(
        name="odd",
        text=Text("odd", "奇"),
        needs=(),
        features=(Feature("declared", "count", NONE, "declared", "声明"),),
        build=lambda view: view.known.subscribers.select("subscriber_id", built=1),
    )
    with pytest.raises(ValueError, match=r"odd declares and builds .*\['built', 'declared'\]"):
        features.build(known, known.subscribers, families=[family])


def test_names_are_unique_and_say_their_window() -> None:
    """A name never means two things, and a window in the words stands in the name."""
    declared = [feature for family in FAMILIES for feature in family.features]
    assert len({feature.name for feature in declared}) == len(declared) >= 40
    for feature in declared:
        for days in re.findall(r"(\d+) days", feature.en):
            assert f"_{days}d" in feature.name, feature.name
    with pytest.raises(ValueError, match="not lower case"):
        Feature("Bill Mean", "currency", Text("no bill", "无账单"), "x", "x")
    with pytest.raises(ValueError, match="is a class"):
        Feature("plan", "class", NONE, "x", "x")


def test_words_read_alone_and_leave_the_unit_to_the_value() -> None:
    """What null means stands alone in a reason; a label never says the unit a value brings."""
    declared = [feature for family in FAMILIES for feature in family.features]
    for feature in declared:
        texts = [feature.text, feature.null_means, *feature.words.values()]
        assert all(text.en and text.zh for text in texts), feature.name
        assert not re.search(r"[,;:()]", feature.zh + feature.null_means.zh), feature.name
        if not feature.never_null:
            assert not re.search("not delivered|unknown", feature.null_means.en), feature.name
        if feature.unit in ("days", "days ago"):
            assert not feature.en.startswith("days"), feature.name
            assert "天数" not in feature.zh, feature.name
        if feature.unit == "days ago":
            assert feature.en.startswith("last "), feature.name
            assert feature.zh.startswith("最近一次"), feature.name
    assert [f.name for f in declared if f.unit == "share" and "share" not in f.en] == [
        "complaints_solved_3d_share_180d"
    ]
    assert [f.name for f in declared if f.unit == "ratio" and "较" not in f.zh] == []


def test_what_a_contact_is_about_is_declared() -> None:
    """Every topic has features, no feature another; what a reason never tells ranks only."""
    declared = {feature.name: feature.topic for family in FAMILIES for feature in family.features}
    assert {topic for topic in declared.values() if topic} == set(TOPICS)
    assert not declared["customer_lines"]
    assert not declared["incoming_share_90d"]
    assert declared["suspensions_180d"] == declared["arrears_amount"] == "payment"


def test_every_table_gives_features() -> None:
    """No canonical table that features may read is forgotten; extra columns declare their own."""
    needed = {name for family in FAMILIES for name in family.needs} | {"attributes"}
    assert needed == {name for name, table in TABLES.items() if not table.personal}


def test_the_dictionary_is_up_to_date() -> None:
    """``docs/features.md`` is what the declarations render."""
    assert (DOCS / "features.md").read_text("utf-8") == features.describe()


def patched(patch: str, source: str) -> str:
    """Apply a change of the page; a part that is already there is left as it is."""
    for hunk in re.split(r"^@@.*\n", patch, flags=re.MULTILINE)[1:]:
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        if after in source:
            continue
        assert source.count(before) == 1
        source = source.replace(before, after)
    return source


def test_the_worked_example_works(engine: Engine, rows_as_tables: Any) -> None:
    """The changes on ``docs/add-a-feature.md`` apply, also twice, and give its values."""
    page = (DOCS / "add-a-feature.md").read_text("utf-8")
    changes = re.findall(r"```diff\n--- (\S+)\n(.*?)```", page, re.DOTALL)
    sources = {path: (DOCS.parent / path).read_text("utf-8") for path, _ in changes}
    result = {path: patched(patch, sources[path]) for path, patch in changes}
    assert [patched(patch, result[path]) for path, patch in changes] == [*result.values()]
    path, tests = result
    name = re.findall(r"`(complaints_service_\w+)`", page)[0]
    assert f'"{name}": 0' in result[tests]
    family = types.ModuleType("family_with_one_more")
    exec(compile(result[path], path, "exec"), family.__dict__)  # noqa: S102 - our own page
    shown = re.findall(r"^\| (\w+) \| ([\d-]+) \| (\w+) \|$", page, re.MULTILINE)
    expected = dict(re.findall(r"^\| (\w+) \| (\d+) \|$", page, re.MULTILINE))
    complaints = [
        {"complaint_id": str(number), "subscriber_id": line, "opened_at": day, "category": about}
        for number, (line, day, about) in enumerate(shown)
    ]
    known = rows_as_tables(
        {
            "subscribers": [{"subscriber_id": line} for line in expected],
            "complaints": complaints,
        }
    ).known_at(DAY)
    table = features.build(known, known.subscribers, families=[family.FAMILY])
    rows = engine.to_arrow(table).to_pylist()
    assert shown
    assert {row["subscriber_id"]: str(int(row[name])) for row in rows} == expected
