"""The page in a browser: no console error, no request, nothing wider than a phone."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib import resources

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


AXE = """
axe.run(document).then((found) => {
  const violations = found.violations.map((one) => `${one.id} ${one.nodes[0].target}`);
  document.title = `axe passed=${found.passes.length} violations=${violations.join("; ")}`;
});
"""
PICKED = """<!DOCTYPE html><title>harness</title>
<iframe src="report.html" style="width:1280px;height:3000px;border:0"></iframe>
<script>
onload = () => {
  const page = document.querySelector("iframe").contentDocument;
  const list = (part) => page.getElementById(`people-list-${part}`);
  const shown = () => [...page.querySelectorAll("#people-list tbody tr")]
    .filter((row) => row.getBoundingClientRect().height)
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
    .map((row) => row.querySelector("th").textContent).join(" ");
  const picked = (part, option) => {
    option.selected = true;
    const rows = shown();
    list(part).selectedIndex = 0;
    return rows;
  };
  const named = (part, text) => [...list(part).options].find((one) => one.text.includes(text));
  document.title = [
    shown(),
    picked("f0", named("f0", "passive")),
    picked("find", [...list("find").options].at(-1)),
    picked("order", named("order", "Subscriber")),
  ].join("|");
};
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
        **page_parts.hostile_beside,
    )
    content = write_page(night, page_parts.data)
    (tmp_path / "report.html").write_bytes(content)
    return tmp_path


def opened(browser: str, folder, name: str, *more: str) -> tuple[str, str]:
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
            *more,
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
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing(browser, tmp_path, page_parts, language):
    """Every rule of axe-core, with all that folds away opened: names, roles, contrast, order.

    The page's policy lets no script run, so a copy without it is looked at. What axe says it must
    leave to people is no violation.
    """
    night = HandOut(
        as_of=page_parts.night,
        language=language,
        notices=page_parts.notices,
        tonight=page_parts.tonight,
        models=page_parts.models,
        **page_parts.beside,
    )
    page = write_page(night, page_parts.data).decode()
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page, count=1)
    assert len(bare) < len(page)
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    looked_at = bare.replace("<details>", "<details open>").replace(
        "</body>", f"<script>{axe}</script><script>{AXE}</script></body>"
    )
    (tmp_path / "report.html").write_text(looked_at, encoding="utf-8")
    document, _ = opened(browser, tmp_path, "report.html", "--virtual-time-budget=60000")
    passed, violations = re.search(r"axe passed=(\d+) violations=(.*?)</title>", document).groups()
    assert violations == ""
    assert int(passed) > 20


@pytest.mark.slow
def test_rows_are_picked_and_ordered_without_a_script(browser, tmp_path, page_parts):
    """What is chosen hides the other rows, shows those far down, and is counted."""
    page = write_page(
        HandOut(
            as_of=page_parts.night,
            language="en",
            notices=page_parts.notices,
            tonight=page_parts.tonight,
            models=page_parts.models,
        ),
        page_parts.data,
    )
    (tmp_path / "report.html").write_bytes(page)
    (tmp_path / "harness.html").write_text(PICKED, encoding="utf-8")
    document, console = opened(browser, tmp_path, "harness.html")
    assert console == ""
    first, passive, found, everybody = re.search(r"<title>(.*?)</title>", document)[1].split("|")
    frame = page_parts.tonight.frame
    ranks = [str(rank) for rank in frame["rank"]]
    assert first == " ".join(ranks[:20])
    of_passive = frame.loc[frame["cause"] == "passive", "rank"]
    assert passive == " ".join(map(str, of_passive))
    assert found == ranks[-1]
    assert everybody.split() == [str(r) for r in frame.sort_values("subscriber_id")["rank"]]


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
