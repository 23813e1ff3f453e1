"""Cells side by side, as lines of plain text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import zip_longest

from rich.console import Console
from rich.table import Table
from rich.text import Text

from churn.language import Language, Words, resolved

_WIDE = 10_000  # whoever reads the lines breaks them


def grid(
    rows: Sequence[Sequence[Words]],
    language: Language = "en",
    *,
    numbers: bool = False,
    notes: Sequence[str] = (),
) -> list[str]:
    """Align columns, by the width that a terminal gives Chinese characters.

    Parameters
    ----------
    numbers
        Whether cells stand at the right of their column.
    notes
        What stands behind each row, if anything does.

    Examples
    --------
    >>> grid([("night", "left"), ("1", "12")])
    ['night  left', '1      12']
    >>> grid([("主动", "1"), ("a", "22")], numbers=True)
    ['主动   1', '   a  22']
    """
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for _ in rows[0]:
        table.add_column(justify="right" if numbers else "left", no_wrap=True)
    if notes:
        table.add_column(no_wrap=True)
    for row, note in zip_longest(rows, notes):
        cells = (Text(resolved(cell, language)) for cell in row)
        table.add_row(*cells, *([Text(note)] if notes else []))
    lines = io.StringIO()
    Console(file=lines, width=_WIDE, color_system=None, force_jupyter=False).print(table)
    return [line.rstrip() for line in lines.getvalue().rstrip("\n").split("\n")]
