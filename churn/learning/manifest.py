"""Sealing a bundle's files: a manifest with the SHA-256 of each, and the check on reading.

``manifest.json`` also carries a digest of itself, so that an edited manifest is found too. This
guards against damage and mix-ups; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from churn.errors import ModelError, VersionError

FORMAT = "churn-bundle"
VERSION = 2
MANIFEST = "manifest.json"
RESTORE = "restore the bundle from the workspace or the registry, or train again"


def sealed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with their manifest, by name in sorted order."""
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "files": {name: sha256(body) for name, body in files.items()},
    }
    signed = {**manifest, "digest": sha256(canonical_json(manifest))}
    return dict(sorted({**files, MANIFEST: canonical_json(signed)}.items()))


def verify(files: Mapping[str, bytes]) -> None:
    """Check format, version, digest and every file's hash before anything is parsed further.

    Raises
    ------
    ModelError
        If a file is missing, foreign, or not the one that was written; it is named.
    VersionError
        If the bundle was written by another version.
    """
    if MANIFEST not in files:
        raise refused(MANIFEST, "is missing")
    try:
        manifest = json.loads(files[MANIFEST])
    except ValueError:
        raise refused(MANIFEST, "is not JSON") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise refused(MANIFEST, "belongs to something else")
    if manifest.get("version") != VERSION:
        raise VersionError(
            f"the bundle has version {manifest.get('version')}, this is version {VERSION}",
            where=f"model bundle, {MANIFEST}",
            do="train again with this version, or score with the one that wrote it",
        )
    digest = manifest.pop("digest", None)
    if digest != sha256(canonical_json(manifest)) or not isinstance(manifest.get("files"), dict):
        raise refused(MANIFEST, "was changed after it was written")
    hashes = manifest["files"]
    for name in sorted(hashes):
        if name not in files:
            raise refused(name, "is missing")
        if sha256(files[name]) != hashes[name]:
            raise refused(name, "was changed after it was written")
    foreign = sorted(set(files) - set(hashes) - {MANIFEST})
    if foreign:
        raise refused(foreign[0], "does not belong to the bundle")


def refused(name: str, why: str) -> ModelError:
    """Return the error for a file that cannot be used."""
    return ModelError(f"{name} {why}", where="model bundle", do=RESTORE)


def sha256(body: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def canonical_json(value: object) -> bytes:
    """Write JSON that depends on the value alone: sorted keys, no NaN."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return written.encode() + b"\n"
