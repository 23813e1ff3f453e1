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
        named = f"name the file in it, or write one with `churn init {path}`"
        remedy = f"did you mean {inside}?" if inside.is_file() else named
        raise _refused("the settings file is a folder", path, remedy) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        remedy = "name one with --settings or CHURN_SETTINGS, or write one with `churn init .`"
        raise _refused("there is no settings file", path, remedy) from error
    except PermissionError as error:
        remedy = "give this user the right to read it"
        raise _refused("the settings file may not be read", path, remedy) from error
    except UnicodeDecodeError as error:
        what = f"the settings file is not UTF-8 (byte {error.start})"
        raise _refused(what, path, "save it as UTF-8") from error
    try:
        content = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader underneath
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else path
        remedy = "mend the line; a tab, a missing colon or an open quote are the usual causes"
        what = f"the settings file is not sound YAML: {error.problem}"
        raise _refused(what, place, remedy) from error
    except yaml.reader.ReaderError as error:
        where = f"at position {error.position}"
        what = f"the settings file holds a character that YAML forbids ({where})"
        raise _refused(what, path, "remove it") from error
    if not isinstance(content, dict):
        remedy = "write one with `churn init DIR` and begin from it"
        raise _refused("the settings file is empty or no mapping", path, remedy)
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise _explained(error, path) from error


def _explained(error: ValidationError, path: Path) -> SettingsError:
    lines = mistakes(error.errors(), Settings)
    several = [f"{len(lines)} mistakes in the settings", *(f"  {line}" for line in lines)]
    what = lines[0] if len(lines) == 1 else "\n".join(several)
    return _refused(what, path, "correct the settings file; docs/settings.md lists every key")


def _refused(what: str, where: Path | str, do: str) -> SettingsError:
    return SettingsError(what, where=str(where), do=do)
