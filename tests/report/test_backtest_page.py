"""``backtest.html``: both languages, charts and tables, and what it says where there is nothing."""

from __future__ import annotations

from datetime import date

import pytest

from churn.evaluation.backtest import (
    BacktestResult,
    HeadFigures,
    LearnedFrom,
    ListFigures,
    NightFigures,
    PooledHead,
    Stability,
)
from churn.evaluation.groups import Group
from churn.evaluation.intervals import Interval
from churn.language import Text
from churn.report.backtest.document import write_backtest
from churn.windows import add_months

METRICS = {
    "average_precision": 0.05,
    "roc_auc": 0.74,
    "lift_1": 6.0,
    "lift_5": 4.2,
    "lift_10": 3.4,
    "brier": 0.0102,
    "observed_expected": 0.97,
    "observed_expected_in_list": 0.9,
}
NAN = float("nan")


def around(value: float, share: float = 0.1) -> Interval:
    """Put an interval around a value."""
    return Interval(value=value, lower=value * (1 - share), upper=value * (1 + share))


def head(place: int) -> HeadFigures:
    """Invent one head's figures, a little different each night."""
    metrics = {name: around(value * (1 + place % 5 / 50)) for name, value in METRICS.items()}
    return HeadFigures(
        champion="boosting",
        events=400 + place,
        rows=40_000,
        base_rate=0.0101,
        metrics={"champion": metrics, "tree": metrics, "boosting": metrics},
        list_size=500,
    )


def group(place: int) -> Group:
    """Invent one group in which weighted training is nearer."""
    risk = 0.002 * 1.5**place
    return Group(
        lower=risk * 0.9,
        upper=risk * 1.1,
        rows=50_000,
        events=round(50_000 * risk),
        mass=50_000,
        reference=risk,
        first=risk * 1.01,
        second=risk * 0.9,
        closer=around(risk * 0.09, 0.5),
    )


def night(place: int, *, campaigns: bool, listed: bool) -> NightFigures:
    """Invent one night."""
    day = add_months(date(2024, 1, 1), place)
    planned = ListFigures(refused=Text("no model had passed", "无模型通过"))
    if listed:
        planned = ListFigures(
            model_of=day,
            listed=420,
            controls=46,
            gone=3,
            churned=21,
            administrative=1,
            judged=440,
            expected=5_210.5 + place,
            realised=around(4_800.25 + 100 * place, 0.4),
            observed_expected=around(0.95, 0.3),
        )
    return NightFigures(
        night=day,
        learned=LearnedFrom(
            as_of=day,
            first=date(2023, 1, 1),
            last=add_months(day, -3),
            snapshots=6 + place,
            order="customer" if place == 0 else "time",
            passed=("active", "passive"),
            rows=300_000,
            treated=30_000 if campaigns else 0,
        ),
        eligible=41_000,
        administrative=50,
        treated=4_000 if campaigns else 0,
        controls=900 if campaigns else 0,
        heads={"active": head(place), "passive": head(place + 2)},
        planned=planned,
        stability={
            cause: Stability(population=0.02, ranks=0.93, kept=0.71)
            for cause in ("active", "passive")
        }
        if place
        else {},
    )


def off_on(place: int, figures: NightFigures) -> NightFigures:
    """Switch the active head off, and refuse the list."""
    off = Text(f"{60 + place} churners", f"流失 {60 + place}")
    return figures.model_copy(
        update={
            "heads": {**figures.heads, "active": HeadFigures(off=off)},
            "planned": ListFigures(refused=Text("no model had passed", "无模型通过")),
        }
    )


