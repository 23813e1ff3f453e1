"""Files of one kind: those whose names differ in days, months and numbers alone."""

from __future__ import annotations

import glob
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from churn.errors import UsageError
from churn.ingest.names import NAMED_MONTH, last_day

TokenKind = Literal["text", "day", "month", "number", "word"]
_BEFORE = r"(?<![^\W_])(?<!\d[ -])"  # no letter, and no day
_TOKENS = re.compile(
    rf"{_BEFORE}(?i:{NAMED_MONTH})(?!\d)|"
    r"\d{4}年\d{2}月(?:\d{2}日)?|\d{4}-\d{2}-\d{2}|\d{4}-\d{2}(?!\d)|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+|\d+|[^\d]+?(?=\d|$"
    rf"|{_BEFORE}(?i:{NAMED_MONTH})(?!\d))"
)
_YEARS = range(1990, 2100)
_IGNORED = {".yaml", ".yml", ".md", ".py", ".log", ".html", ".json5", ".md5", ".ok", ".ctl", ".chk",
    ".check", ".flag", ".flg", ".done", ".md5sum", ".sha256",
}  # fmt: skip


class Token(NamedTuple):
    """A piece of a file's name."""

    text: str
    kind: TokenKind


@dataclass(frozen=True)
class Batch:
    """Files of one kind, by their paths below the folder of the extracts.

    Attributes
    ----------
    tokens
        The pieces of each file's name, shape (files, pieces); all but those that vary are equal.
    """

    folder: Path
    paths: tuple[Path, ...]
    tokens: tuple[tuple[Token, ...], ...]

    @property
    def label(self) -> str:
        """What the files are called, for people: what does not vary of their names."""
        return "".join(
            "…" if at in self.varying else token.text for at, token in enumerate(self.tokens[0])
        )

    @property
    def varying(self) -> frozenset[int]:
        """Positions of the pieces in which the names differ."""
        return frozenset(
            at for at, pieces in enumerate(zip(*self.tokens, strict=True)) if len(set(pieces)) > 1
        )

    @property
    def dated(self) -> tuple[int, ...]:
        """Positions of the pieces that are days or months."""
        return tuple(at for at, t in enumerate(self.tokens[0]) if t.kind in {"day", "month"})

    def pattern(self, open_: Collection[int] = ()) -> str:
        """Return the pattern that finds these files, and others at the positions ``open_``."""
        varying = self.varying | {*open_}
        any_ = self._pattern(varying, "*")
        others = set(self.folder.glob(any_)) - {*self.paths}
        # lines_*.csv finds lines_closed_2024.csv as well: what varies begins with a digit.
        if not others:
            return any_
        digits = self._pattern(varying, "[0-9]*")
        found_ = set(self.folder.glob(digits))
        return digits if {*self.paths} <= found_ and found_ - {*self.paths} < others else any_

    def _pattern(self, varying: frozenset[int], number: str) -> str:
        return "".join(
            (number if token.text[:1].isdigit() else "*")
            if at in varying
            else glob.escape(token.text)
            for at, token in enumerate(self.tokens[0])
        )

    def name(self, placeholders: dict[int, str]) -> str:
        """Return the pattern of the names that tells periods and days.

        Parameters
        ----------
        placeholders
            Position of a piece: the placeholder in its place. The other pieces that vary are told
            apart as parts of a delivery, or left open.
        """
        open_ = [at for at in sorted(self.varying) if at not in placeholders]
        cut = self._cut(min(placeholders))
        if open_ and max(open_) < cut:  # a folder alone tells the parts apart: it belongs to it
            cut = self._cut(min(open_))
        part = next((at for at in open_ if at > cut), -1)
        pieces = [
            f"{{{placeholders[at]}}}"
            if at in placeholders
            else "{part}"
            if at == part
            else "*"
            if at in open_
            else token.text
            for at, token in enumerate(self.tokens[0])
        ]
        if cut < 0:
            return "".join(pieces)
        tail = self.tokens[0][cut].text.rpartition("/")[2]
        return "".join([tail, *pieces[cut + 1 :]])

    def _cut(self, before: int) -> int:
        """Return the piece with the last folder's end before a position; -1 where there is none."""
        return max((at for at in range(before) if "/" in self.tokens[0][at].text), default=-1)


