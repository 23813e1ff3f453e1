"""Names and phones as they may be shown: enough to recognise, too little to misuse."""

from __future__ import annotations

STARS = "*" * 4
_LONG, _MEDIUM = 11, 7


def mask_name(name: str | None) -> str | None:
    """Keep the first character of a Chinese name, of any other the first of each word.

    The number of stars says nothing of the name's length.

    Examples
    --------
    >>> mask_name("张小明"), mask_name("Ada Lovelace"), mask_name(" "), mask_name(None)
    ('张**', 'A** L**', None, None)
    """
    words = (name or "").split()
    return " ".join(f"{word[0]}**" for word in words) or None


def mask_phone(phone: str | None) -> str | None:
    """Keep the first three and last four digits of a mobile number, less of a shorter one.

    Separators are dropped; a number of fewer than seven digits is hidden whole.

    Examples
    --------
    >>> mask_phone("13812341234"), mask_phone("010-8555 0001"), mask_phone("8555001")
    ('138****1234', '010****0001', '8****01')
    >>> mask_phone("10086"), mask_phone(None)
    ('****', None)
    """
    text = (phone or "").strip()
    digits = "".join(character for character in text if character.isdigit())
    if not text:
        return None
    if len(digits) >= _LONG:
        return digits[:3] + STARS + digits[-4:]
    if len(digits) >= _MEDIUM:
        return digits[0] + STARS + digits[-2:]
    return STARS
