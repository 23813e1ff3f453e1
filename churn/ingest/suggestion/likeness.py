"""How much a name is one of the words that operators use, and what a value says.

As it is written, in its plain form, shortened, within a compound, or as the initials of a Chinese
word. The words stand in :mod:`churn.ingest.suggestion.vocabulary`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from churn.ingest.suggestion.pinyin import spells
from churn.ingest.suggestion.vocabulary import NAMES

_SHORT = {
    "no": "number", "nr": "number", "num": "number", "nbr": "number", "dt": "date", "amt": "amount",
    "cd": "code", "tm": "time", "cust": "customer", "acct": "account", "acc": "account",
    "subs": "subscriber", "sub": "subscriber", "subscr": "subscriber", "svc": "service",
    "prod": "product", "stat": "status", "cnt": "count", "dur": "duration", "desc": "description",
    "mth": "month", "mon": "month", "act": "activation", "exp": "expiry", "mgr": "manager",
    "grp": "group", "chan": "channel", "cat": "category", "addr": "address", "pmt": "payment",
    "inv": "invoice", "ts": "timestamp", "dttm": "timestamp", "datetime": "timestamp",
    "identifier": "id", "key": "id", "nm": "name", "rsn": "reason",
    "chg": "change", "hist": "history", "usr": "user", "clnt": "client", "tot": "total",
    "usg": "usage", "bal": "balance", "vol": "volume", "stmt": "statement", "chrg": "charge",
    "pymt": "payment", "pym": "payment", "recvd": "received", "rcvd": "received",
    "curr": "current", "prev": "previous", "tckt": "ticket", "tkt": "ticket", "typ": "type",
    "sts": "status", "eff": "effective", "seg": "segment", "qty": "quantity", "ord": "order",
    "crt": "created", "od": "overdue", "upd": "updated", "disc": "discount", "promo": "promotion",
}  # fmt: skip
_ACCESS = re.compile(r"\bacc_?nbr\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"[(\[【（][^)\]】）]*[)\]】）]")
_LATIN = re.compile(r"[À-ɏḀ-ỿ]")
_UNDIVIDED = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "ı": "i"})
_WORD = re.compile(r"[a-z]+|\d+|[^\W\da-z_]+")
VOWELS = frozenset("aeiouy")
SHORTENED = (3, 4)  # letters of a word's beginning that stand for it
COMPOUNDED = 5  # letters of a word from which another may be made of it
ALIKE = 0.5  # likeness from which a name is a candidate at all


@lru_cache(maxsize=50_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return a name's words: small, without brackets and signs, in their plain form.

    Examples
    --------
    >>> words_of("CustID"), words_of("Paid on"), words_of("流量（MB）"), words_of("Móvil")
    (('customer', 'id'), ('paid', 'on'), ('流量',), ('movil',))
    """
    text = _ACCESS.sub("access number", text)  # of a line, where acc alone is an account
    text = _unaccented(unicodedata.normalize("NFKC", text).replace("时刻", "时间"))
    bare = _BRACKETS.sub(" ", text)
    bare = bare if bare.strip() else text
    found = _WORD.findall(_CAMEL.sub(" ", bare).lower().replace("_", " "))
    return tuple(_plain(word) for word in found)


def _unaccented(text: str) -> str:
    """Take the accents off Latin letters: headers and codes stand with and without them."""
    if text.isascii():
        return text
    return "".join(
        unicodedata.normalize("NFD", letter)[0] if _LATIN.match(letter) else letter
        for letter in text.translate(_UNDIVIDED)
    )


def _plain(word: str) -> str:
    word = _SHORT.get(word, word)
    if len(word) > 4 and word.endswith("nr"):  # noqa: PLR2004 - as in Kundennr., not in nr alone
        return word.removesuffix("nr") + "nummer"
    plural = word.isascii() and len(word) > 3 and word.endswith("s") and not word.endswith("ss")  # noqa: PLR2004 - "gas" is none
    initials = not VOWELS.intersection(word)  # DXTS is no plural
    if not plural or initials or word in {"sms", "status", "vas", "nps"}:
        return word
    return word[:-1]


