"""Reading a settings file: what is wrong is named by its place, with the word probably meant."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from churn.errors import SettingsError
from pipelines.settings.mistakes import mistakes
from pipelines.settings.model import Settings


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

    SettingsError if it is absent, no YAML, of another version, or breaks its own rules: each place
    is named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except IsADirectoryError as error:
        inside = path / "churn.yaml"
        raise SettingsError(
            "the settings file is a folder",
            where=str(path),
            do=f"did you mean {inside}?"
            if inside.is_file()
            else f"name the file in it, or write one with `churn init {path}`",
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
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
    lines = mistakes(error.errors(), Settings)
    several = [f"{len(lines)} mistakes in the settings", *(f"  {line}" for line in lines)]
    return SettingsError(
        lines[0] if len(lines) == 1 else "\n".join(several),
        where=str(path),
        do="correct the settings file; docs/settings.md lists every key",
    )
