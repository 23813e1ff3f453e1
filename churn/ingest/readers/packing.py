"""Files as they lie on disk: plain, or packed with gzip, zstd or zip, as their first bytes tell."""

from __future__ import annotations

import errno
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, cast

import pyarrow as pa

from churn.errors import ExtractError

Packing = Literal["gzip", "zstd", "zip"]
MAGIC: dict[bytes, Packing] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # one without members
}
ENDINGS: dict[str, Packing] = {".gz": "gzip", ".zst": "zstd", ".zip": "zip"}
#: What unpacks to more than so many times its size is no table: text packs to a tenth.
BOMB = 500
HARMLESS = 64 << 20  # bytes that may come of however few
TRAILER = 8  # bytes that end a gzip file: CRC and length of what was packed
#: What the system says of a path that leads to no file that may be read.
CLOSED = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}
)
_DAMAGED = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    OSError,
    ValueError,
    struct.error,
)
_DAMAGED_ZIP = (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError)


class Unpacked:
    """The bytes that come out of a packed file, told apart from those that lie on disk."""

    def __init__(self, inner: IO[bytes], path: Path, packing: Packing) -> None:
        self._inner = inner
        self._path = path
        self._packing = packing
        self._limit = max(HARMLESS, BOMB * path.stat().st_size)
        self._taken = 0

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes, none at the end."""
        try:
            piece = self._inner.read(size if size >= 0 else self._limit + 1)
        except _DAMAGED as error:
            raise damaged(self._path, self._packing) from error
        self._taken += len(piece)
        if self._taken > self._limit:
            raise ExtractError(
                f"the {self._packing} file unpacks to more than {BOMB} times its size",
                where=self._path.name,
                do="see what it holds; deliver the table itself",
            )
        return piece


def packing_of(path: Path) -> Packing | None:
    """Tell how a file is packed: as its name ends, else as it begins."""
    if path.suffix.lower() in ENDINGS:
        return ENDINGS[path.suffix.lower()]
    with path.open("rb") as file:
        start = file.read(4)
    return next((packing for magic, packing in MAGIC.items() if start.startswith(magic)), None)


def without_packing(path: Path) -> Path:
    """Return a name without what tells how the file is packed."""
    return path.with_suffix("") if path.suffix.lower() in ENDINGS else path


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file and what it is packed with.

    Raises
    ------
    ExtractError
        If it is gone, cannot be read, is damaged or cut off, unpacks without end, or is an archive
        of several files.
    """
    try:
        packing = packing_of(path)
        if packing is None:
            with path.open("rb") as plain:
                yield plain
        elif packing == "gzip":
            with gzip.open(path, "rb") as packed:
                yield cast("IO[bytes]", Unpacked(cast("IO[bytes]", packed), path, packing))
        elif packing == "zstd":
            with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, "zstd") as packed:
                yield cast("IO[bytes]", Unpacked(packed, path, packing))
        else:
            with _archive(path) as archive:
                member = _only_member(archive, path)
                with unzipping(path):
                    content = archive.open(member)
                with content:
                    yield cast("IO[bytes]", Unpacked(content, path, packing))
    except OSError as error:
        if error.errno not in CLOSED:
            raise
        raise ExtractError(
            f"the file cannot be opened ({type(error).__name__})",
            where=path.name,
            do="see that the file is there and that this user may read it",
        ) from error


def trailer_of(path: Path) -> bytes | None:
    """Return what packed files of one content share, checksum and length; None without these."""
    packing = packing_of(path)
    if packing == "gzip":
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TRAILER))
            return file.read()
    if packing == "zip":
        with _archive(path) as archive:
            member = _only_member(archive, path)
            return struct.pack("<II", member.CRC, member.file_size % (1 << 32))
    return None


def damaged(path: Path, packing: str) -> ExtractError:
    """Return what to say of a packed file that cannot be unpacked."""
    return ExtractError(
        f"the {packing} file is damaged or cut off",
        where=path.name,
        do="deliver it again; nothing of it was taken",
    )


@contextmanager
def unzipping(path: Path) -> Iterator[None]:
    """Tell of a damaged archive, whatever part of it is; OSError of the system passes."""
    try:
        yield
    except _DAMAGED_ZIP as error:
        raise damaged(path, "zip") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # of a place before the beginning
            raise
        raise damaged(path, "zip") from error


def _archive(path: Path) -> zipfile.ZipFile:
    with unzipping(path):
        return zipfile.ZipFile(path)


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """Return the one file of an archive; its path is not looked at, for nothing is written."""
    files = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(files) != 1:
        raise ExtractError(
            f"the zip file holds {len(files)} files; one is read",
            where=path.name,
            do="deliver each file packed by itself",
        )
    (member,) = files
    encrypted = member.flag_bits & 1
    if encrypted or member.compress_type not in {
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
        zipfile.ZIP_BZIP2,
        zipfile.ZIP_LZMA,
    }:
        raise ExtractError(
            f"the zip file is {'encrypted' if encrypted else 'packed in a way that is not read'}",
            where=path.name,
            do="pack it without a password, by the usual method",
        )
    return member
