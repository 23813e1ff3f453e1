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
        if self._json:
            line = json.dumps({"stage": name, "state": state, "note": note}, ensure_ascii=False)
        else:
            line = f"{name:<8} {state:<8} {note}".rstrip()
        print(line, file=self._stream, flush=True)

    def error(self, error: ChurnError) -> None:
        """Tell what ended the run: three lines for people, one object for machines."""
        if self._json:
            content = {
                "error": error.what,
                "where": error.where,
                "do": error.do,
                "exit_code": error.exit_code,
            }
            line = json.dumps(content, ensure_ascii=False)
        else:
            line = f"error: {error}"
        print(line, file=self._stream, flush=True)
