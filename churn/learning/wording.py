"""Features in words: what each is called, and how a value of it is written."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from churn.language import Language, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNKNOWN = Text("unknown", "未知")
YES = Text("yes", "是")
NO = Text("no", "否")
OTHER = Text("other", "其他")

#: Units written behind the number; currency and counts need none.
UNITS = {
    "days": Text("days", "天"),
    "months": Text("months", "个月"),
    "years": Text("years", "年"),
    "hours": Text("hours", "小时"),
    "minutes": Text("minutes", "分钟"),
    "seconds": Text("seconds", "秒"),
    "MB": Text("MB", "MB"),
    "points": Text("points", "分"),
}


class FeatureSpec(BaseModel):
    """What the model needs to say about a feature.

    Attributes
    ----------
    family
        Features of one family give one reason together.
    unit
        ``share``, ``currency``, ``days``, ``count``, ``flag`` …; empty for plain numbers.
    en, zh
        The words an analyst reads.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    family: str
    unit: str = ""
    en: str
    zh: str

    @property
    def text(self) -> Text:
        """The wording in both languages."""
        return Text(self.en, self.zh)

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
        return cls(**{name: value for name, value in fields.items() if value is not None})


def specs_by_name(features: Iterable[object]) -> Mapping[str, FeatureSpec]:
    """Index feature specs by name, in order."""
    specs = [FeatureSpec.of(feature) for feature in features]
    return {spec.name: spec for spec in specs}


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
    """
    if unit == "share":
        return f"{_digits(Decimal(repr(value)) * 100, exact=exact, figures=2)} %"
    if unit == "currency" and not exact:
        return f"{value:.2f}"
    written = _digits(Decimal(repr(value)), exact=exact, figures=3)
    if unit not in UNITS:
        return written
    word = UNITS[unit].of(language)
    if language == "en" and written == "1" and word.endswith("s"):
        word = word.removesuffix("s")
    return f"{written} {word}"


def _digits(value: Decimal, *, exact: bool, figures: int) -> str:
    """Write without exponent or trailing zeros; whole numbers keep all their digits."""
    if not exact:
        decimals = max(0, figures - 1 - value.adjusted()) if value else 0
        value = round(value, decimals)
    written = f"{value:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written in {"-0", ""} else written
