"""Reading a settings file: what is wrong is named by its place, with the word probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ValidationError

from churn.errors import SettingsError
from pipelines.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from pydantic_core import ErrorDetails

SHOWN = 5


class _UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key given twice, which YAML would let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the signature is PyYAML's
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key is a list or a mapping", problem_mark=key_node.start_mark
                )
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def load_settings(path: Path) -> Settings:
    """Read and validate a settings file.

    Raises
    ------
    SettingsError
        If it is absent, no YAML, of another version, or breaks its own rules: each place is named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise SettingsError(
            "there is no settings file",
            where=str(path),
            do="name one with --settings or CHURN_SETTINGS, or write one with `churn init .`",
        ) from error
    except PermissionError as error:
        raise SettingsError(
            "the settings file may not be read",
            where=str(path),
            do="give this user the right to read it",
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"the settings file is not UTF-8 (byte {error.start})",
            where=str(path),
            do="save it as UTF-8",
        ) from error
    try:
        content = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader underneath
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SettingsError(
            f"the settings file is not sound YAML: {error.problem}",
            where=f"{path}{place}",
            do="mend the line; a tab, a missing colon or an open quote are the usual causes",
        ) from error
    except yaml.reader.ReaderError as error:
        raise SettingsError(
            f"the settings file holds a character that YAML forbids (at position {error.position})",
            where=str(path),
            do="remove it",
        ) from error
    if not isinstance(content, dict):
        raise SettingsError(
            "the settings file is empty or no mapping",
            where=str(path),
            do="write one with `churn init DIR` and begin from it",
        )
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise _explained(error, path) from error


def _explained(error: ValidationError, path: Path) -> SettingsError:
    details = error.errors()
    lines = [_line(detail) for detail in details[:SHOWN]]
    more = f" (and {len(details) - SHOWN} more)" if len(details) > SHOWN else ""
    places = ", ".join(".".join(map(str, d["loc"])) or "the whole file" for d in details[:SHOWN])
    return SettingsError(
        "; ".join(lines) + more,
        where=f"{path}: {places}",
        do="correct the settings file; docs/settings.md lists every key",
    )


def _line(detail: ErrorDetails) -> str:
    place = [str(part) for part in detail["loc"]]
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], _keys_beside(place), n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        return f"unknown key {place[-1]!r}{meant}"
    if detail["type"] == "missing":
        return f"{'.'.join(place)} is missing"
    message = detail["msg"].removeprefix("Value error, ")
    return f"{'.'.join(place)}: {message}"


def _keys_beside(place: list[str]) -> list[str]:
    """Return the keys that are allowed where an unknown one stood."""
    model: Any = Settings
    for part in place[:-1]:
        model = _inside(model, part)
        if model is None:
            return []
    return (
        list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
    )


def _inside(model: Any, part: str) -> Any:
    """Step from a model, or a container of models, to what ``part`` names inside it."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(part)
        annotation: Any = field.annotation if field else None
    else:
        annotation = model
    return _model_in(annotation)


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