def likeness(name: str, key: str) -> float:
    """Tell how much a name is that of a table or column, 0 to 1: the best of its synonyms."""
    return likeness_to(name, NAMES.get(key, key.rpartition(".")[2].replace("_", " ")))


def word_of(name: str, key: str) -> str | None:
    """Return the Chinese word of whose initials a name is made; None where it is not.

    Examples
    --------
    >>> word_of("YSJE", "bills.amount_due"), word_of("amount", "bills.amount_due")
    ('应收金额', None)
    """
    whole = "".join(words_of(name))
    words = NAMES.get(key, "").split("|")
    return next((word for word in words if not word.isascii() and spells(whole, word)), None)


@lru_cache(maxsize=200_000)
def likeness_to(name: str, synonyms: str) -> float:
    """Tell how much a name is one of several, parted by bars: 1 where it is that very one.

    Examples
    --------
    >>> likeness_to("bill_month", "month|bill month"), likeness_to("colour", "bill month")
    (1.0, 0.0)
    >>> likeness_to("YSJE", "amount due|应收金额")
    0.85
    """
    mine = words_of(name)
    return max((_alike(mine, words_of(one)) for one in synonyms.split("|")), default=0.0)


def _alike(name: tuple[str, ...], synonym: tuple[str, ...]) -> float:
    if not name or not synonym:
        return 0.0
    whole, sought = "".join(name), "".join(synonym)
    if whole == sought:
        return 1.0
    if not sought.isascii():
        return spells(whole, sought) if whole.isascii() else _within(whole, sought)
    if set(synonym) <= set(name):
        return 0.5 + 0.45 * len(sought) / len(whole)
    return 0.35 + 0.35 * len(whole) / len(sought) if set(name) <= set(synonym) else 0.0


def _within(whole: str, sought: str) -> float:
    """Tell how much of one word without blanks between its parts is another."""
    if sought in whole:
        return 0.55 + 0.4 * len(sought) / len(whole)
    return 0.5 + 0.3 * len(whole) / len(sought) if len(whole) > 1 and whole in sought else 0.0


def meaning(value: str, words: Mapping[str, str]) -> str | None:
    """Return the canonical value that an operator's word says; None where none is told.

    Examples
    --------
    >>> from churn.ingest.suggestion.vocabulary import VALUES
    >>> meaning("MOB", VALUES["subscribers.product"]), meaning("?", VALUES["calls.kind"])
    ('mobile', None)
    >>> meaning("ORIG", VALUES["calls.direction"])
    'out'
    """
    said = words_of(value)
    whole = "".join(said)
    best, length = None, 0
    for canonical, listed in words.items():
        for word in (canonical, *listed.split("|")):
            sought = words_of(word)
            text = "".join(sought)
            if whole == text:
                return canonical
            ascii_ = text.isascii()
            held = set(sought) <= set(said) if ascii_ else text in whole
            if held and len(text) > length and len(text) > (2 if ascii_ else 1):
                best, length = canonical, len(text)
    return best or _compounded(said, words) or _shortened(whole, words)


def _compounded(said: tuple[str, ...], words: Mapping[str, str]) -> str | None:
    """Return the only canonical value with whose word one begins, as Rechnungsfehler does."""
    meant = {
        canonical
        for canonical, listed in words.items()
        for word in listed.split("|")
        if len(word) >= COMPOUNDED and any(each.startswith(word) for each in said)
    }
    return meant.pop() if len(meant) == 1 else None


def _shortened(whole: str, words: Mapping[str, str]) -> str | None:
    """Return the only canonical value of which a word begins so, as `REA` does reactivated."""
    if len(whole) not in SHORTENED or not whole.isascii():
        return None
    meant = {
        canonical
        for canonical, listed in words.items()
        for word in listed.split("|")
        if word.startswith(whole)
    }
    return meant.pop() if len(meant) == 1 else None


def meanings(values: Iterable[str], words: Mapping[str, str]) -> dict[str, str | None]:
    """Return the canonical value of each word, None where none is told."""
    return {value: meaning(value, words) for value in values}