def found(paths: Iterable[Path]) -> list[Path]:
    """Return the files that are named, those of folders among them, each once and in order.

    Raises
    ------
    UsageError
        If a path is not there, or no file is found.
    """
    files: set[Path] = set()
    for path in paths:
        if path.is_dir():
            files |= {inner for inner in path.rglob("*") if _is_extract(inner, path)}
        elif path.is_file():
            files.add(path)
        else:
            raise UsageError(
                "there is no such file or folder",
                where=str(path),
                do="name the operator's files, or the folder that holds them",
            )
    if not files:
        raise UsageError(
            "no file is found",
            where=", ".join(map(str, paths)),
            do="name the operator's files, or the folder that holds them",
        )
    return sorted(file.resolve() for file in files)


def _is_extract(path: Path, below: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(below).parts)
    return path.is_file() and not hidden and path.suffix.lower() not in _IGNORED


def batches(files: Sequence[Path], folder: Path) -> list[Batch]:
    """Group files by what their names have in common, in the order of the names."""
    groups: dict[tuple[Token, ...], list[tuple[Path, tuple[Token, ...]]]] = {}
    for path in files:
        tokens = tokens_of(path.relative_to(folder).as_posix())
        alike = tuple(t if t.kind == "text" else Token("", t.kind) for t in tokens)
        groups.setdefault(alike, []).append((path, tokens))
    return [
        Batch(folder, tuple(path for path, _ in group), tuple(tokens for _, tokens in group))
        for group in (sorted(each, key=_age) for each in groups.values())
    ]


def _age(file: tuple[Path, tuple[Token, ...]]) -> tuple[list[date], Path]:
    """Return what puts files in the order of their days: names that begin with days are in none."""
    path, tokens = file
    ends = [last_day(token.text) for token in tokens if token.kind in {"day", "month"}]
    return [end for end in ends if end is not None], path


def joined(batches_: Sequence[Batch]) -> Batch | None:
    """Join batches whose names differ in one word, such as a region; None where they do not.

    The word may stand in several places of a name, as that of a folder does in those of its files.
    """
    words = [[_words(tokens) for tokens in batch.tokens] for batch in batches_]
    every = [tokens for batch in words for tokens in batch]
    if len({len(tokens) for tokens in every}) > 1:
        return None
    kinds = {tuple(token.kind for token in tokens) for tokens in every}
    columns = [tuple(piece.text for piece in pieces) for pieces in zip(*every, strict=True)]
    differing = {
        at
        for at, texts in enumerate(columns)
        if len(set(texts)) > 1 and every[0][at].kind in {"text", "word"}
    }
    together = {len(set(zip(*(columns[at] for at in differing), strict=True)))} | {
        len(set(columns[at])) for at in differing
    }
    if len(kinds) > 1 or not differing or len(together) > 1:
        return None
    tokens = tuple(
        tuple(
            Token(token.text, "word") if place in differing else token
            for place, token in enumerate(each)
        )
        for each in every
    )
    paths = tuple(path for batch in batches_ for path in batch.paths)
    return Batch(batches_[0].folder, paths, tokens)


def _words(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Part the literal pieces of a name at underscores, dashes and dots."""
    return tuple(
        Token(piece, token.kind)
        for token in tokens
        for piece in (
            re.findall(r"[_\-./ ]+|[^_\-./ ]+", token.text)
            if token.kind == "text"
            else [token.text]
        )
    )


def tokens_of(name: str) -> tuple[Token, ...]:
    """Return the pieces of a name."""
    tokens: list[Token] = []
    for piece in _TOKENS.findall(name):
        for token in _piece(piece):
            if token.kind == "text" and tokens and tokens[-1].kind == "text":
                tokens[-1] = Token(tokens[-1].text + token.text, "text")
            else:
                tokens.append(token)
    return tuple(tokens)


def _piece(piece: str) -> Iterable[Token]:
    end = last_day(piece)
    if end is not None and end.year in _YEARS:
        digits = sum(sign.isdigit() for sign in piece)
        return [Token(piece, "day" if digits == 8 else "month")]  # noqa: PLR2004 - YYYYMMDD
    if not piece[0].isdigit() or any(sign.isalpha() for sign in piece):
        hashed = bool(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]+", piece))
        return [Token(piece, "number" if hashed else "text")]
    if len(piece) in {12, 14} and _day(piece[:8]):
        return [Token(piece[:8], "day"), Token(piece[8:], "number")]
    return [Token(piece, "number")]


def _day(text: str) -> date | None:
    end = last_day(text)
    return end if end is not None and end.year in _YEARS else None
