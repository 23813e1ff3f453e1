"""The page of a night: whole, harmless, in one language, the same bytes, also without a list."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

from churn.ingest.interpretation import Interpretation
from churn.language import Text
from churn.report.page.document import write_page
from churn.report.parts import Data, HandOut

VOID = {"meta", "link", "br", "hr"}
NAMES = {
    "ROC", "AUC", "Brier", "MPC", "EMPC", "churn", "manifest", "json", "xlsx", "targets",
    "last_notices", "expiring", "kpis", "BILL", "CSV", "subscriber_id", "p", "V", "d", "f", "B",
    "ARPU",
}  # fmt: skip


@dataclass
class Node:
    """One element: its attributes, its text and what is inside."""

    name: str
    attributes: dict[str, str]
    inside: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text below."""
        return "".join(node if isinstance(node, str) else node.text for node in self.inside)

    def all(self, name: str | None = None) -> list[Node]:
        """Return the elements below, in order."""
        nodes = []
        for node in self.inside:
            if isinstance(node, Node):
                nodes += [node] if name in {None, node.name} else []
                nodes += node.all(name)
        return nodes


class Reader(HTMLParser):
    """Reads a document and refuses elements that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("document", {})]

    def handle_starttag(self, tag, attrs):
        """Open an element."""
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag):
        """Close the innermost element, which must be of that name."""
        assert self.open.pop().name == tag

    def handle_data(self, data):
        """Keep the text."""
        self.open[-1].inside.append(data)


def read(content: bytes) -> Node:
    """Return the document's root."""
    reader = Reader()
    reader.feed(content.decode())
    reader.close()
    assert len(reader.open) == 1
    return reader.open[0]


def written(parts, language="en", data=None, **changes):
    """Return the page of a good night, with parts replaced."""
    given = {
        "as_of": parts.night,
        "language": language,
        "notices": parts.notices,
        "tonight": parts.tonight,
        "models": parts.models,
        **parts.beside,
        **changes,
    }
    return write_page(HandOut(**given), data or parts.data)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_asks_for_nothing_and_runs_nothing(page_parts, language):
    """No address, no script, no handler; a policy forbids them besides."""
    content = written(page_parts, language)
    document = read(content)
    assert b"http" not in content.replace(b"http-equiv", b"")
    assert b"url(" not in content
    assert b"@import" not in content
    assert not [node for node in document.all() if node.name in {"script", "img", "iframe", "form"}]
    addresses = {
        value
        for node in document.all()
        for name, value in node.attributes.items()
        if name in {"href", "src", "action", "data"}
    }
    assert {address for address in addresses if not address.startswith("#")} == {"data:,"}
    assert not [name for node in document.all() for name in node.attributes if name[:2] == "on"]
    policy = next(node for node in document.all("meta") if "http-equiv" in node.attributes)
    assert policy.attributes["content"].startswith("default-src 'none'; style-src")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_words_stay_words(page_parts, language):
    """Ids, regions, reasons, rules, tariffs, features, actions, the currency, notes: all of them.

    What was meant to be an element or an attribute comes back as the text it was.
    """
    hostile = page_parts.hostile
    content = written(
        page_parts,
        language,
        tonight=page_parts.hostile_tonight,
        models=page_parts.hostile_models,
        notes=[hostile],
        **page_parts.hostile_beside,
    )
    plain = read(written(page_parts, language))
    document = read(content)
    assert {node.name for node in document.all()} == {node.name for node in plain.all()}
    assert {name for node in document.all() for name in node.attributes} == {
        name for node in plain.all() for name in node.attributes
    }
    shown = hostile.replace("\x00", "\ufffd")
    body = document.all("body")[0]
    people = next(node for node in body.all("section") if node.attributes["id"] == "people")
    assert people.text.count(shown) >= 20 * 6
    tree = next(node for node in body.all("ul") if node.attributes.get("class") == "tree")
    assert shown in tree.text
    assumed = next(node for node in body.all("section") if node.attributes["id"] == "assumed")
    assert assumed.all("li")[0].text == shown
    refused = read(written(page_parts, language, tonight=None, refused=hostile))
    assert shown in refused.text


