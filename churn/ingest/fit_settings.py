"""How far tables may fail to fit each other, and what is accepted by name (``ingest.fit:``)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field, field_validator

from churn.ingest.columns import MappingModel
from churn.language import Text

#: Every kind of finding, and what it says.
FITS: Mapping[str, Text] = MappingProxyType(
    {
        "FIT101": Text("subscribers without a row", "无对应记录的用户"),
        "FIT201": Text("a month without rows between others", "中间月份缺失"),
        "FIT202": Text("far fewer rows than before", "行数骤减"),
        "FIT203": Text("far more rows than before", "行数骤增"),
        "FIT301": Text("values distributed otherwise than before", "分布变化"),
        "FIT302": Text("codes not seen before", "出现新代码"),
        "FIT401": Text("rows before the subscriber was activated", "早于开通日期的记录"),
        "FIT402": Text("use after the subscriber had left", "离网后的使用记录"),
    }
)


class FitAcceptance(MappingModel):
    """One finding that somebody has looked at and answers for."""

    code: str = Field(description="the finding's code, such as FIT201")
    subject: str = Field(min_length=1, description="what it names, such as `bills 2024-03`")
    reason: str = Field(min_length=10, description="why it is right so, for who reads the report")

    @field_validator("code")
    @classmethod
    def _exists(cls, code: str) -> str:
        if code not in FITS:
            raise ValueError(f"there is no finding {code}; there are {', '.join(FITS)}")
        return code


class FitSettings(MappingModel):
    """From where on tables that do not fit each other stop a night (exit code 11)."""

    max_without: float = Field(
        0.9,
        gt=0,
        le=1,
        description="share of the subscribers who may have no row of a table",
    )
    max_change: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="share by which the rows of subscribers, bills, calls and monthly use may fall"
        " from those before; they may grow by as many times",
    )
    max_shift: float = Field(
        0.5,
        gt=0,
        le=1,
        description="share of the values of a column of these tables that may lie elsewhere than"
        " before (total variation)",
    )
    max_new_codes: float = Field(
        0.5, gt=0, le=1, description="share of their rows that may hold codes never seen before"
    )
    max_outside: float = Field(
        0.2, gt=0, le=1, description="share of a table's rows that may lie outside a life"
    )
    accept: tuple[FitAcceptance, ...] = Field(
        (), description="findings that do not stop, each by name and with a reason"
    )
