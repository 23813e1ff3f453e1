"""The words of the synthetic operator: tariffs, places, names, state codes, numbers."""

from __future__ import annotations

from typing import Final

import numpy as np

PRODUCTS: Final = ("mobile", "fixed", "broadband", "leased")
MOBILE, FIXED, BROADBAND, LEASED = range(4)

# tariff, product, monthly fee in yuan
PLANS: Final = (
    ("畅享套餐129", MOBILE, 129.0),
    ("畅享套餐79", MOBILE, 79.0),
    ("经济套餐39", MOBILE, 39.0),
    ("流量王套餐59", MOBILE, 59.0),
    ("预付畅聊卡", MOBILE, 19.0),
    ("校园卡", MOBILE, 29.0),
    ("商务套餐199", MOBILE, 199.0),
    ("宽带200M", BROADBAND, 60.0),
    ("宽带500M", BROADBAND, 90.0),
    ("宽带1000M", BROADBAND, 120.0),
    ("固定电话", FIXED, 20.0),
    ("商务固话", FIXED, 45.0),
    ("数字专线", LEASED, 680.0),
)
FEES: Final = np.array([plan[2] for plan in PLANS])
ECONOMY, DATA_KING, PREPAID, CAMPUS = 2, 3, 4, 5

REGIONS: Final = ("城东", "城西", "城南", "城北", "高新区", "开发区", "近郊", "远县")
BUNDLES: Final = ("", "融合双享", "融合全家福")

SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN: Final = "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸春夏秋冬东西南北山川云雨"
MANAGERS: Final = tuple(f"客户经理{letter}" for letter in "甲乙丙丁戊己庚辛壬癸")
KEY_CLASSES: Final = (
    "",
    "important",
    "high_value",
    "group",
    "strategic",
    "potential",
    "high_value;group",
    "group;strategic",
)
OPT_OUTS: Final = ("", "sms", "call", "call;sms", "email")

COMPLAINT_CATEGORIES: Final = ("网络质量", "资费争议", "增值业务", "服务态度")
NETWORK, CHARGES, VALUE_ADDED, SERVICE = range(4)
FAULT_CATEGORIES: Final = ("线路中断", "网速慢", "信号弱", "设备故障")
ORDER_KINDS: Final = ("install", "move", "speed_up", "cut_over", "other")
INSTALL, MOVE, SPEED_UP, CUT_OVER, OTHER = range(5)

ACTIONS: Final = (
    "offer",
    "visit",
    "repair_call",
    "payment_plan",
    "reminder",
    "loyalty_reward",
)
OFFER, VISIT, REPAIR_CALL, PAYMENT_PLAN, REMINDER, LOYALTY_REWARD = range(6)
ON_PASSIVE: Final = np.array([False, False, False, True, True, False])
ACTION_CHANNELS: Final = ("call", "visit", "call", "call", "sms", "app")
ACTION_COSTS: Final = (12.0, 80.0, 15.0, 10.0, 0.5, 20.0)

IN_SERVICE: Final = "在用"
SOFT_SUSPENDED: Final = "单停"
ON_HOLD: Final = "停机保号"
SUSPENDED: Final = ("双停", "欠费服务暂停")
PRE_REGISTERED: Final = "预登录停机"
REMOVED: Final = "强拆销号"
LOCKED: Final = "锁定期"
LEFT: Final = "退网停机"
PORTED: Final = "携号转出"
ADMINISTRATIVE: Final = ("过户", "产品迁移", "移机改号", "死亡", "欺诈", "实名关停")

NETWORKS: Final = ("own", "competitor", "fixed", "international")
OWN, COMPETITOR, OUTSIDE_FIXED, INTERNATIONAL = range(4)

_PRIME: Final = 99_999_989
_OWN_NUMBERS: Final = 10_000_000_000
_OUTSIDE_NUMBERS: Final = 11_000_000_000
OUTCOMES: Final = ("none", "active", "passive", "gone", "administrative")


def subscriber_numbers(index: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Return the operator's 11-digit ids of the lines at ``index``; one to one."""
    return _OWN_NUMBERS + product.astype(np.int64) * 100_000_000 + index.astype(np.int64)


def outside_numbers(source: np.ndarray, network: np.ndarray) -> np.ndarray:
    """Return numbers outside the operator, the same for the same source and network."""
    spread = (source.astype(np.int64) * 69_621 + 1_234_577) % _PRIME
    return _OUTSIDE_NUMBERS + network.astype(np.int64) * 200_000_000 + spread


def name_of(index: int) -> str:
    """Return the invented name of a customer."""
    given = GIVEN[(index // 32) % 32] + GIVEN[(index // 1024 + index * 7) % 32]
    return SURNAMES[index % 32] + given