def result(*, campaigns: bool = True, listed: bool = True, nights: int = 12) -> BacktestResult:
    """Invent a backtest."""
    every = tuple(night(place, campaigns=campaigns, listed=listed) for place in range(nights))
    groups = tuple(group(place) for place in range(10)) if campaigns else ()
    pooled = PooledHead(figures=head(3), unseen=head(1), groups=groups)
    return BacktestResult(
        as_of=date(2025, 4, 1),
        nights=every,
        pooled={"active": pooled, "passive": pooled},
        pooled_list=every[-1].planned,
        not_judged={date(2025, 3, 1): Text("labels are not final", "标签尚未确定")},
        every=1,
        window="expanding",
        unseen_share=0.1,
        copies=True,
        availability_assumed=("bills",),
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_tells_every_night_and_both_trainings(language) -> None:
    """Nights, lists and groups are in charts and tables; nothing is fetched and nothing is NaN."""
    page = write_backtest(result(), language).decode()
    words = {
        "en": ("Night by night", "weighted training", "all weights 1", "Gone before"),
        "zh": ("逐夜结果", "加权训练", "权重全为 1", "窗口前离网"),
    }
    for word in words[language]:
        assert word in page
    for place in range(12):
        assert str(add_months(date(2024, 1, 1), place)) in page
    assert page.count("<svg") >= 2 * 5 + 1
    assert "nan" not in page.lower().replace("nancy", "")
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_the_chinese_page_holds_no_english_sentence() -> None:
    """Every sentence is worded in both languages."""
    page = write_backtest(result(), "zh").decode()
    for word in (" the ", " of ", " and ", " with "):
        assert word not in page.split("</style>")[1]


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "No campaign touched the rows"), ("zh", "未受营销活动影响")]
)
def test_without_campaigns_it_says_so(language, sentence) -> None:
    """There is nothing to compare then, and the page tells why."""
    assert sentence in write_backtest(result(campaigns=False), language).decode()


def test_what_a_reader_must_not_overlook_comes_first() -> None:
    """Nights split by customer and nights that are not replayed are told at the top."""
    page = write_backtest(result(), "en").decode()
    top = page.split('id="nights"')[0]
    assert "2025-03-01 is not replayed" in top
    assert "not out of time" in top


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Off on 5 of 12 nights, the latest 2024-05-01: 64 churners",
                "On 7 of 7 nights",
                "7 of 12 nights pooled",
                "7 of 12 nights had a list",
                "5 of 12 nights had no list (2024-01-01 … 2024-05-01)",
            ),
        ),
        (
            "zh",
            (
                "12 夜中有 5 夜未启用，最近为 2024-05-01：流失 64",
                "7 夜中有 7 夜",
                "12 夜中 7 夜合并",
                "12 夜中有 7 夜生成名单",
                "12 夜中有 5 夜未生成名单（2024-01-01 … 2024-05-01）",
            ),
        ),
    ],
)
def test_figures_of_some_nights_are_not_told_as_of_all(language, words) -> None:
    """A head that was off on five nights is judged by seven, and the page counts them."""
    whole = result()
    nights = tuple(
        off_on(place, figures) if place < 5 else figures
        for place, figures in enumerate(whole.nights)
    )
    page = write_backtest(whole.model_copy(update={"nights": nights}), language).decode()
    for word in words:
        assert word in page, word
    steady = write_backtest(whole, language).decode()
    assert "Off on" not in steady
    assert "未启用" not in steady


def test_few_churners_say_nothing_about_which_model_is_nearer() -> None:
    """With too few churners in every group the page claims neither a difference nor its absence."""
    whole = result()
    few = tuple(group.model_copy(update={"events": 30}) for group in whole.pooled["active"].groups)
    pooled = whole.pooled["active"].model_copy(update={"groups": few})
    page = write_backtest(whole.model_copy(update={"pooled": {"active": pooled}}), "en").decode()
    assert "No group has 400 churners: too few to tell which training is nearer." in page


def test_nights_without_a_list_say_why() -> None:
    """A night on which no model had passed has no list, and no chart invents one."""
    page = write_backtest(result(listed=False), "en").decode()
    assert "no model had passed" in page
    assert "Did the lists pay?" not in page


def test_the_result_survives_its_file() -> None:
    """What is stored as JSON is read back the same, undefined figures included."""
    whole = result()
    again = BacktestResult.model_validate_json(whole.model_dump_json())
    assert again == whole
    empty = ListFigures(refused=Text("none", "无"))
    assert ListFigures.model_validate_json(empty.model_dump_json()).expected is not None
