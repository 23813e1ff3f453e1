"""``docs/settings.md``: every key of the settings file, rendered from the settings classes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pipelines.settings.model import Settings

HEAD = """# Settings

Every key of the settings file, rendered from the classes that read it. A key that is not here is
refused, with the one that was probably meant. Lists of sections are marked `[]`, names of your own
`*`. How extracts are mapped is told in [extracts.md](extracts.md).
"""


def document() -> str:
    """Render the page."""
    parts = [HEAD, _table(Settings, "")]
    for name, section in _sections(Settings, ""):
        text = (section.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip()
        parts.append(f"## `{name}`\n\n{text}\n\n{_table(section, name)}")
    return "\n".join(parts)


def _sections(model: type[BaseModel], place: str) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation, "")
        if inner is None:
            continue
        section, mark = inner
        here = f"{place}.{field.alias or name}".lstrip(".") + mark
        yield here, section
        yield from _sections(section, here)


def _model_in(annotation: Any, mark: str) -> tuple[type[BaseModel], str] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation, mark) if annotation.model_fields.keys() - {"root"} else None
    origin = getattr(annotation, "__origin__", None)
    deeper = {dict: ".*", tuple: "[]", list: "[]"}.get(origin, "") if origin else ""
    for argument in get_args(annotation):
        inner = _model_in(argument, mark + deeper)
        if inner is not None:
            return inner
    return None


def _table(model: type[BaseModel], place: str) -> str:
    rows = ["| key | default | meaning |", "|---|---|---|"]
    prefix = f"{place}." if place else ""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        rows.append(f"| `{key}` | {_default(field)} | {field.description or 'a section'} |")
    return "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value):
        return f"{len(value)} shipped"
    if isinstance(value, dict) and len(value) > 3:  # noqa: PLR2004 - what fits a cell
        return f"{len(value)} shipped"
    if value is None:
        return "–"
    return f"`{_yaml(value)}`".replace("|", "\\|")


def _yaml(value: Any) -> str:
    """Write a default as the settings file would."""
    if isinstance(value, str | Path):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


if __name__ == "__main__":
    sys.stdout.write(document())
