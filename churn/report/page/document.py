"""``report.html``: the night on one page that asks the network for nothing and runs no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from churn.language import Language, Text
from churn.report.page.data import data_section
from churn.report.page.markup import Content, Markup, element, join
from churn.report.page.models import models_section
from churn.report.page.numbers import figure, money
from churn.report.page.parts import Data, Models, Tonight
from churn.report.page.people import people_section
from churn.report.page.style import STYLE
from churn.report.page.tables import Head, lines, table
from churn.report.page.tonight import no_list_section, profit_section, tonight_section
from churn.report.summary import action_catalogue, assumptions
from churn.targeting import TargetingSettings

# Refuses every request, script and form, whatever a value might smuggle in.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_LANG = {"en": "en", "zh": "zh-CN"}


def write_page(
    *,
    as_of: date,
    language: Language,
    data: Data,
    notices: Mapping[str, int],
    tonight: Tonight | None = None,
    models: Models | None = None,
    refused: str | None = None,
    notes: Sequence[str] = (),
) -> bytes:
    """Return ``report.html``; the same parts give the same bytes on any day.

    Parameters
    ----------
    notices
        See :func:`churn.report.notice_counts`.
    tonight
        The list; None on a night without one: the page then says why.
    models
        The models in place or, on a night without any, those that failed.
    refused
        Why there is no list, where it is not the gate that says so.
    notes
        What every reader must be told, already worded.
    """
    title = Text(f"Retention report, night of {as_of}", f"挽留报告（{as_of}）").of(language)
    sections: list[tuple[str, Text, Content]] = []
    if tonight is None:
        why = no_list_section(models, refused, notices, language)
        sections.append(("tonight", Text("Tonight", "今晚"), why))
    else:
        todo = tonight_section(tonight, notices, language)
        sections.append(("tonight", Text("What to do tonight", "今晚任务"), todo))
        if len(tonight.frame):
            people = people_section(tonight, language)
            sections.append(("people", Text("Who and why", "名单与原因"), people))
            profit = profit_section(tonight, language)
            sections.append(("profit", Text("Expected profit", "预期收益"), profit))
    if models is not None:
        trust = models_section(models, language)
        sections.append(("models", Text("Can the models be trusted?", "模型是否可信"), trust))
    sections.append(("data", Text("The data", "数据"), data_section(data, as_of, language)))
    settings = tonight.settings if tonight else None
    if settings or notes:
        assumed = _assumed(settings, notes, language)
        sections.append(("assumed", Text("What is assumed", "假设与说明"), assumed))
    return whole(title, sections, _footer(models, language), language)


def whole(
    title: str,
    sections: Sequence[tuple[str, Text, Content]],
    footer: Markup,
    language: Language,
) -> bytes:
    """Return a page of sections, each with its anchor and its name, as a document of its own."""
    body = element(
        "body",
        element("a", Text("To the content", "跳到正文").of(language), href="#main", class_="skip"),
        element("header", element("h1", title), _contents(sections, language)),
        element("main", [_section(*one, language) for one in sections], id="main"),
        footer,
    )
    return _document(title, body, language)


def write_document(title: str, content: Content, language: Language) -> bytes:
    """Return a page of its own for a part of the report, in the same frame and style."""
    body = element(
        "body", element("header", element("h1", title)), element("main", content, id="main")
    )
    return _document(title, body, language)


def _document(title: str, body: Markup, language: Language) -> bytes:
    document = join(
        Markup("<!DOCTYPE html>\n"),
        element("html", _head(title), body, lang=_LANG[language]),
        Markup("\n"),
    )
    return document.encode("utf-8")


def _head(title: str) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="robots", content="noindex"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", STYLE),
    )


def _contents(sections: Sequence[tuple[str, Text, Content]], language: Language) -> Markup:
    links = [
        element("li", element("a", name.of(language), href=f"#{anchor}"))
        for anchor, name, _ in sections
    ]
    return element("nav", element("ul", links), aria_label=Text("Contents", "目录").of(language))


def _section(anchor: str, name: Text, content: Content, language: Language) -> Markup:
    heading = element("h2", name.of(language), id=f"{anchor}-title")
    return element("section", heading, content, id=anchor, aria_labelledby=f"{anchor}-title")


def _assumed(
    settings: TargetingSettings | None, notes: Sequence[str], language: Language
) -> Markup:
    told = element("div", lines(notes), class_="warning", role="note") if notes else None
    if settings is None:
        return join(told)
    said = [row[0] for row in assumptions(settings, language).rows]
    header, *rows = action_catalogue(settings, language).rows
    shown = [
        [*row[:3], money(row[3]), money(row[4]), figure(row[5]), figure(row[6])] for row in rows
    ]
    heads = [Head(label, number=place > 2) for place, label in enumerate(header)]  # noqa: PLR2004 - texts first
    catalogue = table(Text("The actions", "措施目录").of(language), heads, shown, stacked=True)
    return join(told, lines(said), catalogue)


def _footer(models: Models | None, language: Language) -> Markup:
    if models is None:
        said = Text("No model is in place.", "没有在用的模型。").of(language)
    else:
        name = models.bundle.fingerprint[:12]
        said = (
            Text(f"Model {name}.", f"模型 {name}。")
            if models.in_place
            else Text(f"Model {name}, not in place.", f"模型 {name}（未启用）。")
        ).of(language)
    aside = Text(
        "Everything here comes from the files beside this page; manifest.json names their hashes.",
        "本页内容均来自同目录文件，其哈希见 manifest.json。",
    ).of(language)
    return element("footer", element("p", f"churn · {said} {aside}"))
