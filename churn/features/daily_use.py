"""Use by day: what features of use add up, from call detail records or from sums kept of them."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from churn.features.arithmetic import flag
from churn.features.family import ID
from churn.tables import DailySums

NIGHT_FROM, NIGHT_TO = 22, 6


def _of_each(records: ir.Table) -> ir.Table:
    voice = _.kind == "voice"
    out = voice & (_.direction == "out")
    hour = _.started_at.hour()
    return records.select(
        ID,
        "megabytes",
        "charge",
        day=_.started_at.date(),
        uses=1,
        voice=flag(voice),
        voice_seconds=ibis.cases((voice, _.seconds)),
        out=flag(out),
        out_seconds=ibis.cases((out, _.seconds)),
        incoming=flag(voice & (_.direction == "in")),
        sms=flag(_.kind == "sms"),
        night=flag((hour >= NIGHT_FROM) | (hour < NIGHT_TO)),
        competitor=flag(out & (_.network == "competitor")),
        international=flag(out & (_.network == "international")),
    )


COUNTS = ("uses", "voice", "out", "incoming", "sms", "night", "competitor", "international")
DAILY_USE = DailySums(
    table="calls",
    values={
        **dict.fromkeys((*COUNTS, "voice_seconds", "out_seconds"), "int64"),
        "megabytes": "decimal(18, 3)",
        "charge": "decimal(18, 4)",
    },
    of_each=_of_each,
)
"""Records, and how many are calls, outgoing, incoming, messages, at night, to competitors and
abroad; seconds of calls, of outgoing ones; volume and charge."""
