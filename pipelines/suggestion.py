"""``churn check --suggest``: a settings file for files that nobody has described yet."""

from __future__ import annotations

import os
import secrets
from datetime import date
from pathlib import Path

from churn.errors import SettingsError, UsageError
from churn.ingest.suggestion import Suggestion, suggest
from churn.ingest.suggestion.document import states_section
from churn.ingest.suggestion.events import Events
from churn.ingest.suggestion.wide import Outcome
from churn.language import Language, Text
from churn.states.recognition import state_of
from churn.states.settings import SHIPPED_CODES
from churn.store.atomic import storage_errors, write_bytes
from pipelines.run import REQUIRED

BEGINNING = 0.7  # share of subscribers whose first event should begin their service
FEW_MONTHS = 9  # with ends, of which few can be kept for calibration and test
SUSPENDING = ("suspended", "soft_suspended", "on_hold")


def suggestion(
    paths: list[Path],
    out: Path | None,
    language: Language | None = None,
    extracted_on: date | None = None,
) -> str:
    """Return the settings file that files suggest, or write it and say so.

    Parameters
    ----------
    paths
        Files, or folders of them.
    out
        Where to write it; a file that is there is never overwritten.
    language
        Of comments and lists; that of most headers if not given.
    extracted_on
        When files without a day in their names were extracted, if somebody knows.
    """
    if out is not None and out.exists():
        raise SettingsError(
            "there is a settings file already", where=str(out), do="name another file"
        )
    found = suggest(paths, state_of, extracted_on)
    if not found.tables:
        raise UsageError(
            f"none of the {found.files:,} files looks like a canonical table",
            where=", ".join(map(str, paths)),
            do="see docs/canonical.md for what can be read, and map it as docs/extracts.md tells",
        )
    base = (out.parent if out is not None else Path.cwd()).resolve()
    text = document(found, os.path.relpath(found.folder, base), language or found.language)
    if out is None:
        return text.rstrip("\n")
    with storage_errors(str(out)):
        write_bytes(out, text.encode(), mode=0o600)
    questions = sum(line.lstrip().startswith("# ?") for line in text.splitlines())
    return (
        f"{out}: {len(found.tables)} tables from {found.files:,} files,"
        f" {questions} questions in it (lines that begin with `# ?`); answer them, then run"
        f" `churn check --settings {out}`"
    )


def document(found: Suggestion, folder: str, language: Language) -> str:
    """Return the text of the settings file."""
    head = Text(
        "Suggested by `churn check --suggest`. What speaks for a value stands beside it; what"
        " cannot be told\n# is asked in lines that begin with `# ?`. The language:"
        " docs/extracts.md; the tables: docs/canonical.md.",
        "由 churn check --suggest 生成。取值旁注明依据；无法判断之处以“# ?”开头的行提问。\n"
        "# 语法见 docs/extracts.md，标准表见 docs/canonical.md。",
    )
    lines = [f"# {_in(head, language)}"]
    lines += [f"# ? {_in(text, language)}" for text in _missing(found)]
    lines += ["", "version: 1", "workspace: workspace", f"language: {language}", ""]
    lines += found.ingest(folder, secrets.token_hex(16), language)
    if found.events is not None:
        lines += ["", *_states(found.events, language)]
    lines += ["", *_time(found, language)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _in(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en


def _missing(found: Suggestion) -> list[Text]:
    questions = [
        Text(
            f"no file fills {name}, which is required: which one holds it?",
            f"没有文件可填充必需的表 {name}：哪个文件包含这些数据？",
        )
        for name in REQUIRED
        if name not in found.names
    ]
    if found.extracted_on is None and "subscribers" in found.names:
        questions.append(
            Text(
                "no file tells a day: give that of the extraction, `--delivered-on`, and suggest"
                " again",
                "文件中没有任何日期：请用 --delivered-on 给出提取日期后重新生成",
            )
        )
    return questions


def _states(events: Events, language: Language) -> list[str]:
    codes = {code: s for code, s in events.states.items() if SHIPPED_CODES.get(code) != s}
    initial = None
    if events.begin < BEGINNING:
        told = Text(
            f"{events.begin:.0%} of the subscribers have an event that begins their service",
            f"仅{events.begin:.0%}的用户有开始在用的状态记录",
        )
        initial = ("in_service", told)
    return states_section(
        codes, events.guesses, initial, events.counts, events.doubts, events.names, language
    )


def _one_outcome(outcome: Outcome, language: Language) -> list[str]:
    """Ask about the one month that a flag tells of, from the day of the extraction on."""
    one = Text(
        "one month of outcomes, from the extraction on: the split is by customer",
        "只有提取日之后一个月的结果：按客户划分样本",
    )
    return [
        f"# {_in(one, language)}",
        "time: {lead: 0, outcome: 30, grace: 0, win_back: 0, min_tenure: 0}",
        "",
        "learning:",
        f"  heads: [{'passive' if outcome.passive else 'active'}]",
    ]


def _time(found: Suggestion, language: Language) -> list[str]:
    """Shorten what waits for cures and returns, where the files know neither."""
    if found.outcome is not None:
        return _one_outcome(found.outcome, language)
    events = found.events
    if "status_events" not in found.names:
        return []
    states = {*events.states.values(), *events.guesses.values()} if events else set()
    if states & {*SUSPENDING, ""} or (events is not None and events.returns) or found.halts:
        return []
    none = Text("no suspension and no return is in the files", "文件中没有停机，也没有复机")
    lines = ["time:", f"  grace: 0  # {_in(none, language)}", "  win_back: 0"]
    if found.by_months:
        firsts = Text(
            "all ends stand on firsts of months: the window opens on the day itself",
            "离网均记在月初：结果窗口自当日开始",
        )
        lines += [f"  lead: 0  # {_in(firsts, language)}", "  outcome: 28"]
    return [*lines, *_panel(found, language)]


def _panel(found: Suggestion, language: Language) -> list[str]:
    """Learn from the months in which lines could end, where none did for long before."""
    if found.ends is None:
        return []
    first, last = found.ends
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    judged = 1 if months < FEW_MONTHS else 3
    why = Text(f"no line ended before {first}", f"{first}之前没有离网记录")
    return [
        "",
        "panel:",
        f"  train: {max(1, months - 2 * judged)}  # {_in(why, language)}",
        f"  calibration: {judged}",
        f"  test: {judged}",
    ]
