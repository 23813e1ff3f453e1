"""The states a service can be in, and what each means for churn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from churn.causes import Ending
from churn.language import Text

StateName = Literal[
    "in_service",
    "soft_suspended",
    "on_hold",
    "preregistered",
    "suspended",
    "contract_lapsed",
    "removed",
    "left",
    "ported_out",
    "moved",
    "migrated",
    "transferred",
    "fraud",
    "real_name_closed",
    "deceased",
    "locked",
]


@dataclass(frozen=True)
class State:
    """One state of a service.

    Parameters
    ----------
    cause
        Why the service ended, where the state alone tells. None for the states in service, and
        for those whose history tells: *locked* inherits the cause of the removal before it,
        *preregistered* is passive once the service had been used.
    in_service
        Whether the subscriber counts as served: blocked outgoing calls and holds do.
    codes
        The operator's codes that are read as this state unless the settings say otherwise.
    """

    name: StateName
    text: Text
    codes: tuple[str, ...]
    cause: Ending | None = None
    in_service: bool = False


# Of two events at the same moment the one further down counts as the later. So a locked number
# follows its removal, a removal in bulk does not hide the port-out it completes, and in extracts
# that know only days an end is never lost to the state it ended, nor an activation to the
# pre-registration of its day.
_ORDERED = (
    State(
        "preregistered",
        Text("stopped at pre-registration", "预登录停机"),
        ("预登录停机",),
    ),
    State("in_service", Text("in service", "在用"), ("在用", "正常"), in_service=True),
    State("soft_suspended", Text("outgoing blocked", "单停"), ("单停",), in_service=True),
    State("on_hold", Text("on hold, number kept", "停机保号"), ("停机保号",), in_service=True),
    State(
        "suspended",
        Text("suspended for arrears", "欠费停机"),
        ("欠费服务暂停", "双停"),
        "passive",
    ),
    State(
        "contract_lapsed",
        Text("closed after its contract ran out", "合同到期未续"),
        ("合同到期未续", "到期销号"),
        "passive",
    ),
    State("removed", Text("forcibly removed", "强拆销号"), ("强拆销号",), "passive"),
    State("left", Text("left the network", "退网停机"), ("退网停机",), "active"),
    State("ported_out", Text("ported out", "携号转出"), ("携号转出",), "active"),
    State("moved", Text("moved to a new number", "移机改号"), ("移机改号",), "administrative"),
    State(
        "migrated",
        Text("migrated to another product", "产品迁移"),
        ("产品迁移",),
        "administrative",
    ),
    State("transferred", Text("passed to a new owner", "过户"), ("过户",), "administrative"),
    State("fraud", Text("closed for fraud", "欺诈"), ("欺诈",), "administrative"),
    State(
        "real_name_closed",
        Text("closed by real-name rules", "实名关停"),
        ("实名关停",),
        "administrative",
    ),
    State("deceased", Text("holder died", "死亡"), ("死亡",), "administrative"),
    State("locked", Text("number locked after removal", "锁定期"), ("锁定期",)),
)

STATES: Mapping[str, State] = MappingProxyType({state.name: state for state in _ORDERED})
"""Every state by its name, in the order that decides between events of one moment."""

IN_SERVICE: tuple[str, ...] = tuple(name for name, state in STATES.items() if state.in_service)
"""The states in which the subscriber counts as served."""

DEPARTED: frozenset[str] = frozenset(
    {"removed", "left", "ported_out", "fraud", "real_name_closed", "deceased", "locked"}
)
"""The states in which the holder is gone: whoever uses the number then is somebody else."""
