"""What is wrong with settings, in words: one line per place, with the key probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

SHOWN = 10
_MUST = {  # what must stand there, by the validator's name for the mistake
    "bool": "be true or false",
    "date": "be a date such as 2025-01-31",
    "decimal": "be a number",
    "dict": "be a section of keys",
    "finite": "be a finite number",
    "float": "be a number",
    "greater_than": "be more than {gt}",
    "greater_than_equal": "be at least {ge}",
    "int": "be a whole number",
    "less_than": "be less than {lt}",
    "less_than_equal": "be at most {le}",
    "list": "be a list",
    "literal_error": "be {expected}",
    "mapping": "be a section of keys",
    "model": "be a section of keys",
    "string_too_long": "have at most {max_length} characters",
    "string_too_short": "have at least {min_length} characters",
    "string_type": "be text: put it in quotes",
    "too_short": "have at least {min_length} {item}",
    "tuple": "be a list",
}
_SILENT = ("string", "too_")  # the value may be a secret, or says nothing
_KINDS = {dict: "a section", list: "a list", tuple: "a list", NoneType: "empty"}


def mistakes(details: Sequence[ErrorDetails], model: type[BaseModel]) -> list[str]:
    """Word what a validation of ``model``, the settings as a whole, found.

    ``place: message`` per line.
    """
    places = [detail["loc"] for detail in details]
    lines = [
        f"{_worded_place(detail['loc'])}: {_message(detail, model)}"
        for detail in details
        if not (detail["type"] == "too_short" and _echoes(detail["loc"], places))
    ]
    if len(lines) > SHOWN:
        lines[SHOWN:] = [f"and {len(lines) - SHOWN} more"]
    return lines


def _echoes(place: tuple[int | str, ...], places: Sequence[tuple[int | str, ...]]) -> bool:
    """Whether a mistake further inside is the reason why something is too short here."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in places)


def _worded_place(place: tuple[int | str, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the whole file"


def _message(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        *above, key = detail["loc"]
        near = _nearest(str(key), _keys(model, above))
        return f"unknown key; did you mean {near!r}?" if near else "unknown key"
    if kind == "missing":
        return "is missing"
    must = _MUST.get(kind) or _MUST.get(kind.split("_")[0])
    if must is None:
        return detail["msg"].removeprefix("Value error, ")
    context = detail.get("ctx", {})
    item = "item" if context.get("min_length") == 1 else "items"
    given = "" if kind.startswith(_SILENT) else f", is {_shown(detail['input'])}"
    return f"must {must.format(item=item, **context)}{given}"


def _nearest(key: str, known: Sequence[str]) -> str | None:
    """Return the known key that was probably meant; letters swapped before all else."""
    swapped = [name for name in known if sorted(name) == sorted(key)]
    near = swapped or difflib.get_close_matches(key, known, n=1)
    return near[0] if near else None


def _shown(value: Any) -> str:
    kind = _KINDS.get(type(value))
    return kind or (str(value) if isinstance(value, date) else repr(value))


def _keys(model: Any, place: Sequence[int | str]) -> list[str]:
    """Return the keys that are allowed at a place."""
    kinds = [model]
    for part in place:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    return [
        field.alias or name
        for kind in kinds
        for option in _options(kind)
        if _is_model(option)
        for name, field in option.model_fields.items()
    ]


def _inside(kind: Any, part: int | str) -> Iterator[Any]:
    """Step from a type to the types that ``part`` may have inside it."""
    for option in _options(kind):
        if _is_model(option):
            for name, field in option.model_fields.items():
                if part in {name, field.alias}:
                    yield field.annotation
            continue
        origin, arguments = get_origin(option), get_args(option)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            yield arguments[1]
        elif origin in {tuple, list}:
            yield arguments[0]


def _options(kind: Any) -> Iterator[Any]:
    """Yield a type without what is written around it, a union's members one by one."""
    if get_origin(kind) is Annotated:
        yield from _options(get_args(kind)[0])
    elif get_origin(kind) in {Union, UnionType}:
        for member in get_args(kind):
            yield from _options(member)
    else:
        yield kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
