"""``personal/corrections.json``: records that were set aside and then corrected by hand.

A correction belongs to a record of a file's content, whatever the file is called. It is an input of
ingest as the file is: where the delivery has to be made again, its records are read as corrected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from churn.errors import StorageError
from churn.store.atomic import json_bytes, write_bytes

FILE = "corrections.json"
VERSION = 1


@dataclass(frozen=True)
class Corrections:
    """Corrected records as text: SHA-256 of the file as delivered, number of the record, text."""

    files: Mapping[str, Mapping[int, str]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def read(cls, personal: Path) -> Corrections:
        """Return the corrections kept in the personal folder.

        Raises
        ------
        StorageError
            If they cannot be read: without them tables would be other ones.
        """
        path = personal / FILE
        if not path.exists():
            return NOTHING_CORRECTED
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["version"] != VERSION:
                raise ValueError  # noqa: TRY301 - told as any other that is not read
            return cls(
                {
                    sha256: {int(number): str(text) for number, text in records.items()}
                    for sha256, records in content["files"].items()
                }
            )
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise StorageError(
                "the corrections of records cannot be read",
                where=f"personal/{FILE}",
                do="put the file back from a copy; removed, the records are set aside again",
            ) from error

    def of(self, sha256: str) -> Mapping[int, str]:
        """Return the corrected records of a file by their number."""
        return self.files.get(sha256, {})

    def with_records(self, sha256: str, records: Mapping[int, str]) -> Corrections:
        """Return these with more records of a file; a later correction replaces an earlier one."""
        return Corrections({**self.files, sha256: {**self.of(sha256), **records}})

    def write(self, personal: Path) -> None:
        """Keep them, closed to other users."""
        files = {
            sha256: {str(number): text for number, text in sorted(records.items())}
            for sha256, records in self.files.items()
        }
        content = json_bytes({"version": VERSION, "files": files})
        write_bytes(personal / FILE, content, mode=0o600)


NOTHING_CORRECTED = Corrections()
