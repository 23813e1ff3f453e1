"""What was sent, as a file beside the delivery says, is held to what arrived."""

from __future__ import annotations

import hashlib

import pytest
from pydantic import ValidationError

from churn.errors import ExtractError
from churn.ingest.control import ControlMapping

NAME = "surveys_202501_20250201.csv"
TEXT = "subscriber_id,answered_on,score\n1,2025-01-02,85\n2,2025-01-02,x\n\n"
MD5 = hashlib.md5(TEXT.encode()).hexdigest()  # noqa: S324 - what operators send
RECORDS = 3  # two rows and a blank line, which is set aside

KINDS = {
    "md5sum": ({"name": "{file}.md5"}, f"{NAME}.md5", f"{MD5} *{NAME}\n"),
    "rows": ({"name": "{stem}.ok", "fields": ["rows"]}, "surveys_202501_20250201.ok", f"{RECORDS}"),
    "all of them": (
        {"name": "sent.ctl", "fields": ["file", "rows", "bytes", "-", "md5"], "delimiter": "|"},
        "sent.ctl",
        f"other.csv|1|1|x|0\n{NAME}|{RECORDS}|{len(TEXT)}|20250201|{MD5.upper()}\n",
    ),
}


@pytest.fixture
def delivered(operator):
    """Deliver a file with its control file, one line of it changed where asked."""

    def deliver(kind, change=("", "")):
        how, name, content = KINDS[kind]
        operator.map("surveys", {"control": how}, max_rejected=1)
        operator.deliver(NAME, TEXT)
        operator.deliver(name, content.replace(*change))
        return operator

    return deliver


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_sent_arrived(delivered, kind):
    """A file as it was sent is taken; its control file is no delivery, even if named like one."""
    operator = delivered(kind)
    assert operator.check().ok
    assert operator.ingest().accepted == 1


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("md5sum", (MD5, "0" * 32), "its md5 differs"),
        ("md5sum", (NAME, "another.csv"), "0 lines about it, of 1"),
        ("rows", ("3", "4"), "4 records were sent and 3 arrived"),
        ("rows", ("3", "three"), "0 lines about it"),
        ("all of them", (f"|{len(TEXT)}|", "|5|"), f"5 bytes were sent and {len(TEXT)} arrived"),
        ("all of them", ("other.csv|1|1|x|0", f"{NAME}|1|1|x|0"), "2 lines about it"),
    ],
)
def test_what_was_not_sent_is_refused(delivered, kind, change, said):
    """By what is said of it, before anything of it is registered."""
    operator = delivered(kind, change)
    with pytest.raises(ExtractError, match=said) as caught:
        operator.ingest()
    assert caught.value.where.startswith(NAME)
    assert not list(operator.workspace.tables.glob("surveys/*"))


def test_a_control_file_that_is_not_there(operator):
    """A file without one may still be on its way."""
    operator.map("surveys", {"control": {"name": "{file}.ok"}})
    operator.deliver(NAME, TEXT)
    findings = operator.check()
    assert "its control file surveys_202501_20250201.csv.ok cannot be read" in findings.summary()


@pytest.mark.parametrize(
    "how",
    [
        {"name": "all.md5", "fields": ["md5"]},
        {"name": "{file}.ok", "fields": ["file"]},
        {"name": "{file}.ok", "fields": ["rows", "rows"]},
        {"name": "{file}.ok", "fields": ["crc"]},
    ],
)
def test_what_says_nothing_is_refused(how):
    """A control file must say something, and of which file."""
    with pytest.raises(ValidationError):
        ControlMapping.model_validate(how)
