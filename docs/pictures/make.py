"""Draws the README's pictures of a night: ``python docs/pictures/make.py demo/exports/2025-01-01``.

Needs LibreOffice, Chromium and pdftoppm. `mlflow.png` is a screenshot of `make mlflow`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BROWSER = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip
SCALE = "--force-device-scale-factor=0.8"
CROP = ("-x", "25", "-y", "40", "-W", "1110", "-H", "480")  # the list's first rows and columns


def main(night: Path) -> None:
    """Draw the list, the report's first screen, and the first tree."""
    page = (night / "report.html").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        _workbook(night / "targets.xlsx", at)
        _shot(page, HERE / "report.png", (1100, 1020), at)
        _shot(_tree(page), HERE / "tree.png", (1100, 1130), at)


def _workbook(path: Path, at: Path) -> None:
    profile = f"-env:UserInstallation=file://{at}/profile"
    words = ("soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(at))
    subprocess.run((*words, str(path)), check=True, capture_output=True)
    pdf, picture = str(at / f"{path.stem}.pdf"), str(HERE / "list")
    first = ("-f", "1", "-l", "1", "-singlefile", "-r", "125")
    subprocess.run(("pdftoppm", "-png", *first, *CROP, pdf, picture), check=True)


def _shot(html: str, picture: Path, size: tuple[int, int], at: Path) -> None:
    page = at / "page.html"
    page.write_text(html, encoding="utf-8")
    width, height = size
    words = (f"--user-data-dir={at}/browser", f"--window-size={width},{height}", SCALE)
    shot = (f"--screenshot={picture}", page.as_uri())
    subprocess.run((*BROWSER, *words, *shot), check=True, capture_output=True)


def _tree(page: str) -> str:
    """Cut the first tree out of the report, with the report's own style."""
    head = page[: page.index("<body")]
    start = page.index('<ul class="tree">')
    depth, end = 0, start
    for tag in re.finditer(r"<(/?)ul\b", page[start:]):
        depth += -1 if tag.group(1) else 1
        if depth == 0:
            end = start + tag.end()
            break
    return f"{head}<body><main>{page[start:end]}></main></body></html>"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
