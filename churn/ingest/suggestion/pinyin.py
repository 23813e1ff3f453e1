"""Initials of Chinese words in pinyin, of which operators' systems make their headers."""

from __future__ import annotations

import re
from bisect import bisect
from functools import lru_cache

#: The first sign of each letter among the common signs of GB2312, which stand in order of pinyin.
_FIRST = {
    "a": 0xB0A1, "b": 0xB0C5, "c": 0xB2C1, "d": 0xB4EE, "e": 0xB6EA, "f": 0xB7A2, "g": 0xB8C1,
    "h": 0xB9FE, "j": 0xBBF7, "k": 0xBFA6, "l": 0xC0AC, "m": 0xC2E8, "n": 0xC4C3, "o": 0xC5B6,
    "p": 0xC5BE, "q": 0xC6DA, "r": 0xC8BB, "s": 0xC8F6, "t": 0xCBFA, "w": 0xCDDA, "x": 0xCEF4,
    "y": 0xD1B9, "z": 0xD4D1,
}  # fmt: skip
_LETTERS, _STARTS = tuple(_FIRST), tuple(_FIRST.values())
_END = 0xD7FA  # behind the last common sign
_SPELLED = re.compile(r"[a-hj-tw-z]{2,12}(?:id)?")  # no syllable begins with i, u or v
LIKELY = {2: 0.6, 3: 0.75}  # two letters may stand for many words
SURE = 0.85


@lru_cache(maxsize=10_000)
def initials(word: str) -> str:
    """Return the first letter of each sign's pinyin; nothing where a sign is not a common one.

    Examples
    --------
    >>> initials("用户编号"), initials("入网时间"), initials("用户ID"), initials("größe")
    ('yhbh', 'rwsj', 'yhid', '')
    """
    letters = []
    for sign in word.lower():
        if sign.isascii():
            letters.append(sign)
            continue
        octets = sign.encode("gb2312", "ignore")
        code = int.from_bytes(octets, "big") if len(octets) > 1 else 0
        if not _STARTS[0] <= code < _END:
            return ""
        letters.append(_LETTERS[bisect(_STARTS, code) - 1])
    return "".join(letters)


def spells(name: str, word: str) -> float:
    """Tell how surely a name in small letters is made of a Chinese word's initials, 0 to 1.

    Examples
    --------
    >>> spells("rwsj", "入网时间"), spells("zq", "账期"), spells("plan", "套餐")
    (0.85, 0.6, 0.0)
    """
    if not _SPELLED.fullmatch(name) or initials(word) != name:
        return 0.0
    return LIKELY.get(len(name), SURE)
