"""``report.html``: the night on one page that asks the network for nothing and runs no script."""

from __future__ import annotations

from collections.abc import Sequence

from churn.language import Text
from churn.report.page.beside import indicators_section, warnings_section
from churn.report.page.data import data_section
from churn.report.page.frame import Section, whole
from churn.report.page.markup import Content, Markup
from churn.report.page.models import models_section
from churn.report.page.moved import earlier_section, moved_section
from churn.report.page.numbers import money, percent
from churn.report.page.people import people_picking, people_section
from churn.report.page.tables import TableColumn, lines, numbers, table, warning
from churn.report.page.tonight import no_list_section, profit_section, tonight_section
from churn.report.page.watch import watch_section
from churn.report.parts import Data, HandOut, Models
from churn.report.summary import action_catalogue, assumptions, effects_of
from churn.targeting import TargetingSettings, TargetList

_SHOWN = {"money": money, "chance": percent}


def write_page(night: HandOut, data: Data) -> bytes:
    """Return ``report.html``: the list, the models behind it, the data that the night knew.

    The same parts give the same bytes on any day; without a list the page says why.
    """
    as_of, tonight, models, notes = night.as_of, night.tonight, night.models, night.notes
    notices = night.notices.counts()
    title = Text(f"Retention report, night of {as_of}", f"挽留报告（{as_of}）")
    sections: list[Section] = []
    style = Markup()
    if tonight is None:
        why = no_list_section(models, night.refused, notices)
        sections.append(("tonight", Text("Tonight", "今晚"), why))
    else:
        todo = tonight_section(tonight, notices, night.language)
        sections.append(("tonight", Text("What to do tonight", "今晚任务"), todo))
        if len(tonight.frame):
            picking = people_picking(tonight)
            style = picking.style()
            people = people_section(tonight, picking)
            sections.append(("people", Text("Who and why", "名单与原因"), people))
            profit = profit_section(tonight)
            sections.append(("profit", Text("Expected profit", "预期收益"), profit))
        if night.movements is not None:
            since = moved_section(night.movements)
            sections.append(("moved", Text("Since the list before", "较上次名单的变化"), since))
        if night.past is not None and len(night.past):
            brought = Text("What earlier lists brought", "以往名单的结果")
            sections.append(("earlier", brought, earlier_section(night.past)))
    if night.warnings is not None:
        early = warnings_section(night.warnings, night.currency)
        sections.append(("warnings", Text("Early warnings", "早期预警"), early))
    if night.indicators is not None:
        figures = indicators_section(night.indicators, night.currency)
        sections.append(("indicators", Text("Indicators", "运营指标"), figures))
    if models is not None:
        trust = models_section(models)
        sections.append(("models", Text("Can the models be trusted?", "模型是否可信"), trust))
    if night.watch is not None:
        title_of = Text("Do past nights hold?", "以往预测是否兑现？")
        sections.append(("watch", title_of, watch_section(night.watch)))
    sections.append(("data", Text("The data", "数据"), data_section(data, as_of)))
    settings = tonight.settings if tonight else None
    if settings or notes:
        assumed = _assumed(tonight.done if tonight else None, settings, notes)
        sections.append(("assumed", Text("What is assumed", "假设与说明"), assumed))
    return whole(title, sections, _footer(models), night.language, style)


def _assumed(
    done: TargetList | None, settings: TargetingSettings | None, notes: Sequence[str]
) -> Content:
    notice = warning(lines(notes)) if notes else None
    if settings is None or done is None:
        return notice
    catalogue = action_catalogue(settings, effects_of(done))
    columns = [
        TableColumn(label, cells) if kind == "text" else numbers(label, cells, _SHOWN[kind])
        for kind, label, *cells in zip(
            catalogue.kinds, catalogue.header, *catalogue.rows, strict=True
        )
    ]
    actions = table(Text("The actions", "措施目录"), *columns, stacked=True)
    return (
        notice,
        lines(line for (line,) in assumptions(settings, done.totals["survival"]).rows),
        actions,
    )


def _footer(models: Models | None) -> Text:
    aside = Text(
        " Everything here comes from the files beside this page; manifest.json names their hashes.",
        " 本页内容均来自同目录文件，其哈希见 manifest.json。",
    )
    if models is None:
        state = Text("churn · No model is in place.", "churn · 没有在用的模型。")
    else:
        name = models.bundle.fingerprint[:12]
        state = Text(f"churn · Model {name}", f"churn · 模型 {name}") + (
            Text(".", "。") if models.in_place else Text(", not in place.", "（未启用）。")
        )
    return state + aside
