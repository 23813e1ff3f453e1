"""What was set aside, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from churn.ingest.rules import by_code
from churn.ingest.set_aside import Aside, Record
from churn.language import Language, Text, Words, resolved
from churn.report.terminal.grid import grid

_NONE = Text("no record is set aside", "没有被隔离的记录")
_HEADS = (
    Text("table", "数据表"),
    Text("delivery", "交付"),
    Text("state", "状态"),
    Text("rule", "规则"),
    Text("records", "记录数"),
    Text("what holds for a good record", "合格记录应满足"),
)
_INGESTED = Text("ingested", "已接收")
_REFUSED = Text("refused", "整批拒收")


def aside_lines(asides: Sequence[Aside], language: Language) -> list[str]:
    """Return one line per delivery and rule."""
    if not asides:
        return [_NONE.of(language)]
    rules = by_code()
    rows: list[Sequence[Words]] = [_HEADS]
    rows += [
        (
            aside.table,
            aside.delivery,
            _INGESTED if aside.ingested else _REFUSED,
            code,
            f"{count:,}",
            rules[code].text if code in rules else "",
        )
        for aside in asides
        for code, count in aside.counts.items()
    ]
    return grid(rows, language)


def record_lines(records: Sequence[Record], rest: int, language: Language) -> list[str]:
    """Return two lines per record: where it stood and what it broke; then the record.

    ``rest`` counts those that are not among them.
    """
    rules = by_code()
    lines = []
    for record in records:
        rule = f" ({resolved(rules[record.rule].text, language)})" if record.rule in rules else ""
        place = f"{record.table} {record.delivery}  {record.file}:{record.line}"
        lines += [f"{place}  {record.rule}{rule}", f"  {record.text}"]
    if rest:
        more = Text(f"… and {rest:,} more: --limit shows more, --out writes all to a file",
                    f"……另有 {rest:,} 条：--limit 可多显示，--out 可全部写入文件")  # fmt: skip
        lines.append(more.of(language))
    return lines or [_NONE.of(language)]


def replay_line(
    corrected: int, before: Mapping[str, int], after: Mapping[str, int], accepted: int
) -> Text:
    """Say what reading again changed; counts are by rule."""
    left = ", ".join(f"{code} {n:,}" for code, n in sorted(after.items()) if n)
    were, are = sum(before.values()), sum(after.values())
    rules = f": {left}" if left else ""
    return Text(
        f"{corrected:,} records corrected; {accepted:,} rows of deliveries made again;"
        f" of {were:,} set aside, {are:,} are still{rules}",
        f"更正记录 {corrected:,} 条；重新接收 {accepted:,} 行；"
        f"原隔离 {were:,} 条，现仍隔离 {are:,} 条{rules}",
    )
