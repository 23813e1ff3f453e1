"""A suggestion as the text of a settings file: what speaks for each value stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import yaml

from churn.ingest.suggestion.batches import Batch
from churn.ingest.suggestion.profiles import Profile
from churn.ingest.suggestion.proposals import Line, Source, Suggested
from churn.language import Language, Text

WIDE = 96  # characters up to which evidence stands behind a value
CODES = 4  # so many codes stand in one line
SHOWN = 12  # columns that fill nothing are named up to here
INDENT = "  "
QUESTION = "# ? "


class Left(NamedTuple):
    """Files that fill no table, and why; ``asked``: where they cannot be read."""

    batch: Batch
    why: Text
    asked: bool = False


def ingest_section(
    tables: Sequence[Suggested],
    left: Iterable[Left],
    folder: str,
    id_key: str,
    language: Language,
) -> list[str]:
    """Return the lines of the section ``ingest:``."""
    writer = _Writer(language)
    writer.line(0, "ingest:")
    told = Text("relative to this file", "相对于本文件")
    writer.line(1, f"folder: {scalar(folder)}", (told,))
    key = Text("keep it secret, never change it", "须保密，且不可更改")
    writer.line(1, f"id_key: {scalar(id_key)}", (key,))
    writer.views([source for table in tables for source in table.sources])
    writer.line(1, "tables:")
    for table in tables:
        writer.table(table)
    for each in left:
        count, label = len(each.batch.paths), each.batch.label
        unused = Text(
            f"not used: {label} ({count:,} files): ", f"未使用：{label}（{count:,}个文件）："
        )
        writer.note(2, QUESTION if each.asked else "# ", (unused + each.why,))
    return writer.lines


def states_section(
    codes: Mapping[str, str],
    questions: Mapping[str, str],
    initial: tuple[str, Text] | None,
    counts: Mapping[str, int],
    doubts: Mapping[str, Text],
    names: Mapping[str, str],
    language: Language,
) -> list[str]:
    """Return the lines of the section ``states:``.

    Parameters
    ----------
    codes
        The operator's code: the state that it says.
    questions
        Code that says nothing known: what its place among the others suggests, or nothing.
    initial
        The state in which every subscriber begins, with its evidence, where events are changes.
    """
    writer = _Writer(language)
    if not codes and not questions and initial is None:
        return []
    writer.line(0, "states:")
    if initial is not None:
        writer.line(1, f"initial_state: {initial[0]}", initial[1:])
    if codes or questions:
        writer.line(1, "codes:")
    for code in [*codes, *questions]:
        rows = Text(f"{counts.get(code, 0):,} rows", f"{counts.get(code, 0):,}行")
        state = codes.get(code) or questions[code]
        doubt = doubts.get(code)
        if doubt is not None:
            writer.note(2, QUESTION, (doubt,))
        mark = "" if state else "# "
        name = names.get(code)
        called = (Text(name, name),) if name else ()
        writer.line(2, f"{mark}{scalar(code)}: {state or '?'}", (*called, rows))
    return writer.lines


def scalar(value: Any) -> str:
    """Write a value in one line of YAML."""
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...").strip()


class _Writer:
    """Lines of YAML, each with what is to be known of it."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.lines: list[str] = []

    def word(self, text: Text) -> str:
        return text.zh if self._language == "zh" else text.en

    def line(self, depth: int, text: str, told: Sequence[Text] = ()) -> None:
        comment = "; ".join(self.word(each) for each in told)
        line = INDENT * depth + text
        if comment and len(line) + len(comment) < WIDE:
            line = f"{line}  # {comment}"
        elif comment:
            self.lines.append(f"{INDENT * depth}# {comment}")
        self.lines.append(line)

    def note(self, depth: int, mark: str, told: Sequence[Text]) -> None:
        self.lines += [f"{INDENT * depth}{mark}{self.word(each)}" for each in told]

    def views(self, sources: Sequence[Source]) -> None:
        """Write the queries that sources read in place of their files."""
        viewed = [(source, source.view) for source in sources if source.view is not None]
        if viewed:
            self.line(1, "views:")
        for _, view in viewed:
            self.line(2, f"{view.name}:", (view.told,))
            self.line(3, "inputs:")
            for name, files in view.inputs.items():
                self.line(4, f"{name}: {scalar(dict(files))}")
            self.line(3, f"query: {scalar(view.query)}")

    def table(self, table: Suggested) -> None:
        """Write a table with its sources."""
        self.line(2, f"{table.table.name}:")
        if table.mode is not None:
            self.line(3, f"mode: {table.mode}", table.evidence)
        if table.max_rejected is not None:
            self.line(3, f"max_rejected: {table.max_rejected}", table.limit_evidence)
        if table.max_rejected_rows is not None:
            self.line(3, f"max_rejected_rows: {table.max_rejected_rows}", table.limit_evidence)
        self.line(3, "sources:")
        for source in table.sources:
            self.source(source)

    def source(self, source: Source) -> None:
        """Write a source."""
        batch = source.look.batch
        dating = source.dating
        count = len(batch.paths)
        told = Text(
            f"{count:,} files; {len(source.look.rows):,} rows looked at",
            f"{count:,}个文件；已查看{len(source.look.rows):,}行",
        )
        self.note(4, QUESTION, (*source.doubts, *dating.doubts))
        later = dating.placeholders if source.load is None else ()  # more of its kind will come
        if source.view is not None:
            self.line(4, f"- view: {source.view.name}", (told,))
        else:
            self.line(4, f"- files: {scalar(batch.pattern(later))}", (told,))
        if dating.placeholders:
            self.line(5, f"name: {scalar(batch.name(dating.placeholders))}", dating.evidence[:1])
        self._delivery(source)
        for option, value in source.options.items() if source.view is None else ():
            self.line(5, f"{option}: {scalar(value)}")
        if source.only:
            self.line(5, f"only: {scalar(dict(source.only))}")
        self.line(5, "columns:")
        for line in source.lines:
            self.column(6, line)
        if source.unpivot:
            self.line(5, "unpivot:")
        for group in source.unpivot:
            self.line(6, f"- {scalar(group).removeprefix('{').removesuffix('}')}")
        if source.joins:
            told = Text("a row per subscriber, beside", "每个用户一行，并列关联")
            self.line(5, "join:", (told,))
        for join in source.joins:
            self._join(join)
        self._unused(source.unused)

    def _delivery(self, source: Source) -> None:
        dating = source.dating
        if dating.days_after is not None:
            self.line(5, f"delivered_on: {{days_after_period: {dating.days_after}}}")
        elif dating.delivered_on is not None:
            self.line(5, f"delivered_on: {dating.delivered_on}", dating.evidence)
        elif not dating.placeholders:
            self.line(5, "# delivered_on: ?")
        if source.load is not None:
            told = Text("history extracted on one day", "一次性提取的历史数据")
            self.line(5, "initial_load:", (told,))
            for key, value in source.load.items():
                shown = str(value) if isinstance(value, date) else scalar(value)
                about = () if value == 0 else _ABOUT.get(key, ())
                self.line(6, f"{key}: {shown}", about)

    def column(self, depth: int, line: Line) -> None:
        """Write where a column comes from."""
        self.note(depth, QUESTION, line.doubts)
        target = scalar(line.target)  # `on` alone is a truth value
        codes = line.value.get("codes") if isinstance(line.value, dict) else None
        if codes and (len(codes) > CODES or (line.counts and None in codes.values())):
            self.line(depth, f"{target}:", line.evidence)
            for key, value in line.value.items():
                if key != "codes":
                    self.line(depth + 1, f"{key}: {scalar(value)}")
            self.line(depth + 1, "codes:")
            for code, value in codes.items():
                rows = line.counts.get(code, 0)
                told = Text(f"{rows:,} rows", f"{rows:,}行")
                self.line(depth + 2, f"{scalar(code)}: {scalar(value)}", (told,))
            return
        self.line(depth, f"{target}: {scalar(line.value)}", line.evidence)

    def _join(self, join: Mapping[str, Any]) -> None:
        for at, (key, value) in enumerate(join.items()):
            lead = "- " if at == 0 else "  "
            if key == "columns":
                self.line(6, f"{lead}columns:")
                for name, how in value.items():
                    self.line(8, f"{name}: {scalar(how)}")
            else:
                self.line(6, f"{lead}{key}: {scalar(value)}")

    def _unused(self, profiles: Sequence[Profile]) -> None:
        headers = [profile.header for profile in profiles if profile.header]
        if not headers:
            return
        names = headers[:SHOWN]
        more = len(headers) - len(names)
        tail = Text(f" and {more} more", f"等{more}列") if more else Text("", "")
        told = Text.by(lambda language: (", " if language == "en" else "、").join(names)) + tail
        self.note(5, "# ", (Text("fill nothing: ", "未使用的列：") + told,))


_ABOUT: Mapping[str, tuple[Text, ...]] = {
    "assumed_lag": (
        Text("what happened is taken as known one day later", "假定事件发生后一天可知"),
    ),
    "constant": (Text("known on every earlier day as well", "提取日之前同样可知"),),
    "current_state": (
        Text("as of the extraction: hidden on earlier days", "提取日的状态：此前各日隐藏"),
    ),
}
