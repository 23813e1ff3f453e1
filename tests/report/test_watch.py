"""A watch in words: on a terminal and on a page, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from churn.evaluation.intervals import Interval
from churn.language import LANGUAGES, Language
from churn.monitoring import Alarm, Nowcast, Strange
from churn.monitoring.base_rates import BaseRate
from churn.monitoring.data_age import DataAge
from churn.monitoring.drift import Drift
from churn.monitoring.fairness import Disparity
from churn.monitoring.promotion import Decision, HeadDuel
from churn.monitoring.record import Forecast, Head, ListProfit, NightOfHead, Record
from churn.report.decisions import decision_line
from churn.report.page.document import write_page
from churn.report.page.watch import write_watch
from churn.report.parts import HandOut
from churn.report.terminal.monitor import monitor_lines
from churn.report.watch import AGES_AS_LEARNED, alarm_line, old_line
from churn.tables import TABLES

RATIO = Interval(value=1.31, lower=1.1, upper=1.5)
STRETCH = Strange(since=date(2025, 2, 20), seen=131, expected=100, ratio=RATIO, chance=1e-6)
ALARM = Alarm(head="active", group="top", stretch=STRETCH, moved=(("region=A<b>", STRETCH),))


RATE = BaseRate(
    head="active", night=date(2025, 2, 1), now=Interval(value=0.019, lower=0.017, upper=0.021),
    learned=0.014, snapshots=9, chance=1e-4, moves=0.3, last_year=0.0185,
    last_year_on=date(2024, 2, 1), as_last_year=True,
)  # fmt: skip
AGE = DataAge(table="bills", now=32, usual=1, chance=1e-6, last_year=2, as_last_year=False)


def _record(**changes: object) -> Record:
    forecast = Forecast(told_on=date(2025, 2, 1), known=0.5, ratio=RATIO, held=True)
    half = Nowcast(expected=80, seen=40, known=0.5, final=RATIO, ratio=RATIO)
    nights = (
        NightOfHead(
            night=date(2025, 1, 1), trained_as_of="2024-12-01", promised=90, chances_alone=0.04,
            final=91, metrics={"observed_expected": RATIO, "average_precision": RATIO},
            forecasts=(forecast, forecast.model_copy(update={"held": False})),
        ),
        NightOfHead(
            night=date(2025, 2, 1), trained_as_of="2024-12-01", promised=80, chances_alone=0.04,
            nowcast=half,
        ),
        NightOfHead(
            night=date(2025, 3, 1), trained_as_of="2024-12-01", promised=70,
            chances_alone=float("nan"),
        ),
    )  # fmt: skip
    record = Record(
        as_of=date(2025, 4, 1),
        observed_through=date(2025, 3, 31),
        references=(date(2024, 12, 1), date(2024, 11, 1)),
        looks=12,
        heads={"active": Head(nights=nights, segments=(("product=mobile", STRETCH),))},
        watched=(),
        alarms=(ALARM,),
        passed_over={"scored by a model trained later": 2},
        drift=(
            Drift(feature="f", index=0.3, chance=1e-4, moves={"active": 0.2}, as_last_year=True),
        ),
        words={"f": ("the bill", "账单")},
    )
    return record.model_copy(update=changes)


def _words(record: Record, language: Language) -> tuple[str, str]:
    terminal = "\n".join(line.of(language) for line in monitor_lines(record))
    return terminal, write_watch(record, language).decode()


def test_an_alarm_says_what_it_must() -> None:
    """The head, the group, the size, since when, and what moved; without segments it says so."""
    assert alarm_line(ALARM).en == (
        "ALARM: active churn, the riskiest tenth: 1.31 [1.10, 1.50] times what was promised since "
        "2025-02-20 (seen 131, expected by now 100). Moved most: region A<b> 1.31 times "
        "(+31 departures)."
    )
    everywhere = alarm_line(ALARM.model_copy(update={"moved": ()}))
    assert everywhere.en.endswith("No segment stands out: it moved throughout.")
    assert everywhere.zh.endswith("整体变动。")


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_tell_the_same(language: Language) -> None:
    """Alarm, nights in their three states, checked nowcasts, drift, what was passed over."""
    record = _record()
    terminal, page = _words(record, language)
    told = {
        "en": ("half-matured", "the bill", "trained later", "Of 2 earlier nowcasts, 1 held"),
        "zh": ("半成熟", "账单", "由之后训练的模型评分", "此前"),
    }[language]
    for text in (*told, "2025-02-20", "1.31"):
        assert text in terminal, text
        assert text in page, text
    assert "A<b>" not in page, "what an extract says is never markup"
    assert "nan" not in terminal + page
    assert write_watch(record, language) == write_watch(record, language)
    if language == "zh":
        prose = re.sub(r"(?s)<style.*?</style>|<[^>]+>|monitor\.json|churn|AP|region", " ", page)
        assert not re.findall(r"[a-z]{4,}", prose), "one language on a page"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_told_is_said(language: Language) -> None:
    """No night watched yet, no reference, no panel of the model: each has its sentence."""
    nothing = _record(heads={}, alarms=(), drift=None, passed_over={})
    terminal, page = _words(nothing, language)
    said = {"en": "its outcome window has not opened", "zh": "其结果窗口尚未开始"}[language]
    assert said in terminal
    assert said in page
    calm, _ = _words(_record(alarms=(), drift=(), references=()), language)
    assert {"en": "No past snapshot is final yet", "zh": "尚无已成熟的历史快照"}[language] in calm


def test_an_old_model() -> None:
    """How many days, and what to do."""
    assert "200 days" in old_line(200).en
    assert "200天" in old_line(200).zh


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "the mapping has changed"), ("zh", "抽取文件的映射已改变")],
)
def test_a_changed_mapping_is_told(language: Language, words: str) -> None:
    """On the terminal and on the page; only where it has changed."""
    for text in _words(_record(mapping_changed=True), language):
        assert words in text
    for text in _words(_record(), language):
        assert words not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Groups beside all others", "region south", "other than parity")),
        ("zh", ("各群体与其余用户对比", "区域 south", "偏离均等")),
    ],
)
def test_groups_stand_beside_each_other(language: Language, words: tuple[str, ...]) -> None:
    """Where the settings name any: with intervals, and marked where parity is left out."""
    head = _record().heads["active"]
    alike = Interval(value=1, lower=0.9, upper=1.1)
    groups = (
        Disparity(column="region", value="south", rows=900, churners=40, selected=RATIO,
                  caught=alike.model_copy(update={"lower": -0.1}), ratio=alike),
        Disparity(column="region", value="north", rows=1900, churners=20, selected=alike),
    )  # fmt: skip
    bare = _words(_record(), language)[1]
    assert words[0] not in bare
    page = _words(_record(heads={"active": head.model_copy(update={"groups": groups})}), language)
    for text in words:
        assert text in page[1]
    assert page[1].count(words[2]) == 1


def _decision() -> Decision:
    head = HeadDuel(
        rows=6000, churners=140, log_loss=RATIO, profit=RATIO, auc=RATIO, champion_ratio=RATIO,
        challenger_ratio=RATIO, champion_loss=0.1, same_reasons=0.75,
    )  # fmt: skip
    return Decision(
        as_of=date(2025, 3, 5), rule="worse", challenger="b", challenger_of="2025-03-05",
        champion="a", champion_of="2024-12-01", age=94,
        nights=(date(2024, 12, 1), date(2025, 1, 1)), heads={"active": head},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "2025-03-05: challenger of 2025-03-05 (champion of 2024-12-01, 94 days old): ",
                "held back; it is shown to be worse; nights both were held against: 2",
                "140 churners in 6,000 rows",
                "same first reason for 75%",
            ),
        ),
        (
            "zh",
            (
                "2025-03-05：2025-03-05训练的新模型（在用模型训练于2024-12-01，距今94天）：未启用；",
                "已证实更差；对比夜数2",
                "6,000行中流失140户",
                "首要原因相同者占75%",
            ),
        ),
    ],
)
def test_decisions_stand_on_the_page(language: Language, words: tuple[str, ...]) -> None:
    """Each with its night, its rule and every figure."""
    page = _words(_record(decisions=(_decision(),)), language)[1]
    for text in words:
        assert text in page


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Do past nights hold?"), ("zh", "以往预测是否兑现？")]
)
def test_the_nights_page_tells_its_watch(page_parts, language: Language, title: str) -> None:
    """The alarm, the ratios and what was decided, in a section of its own; none where none was."""
    night = HandOut(page_parts.night, language, page_parts.notices, models=page_parts.models)
    assert title not in write_page(night, page_parts.data).decode()
    watch = _record(decisions=(_decision(),))
    page = write_page(replace(night, watch=watch), page_parts.data).decode()
    for text in (
        title,
        decision_line(_decision()).of(language)[:60],
        alarm_line(ALARM).of(language)[:20],
    ):
        assert text in page
    assert "A<b>" not in page


@pytest.mark.parametrize(("language", "word"), [("en", "ogit, active"), ("zh", "对数几率")])
def test_what_inputs_move_is_told_before_any_night_is_watched(
    language: Language, word: str
) -> None:
    """The order of the table is by it; a head that nothing moves has no column."""
    for text in _words(_record(heads={}), language):
        assert word in text
        assert "passive" not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("not as learned from, but as last year", "not as learned from, nor as last year")),
        ("zh", ("与训练期不同，但与去年同期一致", "与训练期不同，也与去年同期不同")),
    ],
)
def test_base_rates_and_ages_stand_beside_what_was_learned(
    language: Language, words: tuple[str, str]
) -> None:
    """A rate that the season explains, a table that is late; of what is as ever one sentence."""
    for text in _words(_record(base_rates=(RATE,), data_ages=(AGE,)), language):
        assert all(each in text for each in words)
        assert TABLES["bills"].label.of(language) in text
    as_ever = AGE.model_copy(update={"chance": 1.0})
    for text in _words(_record(data_ages=(as_ever,)), language):
        assert AGES_AS_LEARNED.of(language) in text
        assert not any(each in text for each in words)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("245 days", "half-matured: 50.0")), ("zh", ("245 天", "半成熟：已知 50.0"))],
)
def test_the_figures_in_short_say_what_they_rest_on(
    language: Language, words: tuple[str, str]
) -> None:
    """The model's age, and how much of the night told is known."""
    page = _words(_record(model_age=245), language)[1]
    assert all(each in page for each in words)