def test_the_same_parts_give_the_same_bytes(page_parts):
    """Nothing of the hour, the machine or chance is inside; the only dates are the data's."""
    content = written(page_parts)
    assert written(page_parts) == content
    dates = set(re.findall(r"\d{4}-\d\d-\d\d", content.decode()))
    told = {"2025-03-01", "2025-02-28", "2025-02-01", "2025-02-15"}  # the last: the list before
    assert dates == told | {"2024-01-01", "2024-04-01", "2024-06-01", "2024-07-01"}  # snapshots


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh", "zh-CN")])
def test_structure_can_be_read_aloud(page_parts, language, lang):
    """The language is named, headings step down one by one, tables have captions and headers."""
    document = read(written(page_parts, language, notes=["note"]))
    assert document.all("html")[0].attributes["lang"] == lang
    levels = [int(node.name[1]) for node in document.all() if re.fullmatch(r"h\d", node.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in document.all("table"):
        assert table.all("caption")[0].text.strip()
        columns = table.all("thead")[0].all("th")
        assert {node.attributes["scope"] for node in columns} == {"col"}
        for row in table.all("tbody")[0].all("tr"):
            cells = [node for node in row.inside if isinstance(node, Node)]
            assert [node.name for node in cells] == ["th", *["td"] * (len(columns) - 1)]
    for image in document.all("svg"):
        described = image.attributes.get("role") == "img" and image.attributes["aria-label"]
        assert described or image.attributes.get("aria-hidden") == "true"
    anchors = {node.attributes["id"] for node in document.all() if "id" in node.attributes}
    links = {node.attributes["href"].removeprefix("#") for node in document.all("a")}
    assert links <= anchors


def test_a_chinese_page_speaks_chinese(page_parts):
    """Apart from names and units no Latin word is left."""
    document = read(written(page_parts, "zh", notes=["说明"]))
    body = document.all("body")[0]
    texts = [body.text, *(node.attributes.get("aria-label", "") for node in body.all())]
    words = set(
        re.findall(r"[A-Za-z_]{2,}|(?<![A-Za-z0-9])[A-Za-z](?![A-Za-z0-9])", " ".join(texts))
    )
    fingerprint = page_parts.models.bundle.fingerprint[:12]
    assert {word for word in words - NAMES if word not in fingerprint} == set()


def test_the_figures_are_those_of_the_list(page_parts):
    """Counts, profit, spend and the actions add up to the totals."""
    totals = page_parts.tonight.done.totals
    document = read(written(page_parts))
    tiles = {
        node.all("dt")[0].text: node.all("dd")[0].inside[0] for node in document.all("dl")[0].inside
    }
    assert tiles == {
        "To contact": f"{totals['listed']:,}",
        "Expected profit": f"{totals['expected_profit']:,.2f}",
        "Planned spend": f"{totals['planned_spend']:,.2f}",
        "Control arm": str(totals["control"]),
        "Last notices": "4",
    }
    actions = document.all("table")[0].all("tbody")[0]
    rows = [[cell.text for cell in row.inside] for row in actions.all("tr")]
    assert sum(int(row[3]) for row in rows) == totals["listed"]
    earned = sum(float(row[5].replace(",", "")) for row in rows)
    assert round(earned, 2) == totals["expected_profit"]
    people = next(
        node for node in document.all("table") if node.attributes["class"][-6:] == "people"
    )
    rows = people.all("tbody")[0].all("tr")
    assert len(rows) == totals["listed"]
    shown = [row for row in rows if "far" not in row.attributes["class"].split()]
    assert len(shown) == min(20, totals["listed"])
    assert "138****1234" in shown[0].text
    assert "13812341234" not in document.text


def test_one_first_reason_on_most_of_the_list_is_explained(page_parts):
    """Where it stands on more than a third; where reasons differ nothing is said."""
    night = page_parts.tonight
    assert "100 % of the list begin with the same reason" in read(written(page_parts)).text.replace(
        "\xa0", " "
    )
    frame = night.frame.assign(
        reason_1=[f"{'abcd'[place % 4]}: {place}" for place in range(len(night.frame))]
    )
    varied = read(written(page_parts, tonight=replace(night, frame=frame)))
    assert "begin with the same reason" not in varied.text


def test_paying_contacts_were_kept_out_by_a_limit_or_by_none(page_parts):
    """A limit is named where it was one, beside reasons that have none."""
    night = page_parts.tonight
    left = pd.DataFrame(
        {
            "subscriber_id": ["a", "b"],
            "reason": ["beyond_limits", "cool_down"],
            "action": "",
            "expected_profit": [9.0, 5.0],
            "limit": ["budget", ""],
            "cell": "",
        }
    )
    tonight = replace(night, done=replace(night.done, left_out=left))
    document = read(written(page_parts, tonight=tonight))
    (kept_out,) = (
        node for node in document.all("table") if "kept paying contacts out" in node.text
    )
    cells = [row.all("td")[0].text for row in kept_out.all("tbody")[0].all("tr")]
    assert cells == ["tonight's budget", "–"]


def test_what_the_reasons_do_not_tell_stands_beside_them(page_parts):
    """The reasons are the booster's; where the combination scores, the rest of the odds is told."""
    document = read(written(page_parts))
    people = next(
        node for node in document.all("table") if node.attributes["class"][-6:] == "people"
    )
    beyond = ["odds at 1.25 times" in row.text for row in people.all("tbody")[0].all("tr")]
    assert beyond == [place == 1 for place in range(len(beyond))]


def test_the_tree_shows_every_rule_once_and_the_riskier_answer_first(page_parts):
    """Shares of the rules add up to everyone."""
    document = read(written(page_parts))
    trees = [node for node in document.all("ul") if node.attributes.get("class") == "tree"]
    for cause, tree in zip(("active", "passive"), trees, strict=True):
        head = page_parts.models.bundle.heads[cause]
        rules = [int(node.text.removeprefix("Rule ")) for node in tree.all("b")]
        assert sorted(rules) == list(range(1, head.tree.rules + 1))
        rates = [float(rate) for rate in re.findall(r"([\d.]+)\s% leave", tree.text)]
        assert rates[1] >= rates[0]
        leaves = [node for node in tree.all("div") if node.attributes["class"] == "leaf"]
        shares = [float(re.search(r"([\d.]+)\s% of", leaf.text)[1]) for leaf in leaves]
        assert sum(shares) == pytest.approx(100, abs=0.5)


def test_data_quality_counts_and_ages(page_parts):
    """Each table reconciles; age 0 is complete through the day before; rules are worded.

    Rows of nobody on the books are counted; of the books themselves there are none.
    """
    document = read(written(page_parts))
    section = next(node for node in document.all("section") if node.attributes["id"] == "data")
    tables, broken, people = section.all("table")
    rows = [[cell.text for cell in row.inside] for row in tables.all("tbody")[0].all("tr")]
    assert rows[0][6] == "–"
    assert rows[1] == ["bills", "2", "990", "900", "60", "30", "7", "2025-02-28", "0", "recorded"]
    assert rows[2][-3:] == ["2025-02-01", "27", "assumed"]
    assert "the oldest table's 27 days" in section.text
    texts = [row.inside[1].text for row in broken.all("tbody")[0].all("tr")]
    assert texts == ["subscriber_id is given", "the line has as many fields as the header"]
    counts = [row.inside[1].text for row in people.all("tbody")[0].all("tr")]
    assert counts == ["700", "280", "20"]


def test_a_night_without_a_model_says_why(page_parts):
    """In plain words, head by head; what the models and the data look like stays on the page."""
    document = read(written(page_parts, tonight=None, models=page_parts.failed))
    why = next(node for node in document.all("div") if node.attributes.get("class") == "warning")
    verdict = page_parts.failed.bundle.reports["active"].verdict
    assert why.all("li")[0].text == f"A{verdict.wording.en[1:]}."
    assert "churners are too few" in why.all("li")[0].text
    assert len(why.all("li")) == 2
    ids = [node.attributes["id"] for node in document.all("section")]
    assert ids == ["tonight", "warnings", "indicators", "models", "data"]
    assert "Fails the gate" in document.text
    assert "not in place" in document.all("footer")[0].text


def test_a_night_that_failed_otherwise_says_what_failed(page_parts):
    """With nothing but what was refused, last notices and no data, the page still stands."""
    nothing = Data((), {})
    document = read(
        written(page_parts, tonight=None, models=None, data=nothing, refused="bills are too old")
    )
    assert "bills are too old" in document.text
    assert "No data was known that night." in document.text
    assert document.all("dl")[0].all("dd")[0].inside[0] == "4"


def test_the_page_tells_how_each_column_was_read(page_parts):
    """From which header, in which way, how much is filled; opened on demand, in both languages."""
    way = Text("as 1.234,5 -> 1234.5", "形如 1.234,5 -> 1234.5")
    read_so = Interpretation("bills", "amount_due", "<Betrag>", way, 0.985, 12)
    told = replace(page_parts.data, readings=(read_so,))
    for language, summary, words in (
        ("en", "How each column was read", "as 1.234,5 -> 1234.5"),
        ("zh", "各列的读取方式", "形如 1.234,5 -> 1234.5"),
    ):
        document = read(written(page_parts, language=language, data=told))
        (folded,) = (d for d in document.all("details") if summary in d.all("summary")[0].text)
        cells = [cell.text for cell in folded.all("td")]
        assert cells == ["<Betrag>", words, "98.5%", "12"]
    assert "各列的读取方式" not in read(written(page_parts, language="zh")).text


def test_an_empty_list_has_no_rows_and_no_curve(page_parts):
    """The message says that none is worth a contact."""
    night = page_parts.tonight
    nobody = {
        **night.done.totals, "listed": 0, "listed_by_action": {}, "expected_profit": 0.0,
        "planned_spend": 0.0, "budget_tonight": 0.0,
    }  # fmt: skip
    done = replace(night.done, frame=night.done.frame.iloc[:0], totals=nobody)
    empty = replace(night, done=done, frame=night.frame.iloc[:0])
    document = read(written(page_parts, tonight=empty))
    ids = [node.attributes["id"] for node in document.all("section")]
    assert ids == [
        "tonight", "moved", "earlier", "warnings", "indicators", "models", "data", "assumed",
    ]  # fmt: skip


def test_without_the_test_scores_only_their_curve_is_missing(page_parts):
    """They belong to a training that may be gone; everything else is in the bundle."""
    bare = read(written(page_parts, models=replace(page_parts.models, test_scores=None)))
    full = read(written(page_parts))
    titles = [node.text for node in full.all("h4")]
    assert titles.count("Whom does the ranking reach?") == 2
    kept = [title for title in titles if title != "Whom does the ranking reach?"]
    assert [node.text for node in bare.all("h4")] == kept


def test_a_head_that_is_off_says_why(page_parts):
    """Its figures are missing, its rows are counted."""
    bundle = page_parts.models.bundle
    head = bundle.reports["passive"]
    off = head.model_copy(
        update={
            "off": head.verdict.rules[0].wording,
            "champion": None,
            "metrics": {},
            "reliability": (),
            "verdict": None,
            "minus_booster": {},
        }
    )
    changed = replace(
        bundle,
        heads={"active": bundle.heads["active"]},
        reports={**bundle.reports, "passive": off},
    )
    document = read(written(page_parts, models=replace(page_parts.models, bundle=changed)))
    assert f"This model is off: {off.off.en}." in document.text
