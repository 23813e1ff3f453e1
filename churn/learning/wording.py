"""Features in words: what each is called, and how a value of it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from pydantic import Field

from churn.frozen import Frozen
from churn.language import Language, Text

UNKNOWN = Text("unknown", "未知")
YES = Text("yes", "是")
NO = Text("no", "否")
OTHER = Text("other", "其他")

MINUS = "−"
_CHANGE_DECIMALS = 1

#: Units written behind the number; counts need none, amounts of money the currency's.
UNITS = {
    "days": Text("days", "天"),
    "days ago": Text("days ago", "天前"),
    "months": Text("months", "个月"),
    "years": Text("years", "年"),
    "hours": Text("hours", "小时"),
    "minutes": Text("minutes", "分钟"),
    "seconds": Text("seconds", "秒"),
    "MB": Text("MB", "MB"),
    "points": Text("points", "分"),
}
#: Currencies that are called otherwise than by their code.
_CURRENCIES = {"CNY": Text("CNY", "元"), "RMB": Text("RMB", "元")}
#: Ends of Chinese names of counts: what of each stays before the number, and what follows it.
_COUNTED = {
    "次数": ("", "次"),
    "天数": ("", "天"),
    "周数": ("", "周"),
    "月数": ("", "个月"),
    "账单数": ("账单", "期"),
    "用户数": ("用户", "户"),
    "联系人数": ("联系人", "人"),
    "投诉数": ("投诉", "件"),
    "故障数": ("故障", "件"),
    "工单数": ("工单", "件"),
    "短信数": ("短信", "条"),
}
#: Ends of Chinese names after which the amount follows at once.
_READ_ON = ("增加", "减少", "上涨", "上升", "剩余", "已逾期", "已持续")
#: What an amount of money need not be called in Chinese: its currency says it.
_MONEY = "金额"
#: What a change is measured against stands behind it in Chinese names; of multiples, behind this.
_AGAINST, _IS_OF = "较", "为"
_MULTIPLE = 2
"""From here on a change is told as how many times it is: nobody pictures 742 % more."""


class FeatureSpec(Frozen):
    """What the model needs to say about a feature.

    Attributes
    ----------
    family
        What it is computed from.
    topic
        What a contact made for its sake would be about: features of one topic give one reason
        together. Empty where it merely ranks; then those of its family do.
    unit
        ``share``, ``ratio`` (told as a change), ``currency``, ``days``, ``days ago``, ``count``,
        ``flag`` …; empty for plain numbers.
    en, zh
        The words an analyst reads.
    null_means
        What no value means, in words that stand alone; None where nobody has said.
    below_zero
        What is said instead of a number below 0; ``{value}`` is the number without its sign.
    words
        What the codes of a text are called; others are called what they are.
    of_others
        Whether it says what other people did: then it is told of nobody.
    """

    name: str
    family: str
    topic: str = ""
    unit: str = ""
    en: str
    zh: str
    null_means: Text | None = None
    below_zero: Text | None = None
    words: dict[str, Text] = Field(default_factory=dict)
    of_others: bool = False

    @property
    def text(self) -> Text:
        """The wording in both languages."""
        return Text(self.en, self.zh)

    @property
    def known(self) -> Text:
        """What is said of a value that must be there, whatever it is."""
        means = self.null_means
        if means is None:
            return Text(f"{self.en} known", f"{self.zh}已知")
        return Text(f"not “{means.en}”", f"非“{means.zh}”")

    @property
    def missing(self) -> Text:
        """What is said of a value that is not there."""
        return self.null_means or Text(f"{self.en} {UNKNOWN.en}", f"{self.zh}{UNKNOWN.zh}")

    def word(self, level: str) -> Text:
        """Return what a level of a text is called."""
        return self.words.get(level) or Text(level, level)

    @classmethod
    def of(cls, source: object) -> FeatureSpec:
        """Read a spec from any object, or mapping, that has these fields.

        Examples
        --------
        >>> fields = {"name": "tenure", "family": "contract", "en": "tenure", "zh": "在网时长"}
        >>> FeatureSpec.of(fields).text.of("zh")
        '在网时长'
        """
        if isinstance(source, cls):
            return source
        fields = {
            name: source.get(name) if isinstance(source, dict) else getattr(source, name, None)
            for name in cls.model_fields
        }
        if getattr(source, "never_null", False):
            del fields["null_means"]
        return cls(**{name: value for name, value in fields.items() if value is not None})


def specs_by_name(
    features: Iterable[object], never_used: Iterable[str] = ()
) -> Mapping[str, FeatureSpec]:
    """Index feature specs by name, in order, without those that no model may read."""
    specs = [FeatureSpec.of(feature) for feature in features]
    left_out = set(never_used)
    return {spec.name: spec for spec in specs if spec.name not in left_out}


def number(value: float, unit: str, language: Language, *, exact: bool = False) -> str:
    """Write a number with its unit.

    Parameters
    ----------
    exact
        Keep every digit, as thresholds need; otherwise round to what a reader takes in.

    Examples
    --------
    >>> number(0.4167, "share", "en"), number(12.5, "currency", "zh"), number(1, "days", "en")
    ('42 %', '12.50', '1 day')
    >>> number(0.88, "ratio", "en"), number(37, "days ago", "zh")
    ('−12 %', '37天前')
    """
    return numbers(value, unit, exact=exact).of(language)


def numbers(value: float, unit: str, *, exact: bool = False) -> Text:
    """Write a number with its unit in both languages: see :func:`number`."""
    if unit == "currency" and not exact:
        written = f"{value:,.2f}".replace("-", MINUS)
        return Text(written, written)
    amount = Decimal(repr(value))
    if unit == "share":
        written = _digits(amount * 100, exact=exact, figures=2)
        return Text(f"{written} %", f"{written}%")
    if unit == "ratio":
        change = amount * 100 - 100
        change = change if exact else round(change, _CHANGE_DECIMALS)
        written = ("+" if change > 0 else "") + _digits(change, exact=exact, figures=2)
        return Text(f"{written} %", f"{written}%")
    written = _digits(amount, exact=exact, figures=3)
    if unit not in UNITS:
        return Text(written, written)
    word = UNITS[unit]
    counted = word.en
    if written == "1":
        first, _, rest = counted.partition(" ")
        counted = f"{first.removesuffix('s')} {rest}".rstrip()
    return Text(f"{written} {counted}", f"{written}{word.zh}")


def currency_word(code: str) -> Text:
    """Return what stands behind an amount of a currency.

    Examples
    --------
    >>> currency_word("CNY").zh, currency_word("EUR").zh
    ('元', 'EUR')
    """
    return _CURRENCIES.get(code) or Text(code, code)


def priced(written: str, code: str) -> Text:
    """Put a currency behind a written amount; nothing where there is no code.

    Examples
    --------
    >>> priced("12.50", "CNY"), priced("12.50", "EUR").zh
    (Text(en='12.50 CNY', zh='12.50元'), '12.50 EUR')
    """
    word = currency_word(code)
    gap = " " if word.zh == code else ""
    return Text(f"{written} {word.en}".rstrip(), f"{written}{gap}{word.zh}".rstrip())


def stated(spec: FeatureSpec, value: float, often: float | None = None, currency: str = "") -> Text:
    """Return a feature with its number, as it would be said aloud.

    Parameters
    ----------
    often
        The usual number, told beside it where it reads otherwise.
    currency
        That of amounts; empty where nobody has said.

    Examples
    --------
    >>> faults = FeatureSpec(name="f", family="f", unit="count", en="faults", zh="近90天故障次数")
    >>> stated(faults, 3, 1)
    Text(en='faults: 3 (usually 1)', zh='近90天故障3次（通常1次）')
    >>> bill = FeatureSpec(name="b", family="b", unit="ratio", en="bill to mean", zh="账单较均值")
    >>> stated(bill, 0.61)
    Text(en='bill to mean: 39 % less', zh='账单较均值少39%')
    """
    if spec.unit == "ratio":
        return _compared(spec, value)
    if value < 0 and spec.below_zero is not None:
        words, below = _amount(-value, spec.unit, currency), spec.below_zero
        return Text(below.en.format(value=words.en), below.zh.format(value=words.zh))
    words = _amount(value, spec.unit, currency)
    usual = words if often is None else _usual_amount(often, spec.unit, currency)
    name, measure = _read_on(spec.zh, spec.unit)
    en, zh = f"{spec.en}: {words.en}", f"{name}{words.zh}{measure}"
    if usual == words:
        return Text(en, zh)
    return Text(f"{en} (usually {usual.en})", f"{zh}（通常{usual.zh}{measure}）")


def _amount(value: float, unit: str, currency: str) -> Text:
    written = numbers(value, unit)
    return priced(written.en, currency) if unit == "currency" else written


_usual_amount = lru_cache(maxsize=1024)(_amount)  # the same beside every value of a feature


@lru_cache(maxsize=1024)
def _read_on(zh: str, unit: str) -> tuple[str, str]:
    """Return what stands in Chinese before a feature's number, and behind it."""
    if unit == "count":
        for end, (kept, measure) in _COUNTED.items():
            if zh.endswith(end):
                return zh.removesuffix(end) + kept, measure
    if unit == "currency" and zh.endswith(_MONEY):
        return zh.removesuffix(_MONEY), ""
    return zh if zh.endswith(_READ_ON) else f"{zh}：", ""


