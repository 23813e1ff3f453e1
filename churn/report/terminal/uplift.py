"""What contacts changed, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from churn.language import LANGUAGES, Text, Words
from churn.report.effects import EFFECT_COLUMNS, proof_line
from churn.report.terminal.grid import grid
from churn.report.words import words_of
from churn.targeting import TargetingSettings
from churn.targeting.effects import Effect


def uplift_lines(
    effects: Sequence[Effect], settings: TargetingSettings, *, waiting: int
) -> Iterator[Text]:
    """Tell each action's effect with its interval, what of it is used, and what would prove it."""
    names: Mapping[str, Text] = words_of(settings.actions)["action"]
    header: list[Words] = [Text("action", "措施"), *(column.title for column in EFFECT_COLUMNS)]
    rows: list[list[Words]] = [
        header,
        *(
            [names[effect.action], *(column.cell(effect) for column in EFFECT_COLUMNS)]
            for effect in effects
        ),
    ]
    tables = {language: grid(rows, language) for language in LANGUAGES}
    for lines in zip(*tables.values(), strict=True):
        yield Text(**dict(zip(LANGUAGES, lines, strict=True)))
    for effect in effects:
        line = proof_line(effect, names[effect.action])
        if line is not None:
            yield line
    if waiting:
        yield Text(
            f"{waiting:,} contacts are too recent: their outcomes are not final.",
            f"{waiting:,} 次接触的结果尚未确定，暂不计入。",
        )
    yield VERDICTS_NOTE


VERDICTS_NOTE = Text(
    "Effects are by assignment, over lead and outcome window; intervals 95 %. Proven: at level "
    "5 %, however often one looks, corrected for the number of actions (Holm).",
    "效果按分组（而非是否接通）计算，覆盖提前期与结果窗口，区间为 95%。“已证实”指在 5% 水平下、"
    "可随时查看，且已按措施数校正（Holm）。",
)
