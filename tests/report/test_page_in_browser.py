"""The page in a browser: no console error, no request, nothing wider than a phone."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from churn.report.page.document import write_page
from churn.report.parts import HandOut

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HARNESS = """<!DOCTYPE html><title>harness</title>
<iframe src="report.html" style="width:{width}px;height:3000px;border:0"></iframe>
<script>
onload = () => {{
  const inside = document.querySelector("iframe").contentDocument.documentElement;
  const low = [...inside.querySelectorAll("h1,h2,svg,table")].filter(
    (one) => one.getBoundingClientRect().width === 0 && !one.closest("details"));
  document.body.textContent = `over=${{inside.scrollWidth - inside.clientWidth}} `
    + `empty=${{low.length}} `
    + `requests=${{inside.ownerDocument.defaultView.performance
      .getEntriesByType("resource").length}}`;
}};
</script>
"""


@pytest.fixture(scope="module")
def browser():
    """Return the path of a Chromium."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        pytest.skip("no Chromium here: the page was not opened in a browser")
    return browser


@pytest.fixture
def folder(tmp_path, page_parts):
    """Return a folder with a page full of hostile words."""
    night = HandOut(
        as_of=page_parts.night,
        language="en",
        notices=page_parts.notices,
        tonight=page_parts.hostile_tonight,
        models=page_parts.hostile_models,
        notes=(page_parts.hostile,),
    )
    content = write_page(night, page_parts.data)
    (tmp_path / "report.html").write_bytes(content)
    return tmp_path


def opened(browser: str, folder, name: str) -> tuple[str, str]:
    """Return the document after loading, and what the console said."""
    done = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            "--allow-file-access-from-files",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr",
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            (folder / name).as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, "\n".join(console)


@pytest.mark.slow
def test_the_page_opens_without_a_word_on_the_console(browser, folder):
    """No error, nothing refused by its policy, no address in the document."""
    document, console = opened(browser, folder, "report.html")
    assert console == ""
    assert "<h1>Retention report, night of 2025-03-01</h1>" in document
    assert "http:" not in document
    assert "https:" not in document
    assert "<hostile" not in document


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(browser, folder, width):
    """Wide tables scroll inside themselves; every heading, chart and table has a size."""
    (folder / "harness.html").write_text(HARNESS.format(width=width), encoding="utf-8")
    document, console = opened(browser, folder, "harness.html")
    assert console == ""
    measured = dict(
        re.findall(r"(\w+)=(-?\d+)", re.search(r"<body>(.*?)</body>", document, re.DOTALL)[1])
    )
    assert measured == {"over": "0", "empty": "0", "requests": "0"}
