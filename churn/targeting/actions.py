"""What can be done for a subscriber: one action, what it answers, what it costs, what it does.

The shipped effects are assumptions, not measurements: the summary of every list says so until
contacts with a control arm have measured them.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from churn.causes import CAUSES, HeadName
from churn.frozen import Frozen
from churn.language import Text
from churn.targeting import conditions

Channel = Literal["call", "sms", "email", "visit", "app", "letter"]
Need = Literal["key_account", "recent_fault", "arrears"]


class Action(Frozen):
    """One way to keep a subscriber (an entry of ``targeting.actions``)."""

    name: str = Field(min_length=1, description="the action's code in lists and feedback")
    label: Text = Field(description="what people call it, in English and Chinese")
    answers: Literal[HeadName, "any"] = Field(
        description="what it meets: a cause of churn, any of them, or a move to a cheaper plan"
    )
    channel: Channel = Field(description="how the customer is reached; opt-outs are per channel")
    contact_cost: float = Field(ge=0, description="f: cost of one contact, in currency")
    offer_cost: float = Field(
        0.0, ge=0, description="d: cost of the offer to whoever takes it, in currency"
    )
    take_rate: float = Field(0.0, ge=0, le=1, description="psi: share of stayers who take it")
    effect: float = Field(
        gt=0,
        le=1,
        description="gamma: relative fall of the chance to leave; an assumption until measured",
    )
    needs: tuple[Need, ...] = Field((), description="what must hold for it to make sense")
    when: str | None = Field(
        None,
        description="who may have it: a condition over any column known that night, such as "
        "\"region = 'north' and tenure_days > 365\"",
    )
    script: Text | None = Field(
        None, description="what to say, in English and Chinese; none: its label"
    )
    avoid: Text | None = Field(None, description="what not to offer or say, in English and Chinese")
    withheld_by_control: bool = Field(
        default=True, description="false for notices, repairs, key-account visits: always done"
    )

    @property
    def heads(self) -> tuple[HeadName, ...]:
        """What it meets."""
        return CAUSES if self.answers == "any" else (self.answers,)

    @property
    def meets_churn(self) -> bool:
        """Whether who meets what it answers has left."""
        return set(self.heads) <= set(CAUSES)

    @field_validator("when")
    @classmethod
    def _is_a_condition(cls, when: str | None) -> str | None:
        """Refuse what is no condition."""
        if when is not None:
            conditions.checked(when)
        return when

    @model_validator(mode="after")
    def _notices_repairs_and_key_visits_reach_everyone(self) -> Self:
        """Refuse to withhold a repair or a key-account visit for the sake of a control arm."""
        if self.withheld_by_control and {"key_account", "recent_fault"} & set(self.needs):
            raise ValueError(
                f"action {self.name} is a repair or a key-account visit: these are never withheld, "
                "set withheld_by_control to false"
            )
        return self


CATALOGUE: tuple[Action, ...] = (
    Action(
        name="offer",
        label=Text("Retention offer", "挽留优惠"),
        answers="active",
        channel="call",
        contact_cost=3.0,
        offer_cost=20.0,
        take_rate=0.3,
        effect=0.3,
        script=Text(
            "Thank them, ask what is amiss, then tell the retention terms as published.",
            "先致谢并询问不满之处，再按公示条件介绍挽留优惠。",
        ),
        avoid=Text(
            "Nothing beyond the published terms; no word of scores or of other people.",
            "不得超出公示条件承诺；不得提及评分或他人情况。",
        ),
    ),
    Action(
        name="loyalty_reward",
        label=Text("Loyalty reward", "忠诚回馈"),
        answers="active",
        channel="sms",
        contact_cost=0.2,
        offer_cost=8.0,
        take_rate=0.3,
        effect=0.12,
        script=Text(
            "Thank them for their years, and tell the reward of their tier.",
            "感谢多年支持，告知其等级对应的回馈。",
        ),
        avoid=Text("No retention offer beside it.", "不得同时提供挽留优惠。"),
    ),
    Action(
        name="repair_call",
        label=Text("Repair and call back", "修障回访"),
        answers="active",
        channel="call",
        contact_cost=5.0,
        effect=0.3,
        script=Text(
            "Apologise for the fault, tell what was repaired, ask whether all works.",
            "为故障致歉，说明修复情况，确认是否恢复正常。",
        ),
        avoid=Text("No sale before the fault is settled.", "故障未解决前不得推销。"),
        needs=("recent_fault",),
        withheld_by_control=False,
    ),
    Action(
        name="visit",
        label=Text("Key-account visit", "大客户走访"),
        answers="any",
        channel="visit",
        contact_cost=60.0,
        effect=0.35,
        script=Text(
            "Go through what changed, and agree what is mended by when.",
            "逐项了解变化，商定解决事项与时限。",
        ),
        avoid=Text("No mass-market offer.", "不得推荐大众市场优惠。"),
        needs=("key_account",),
        withheld_by_control=False,
    ),
    Action(
        name="payment_plan",
        label=Text("Payment plan", "分期缴费"),
        answers="passive",
        channel="call",
        contact_cost=3.0,
        effect=0.3,
        script=Text(
            "Tell what is owed since when, and offer to pay in parts.",
            "说明欠费金额与起始时间，介绍分期缴费。",
        ),
        avoid=Text(
            "No discount on the debt, and no word of it to anyone but the holder.",
            "不得减免欠费；不得向机主以外的人透露欠费。",
        ),
        needs=("arrears",),
    ),
    Action(
        name="reminder",
        label=Text("Payment reminder", "缴费提醒"),
        answers="passive",
        channel="sms",
        contact_cost=0.1,
        effect=0.15,
        script=Text("Remind of the bill due and of how to pay.", "提醒应缴账单与缴费方式。"),
        avoid=Text(
            "No threat, and no word of the debt to anyone but the holder.",
            "不得威胁；不得向机主以外的人透露欠费。",
        ),
        needs=("arrears",),
        withheld_by_control=False,
    ),
    Action(
        name="plan_advice",
        label=Text("Plan advice", "套餐优化建议"),
        answers="downgrade",
        channel="call",
        contact_cost=3.0,
        effect=0.25,
        script=Text(
            "Look at their use together, and tell which published plan of about the same fee fits "
            "it better.",
            "一起查看近期用量，介绍月费相近且更合适的公示套餐。",
        ),
        avoid=Text(
            "No advice against a plan they ask for, and no discount.",
            "客户要求更换套餐时不得阻拦；不得提供折扣。",
        ),
    ),
)