_LISTS = (
    ListProfit(
        month=date(2024, 11, 1), lists=28, contacts=900, expected=4000,
        mature_on=date(2025, 2, 12), basis="a", mature=True, compared=880, controls=97,
        expected_of_compared=3900, realised=Interval(value=-1200, lower=-5000, upper=2600),
    ),
    ListProfit(
        month=date(2024, 12, 1), lists=1, contacts=30, expected=500, mature_on=date(2025, 2, 14),
        basis="b", mature=True, compared=30, controls=3,
    ),
    ListProfit(
        month=date(2025, 1, 1), lists=1, contacts=20, expected=float("nan"),
        mature_on=date(2025, 3, 17), basis="c", mature=True,
    ),
    ListProfit(
        month=date(2025, 3, 1), lists=1, contacts=901, expected=4100.5,
        mature_on=date(2025, 5, 15), basis="d",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "880 with 97",
                "not measurable: too few controls",
                "not measurable: not all of its decision is stored",
                "not final before 2025-05-15",
                "Do the lists pay?",
            ),
        ),
        (
            "zh",
            (
                "880 对 97",
                "无法衡量：对照户数不足",
                "无法衡量：其决策未完整保存",
                "2025-05-15 前未成熟",
                "名单是否有收益？",
            ),
        ),
    ],
)
def test_lists_tell_what_they_earned_or_why_it_is_not_known(
    language: Language, words: tuple[str, ...]
) -> None:
    """A loss as a loss, with its interval; no figure where there is none to be had."""
    record = _record(lists=_LISTS)
    page = _words(Record.model_validate_json(record.model_dump_json()), language)[1]
    for text in (*words, "−1,200.00", "[−5,000.00, 2,600.00]", "3,900.00", "4,100.50"):
        assert page.count(text) >= 1, text
    assert "nan" not in page
    pending = _words(_record(lists=_LISTS[1:]), language)[1]
    assert words[-1] not in pending, "nothing is measured yet: nothing to draw"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "No list was handed over before."), ("zh", "此前尚未交付名单。")]
)
def test_no_list_is_no_profit(language: Language, words: str) -> None:
    """One sentence."""
    assert words in _words(_record(), language)[1]
