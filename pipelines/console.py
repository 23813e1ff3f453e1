"""What a run says while it works: lines for people or JSON for machines, always on stderr."""

from __future__ import annotations

import json
import sys
from typing import Literal, TextIO

from churn.errors import ChurnError

LogFormat = Literal["text", "json"]


class Console:
    """Progress of a run. Results go to standard output, never through here."""

    def __init__(self, log: LogFormat = "text", stream: TextIO | None = None) -> None:
        self._json = log == "json"
        self._stream = stream or sys.stderr

    def stage(self, name: str, state: str, note: str = "") -> None:
        """Tell what a stage does: running, done, skipped or failed, with counts."""
        line = f"{name:<8} {state:<8} {note}".rstrip()
        self._say({"stage": name, "state": state, "note": note}, line)

    def error(self, error: ChurnError) -> None:
        """Tell what ended the run: three lines for people, one object for machines."""
        content = {"error": error.what, "where": error.where, "do": error.do}
        self._say({**content, "exit_code": error.exit_code}, f"error: {error}")

    def _say(self, content: dict[str, object], line: str) -> None:
        shown = json.dumps(content, ensure_ascii=False) if self._json else line
        print(shown, file=self._stream, flush=True)
