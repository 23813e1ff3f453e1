"""What the models' heads are called on the page, and what is said of one that is off."""

from __future__ import annotations

from collections.abc import Mapping

from churn.causes import RISKS
from churn.language import COLON, Text
from churn.report.page.markup import Element, element

CAUSE_WORDS: Mapping[str, Text] = {
    cause: Text(risk.text.en.capitalize(), risk.text.zh) for cause, risk in RISKS.items()
}


def of_cause(cause: str, words: Text) -> Text:
    """Put the name of the head before what is said of it."""
    return CAUSE_WORDS[cause] + COLON + words


def sentence(words: Text) -> Text:
    """Make a sentence of its words."""
    return Text(f"{words.en[:1].upper()}{words.en[1:]}.", f"{words.zh}。")


def off_note(off: Text) -> Element:
    """Say that a model is off, and why."""
    words = Text(f"This model is off: {off.en}.", f"该模型未启用：{off.zh}。")
    return element("p", words, class_="warning")
