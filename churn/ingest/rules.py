"""The rules a record must keep, each with a code, generated from the canonical declarations.

Codes ``CSV…`` are about reading a line, the others (``BILL003``) about one table's columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from churn.language import Text
from churn.tables import TABLES, Column, Table

Kind = Literal["reading", "required", "type", "vocabulary", "minimum", "contradiction", "duplicate"]


@dataclass(frozen=True)
class Rule:
    """One rule, worded as what holds for a good record.

    Parameters
    ----------
    harmless
        Whether setting such a record aside loses nothing, so that it does not count towards
        ``max_rejected``.
    """

    code: str
    text: Text
    kind: Kind
    column: str = ""
    harmless: bool = False

    def __str__(self) -> str:
        """Render code and wording, as errors show it."""
        return f"{self.code} ({self.text.en})"


DECODES = Rule("CSV001", Text("the line can be decoded", "该行可解码"), "reading")
CLEAN = Rule(
    "CSV002",
    Text("the line holds no NUL and no stray carriage return", "该行无空字符与多余回车"),
    "reading",
)
QUOTED = Rule("CSV003", Text("quotes are closed on their line", "引号在同一行闭合"), "reading")
WIDTH = Rule(
    "CSV004", Text("the line has as many fields as the header", "字段数与表头一致"), "reading"
)
HEADER = Rule("CSV005", Text("the header is not repeated", "表头不重复"), "reading", harmless=True)
BLANK = Rule("CSV006", Text("the line is not blank", "非空行"), "reading", harmless=True)
JOINED_KEY = Rule(
    "CSV007",
    Text("the key of a joined file is filled and unique", "关联文件的键已填且唯一"),
    "reading",
)
OBJECT = Rule(
    "JSON001",
    Text("the line is one JSON object, each name in it once", "该行为一个 JSON 对象，名称不重复"),
    "reading",
)
READING = (DECODES, CLEAN, QUOTED, WIDTH, HEADER, BLANK, JOINED_KEY, OBJECT)


@cache
def rules_of(table: Table) -> tuple[Rule, ...]:
    """Return the rules of a table, in the order in which a record is judged."""
    rules: list[tuple[Kind, Text, str]] = []
    for column in table.columns:
        if column.name != "delivered_on":
            rules += [(kind, text, column.name) for kind, text in _column_rules(column)]
    if table.key:
        key = ", ".join(table.key)
        same = f"{key} stands for one record in a delivery"
        rules += [
            ("contradiction", Text(same, "同一键在一次交付中只对应一条记录"), ""),
            ("duplicate", Text(f"{key} is delivered once", "同一键只交付一次"), ""),
        ]
    return tuple(
        Rule(f"{table.prefix}{i:03d}", text, kind, column, harmless=kind == "duplicate")
        for i, (kind, text, column) in enumerate(rules, start=1)
    )


def _column_rules(column: Column) -> list[tuple[Kind, Text]]:
    name = column.name
    rules: list[tuple[Kind, Text]] = []
    if column.required:
        rules.append(("required", Text(f"{name} is given", f"{name} 已填写")))
    if column.type != "string":
        rules.append(("type", Text(f"{name} is {column.reads_as}", f"{name} 格式正确")))
    coded = f"{name} 为设置中列出的代码"
    if column.allowed:
        among = ", ".join(column.allowed)
        members = f"any of {among}, joined by ';'" if column.several else f"one of {among}"
        rules.append(("vocabulary", Text(f"{name} is {members}", coded)))
    elif not column.identifier:
        rules.append(("vocabulary", Text(f"{name} is a code listed in the settings", coded)))
    if column.minimum is not None:
        least = Text(f"{name} is at least {column.minimum}", f"{name} 不低于下限")
        rules.append(("minimum", least))
    return rules


@cache
def rule(table: Table, kind: Kind, column: str = "") -> Rule:
    """Return the rule of that kind for that column."""
    return next(r for r in rules_of(table) if r.kind == kind and r.column == column)


@cache
def by_code() -> Mapping[str, Rule]:
    """Return every rule there is by its code."""
    tables = [r for table in TABLES.values() for r in rules_of(table)]
    return {r.code: r for r in [*READING, *tables]}