def _compared(spec: FeatureSpec, value: float) -> Text:
    """Return a change as more or less than what it is measured against, or as a multiple of it."""
    if value == 0:
        return Text(f"{spec.en}: down to nothing", f"{spec.zh}降为零")
    if value >= _MULTIPLE and _AGAINST in spec.zh:
        times = _digits(Decimal(repr(value)), exact=False, figures=2)
        of = _IS_OF.join(spec.zh.rsplit(_AGAINST, 1))
        return Text(f"{spec.en}: {times} times as much", f"{of}的{times}倍")
    change = numbers(value, "ratio")
    size = Text.by(lambda to: change.of(to).lstrip(f"+{MINUS}"))
    if change.en.startswith("+"):
        return Text(f"{spec.en}: {size.en} more", f"{spec.zh}多{size.zh}")
    if change.en.startswith(MINUS):
        return Text(f"{spec.en}: {size.en} less", f"{spec.zh}少{size.zh}")
    return Text(f"{spec.en}: the same", f"{spec.zh}持平")


def _digits(value: Decimal, *, exact: bool, figures: int) -> str:
    """Write without exponent or trailing zeros; whole numbers keep all their digits."""
    if not exact:
        decimals = max(0, figures - 1 - value.adjusted()) if value else 0
        value = round(value, decimals)
    written = f"{value:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written in {"-0", ""} else written.replace("-", MINUS)
