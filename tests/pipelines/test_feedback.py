"""The dialler's file, and answers that come back by contact id."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from churn.errors import ExtractError
from churn.report.handover import HANDOVER, contact_id, handover, suppressed
from churn.targeting import TargetingSettings
from churn.targeting.answers import closed_by
from pipelines.answers import Answers
from pipelines.arms import keep
from pipelines.feedback import Feedback, feedback
from pipelines.run import Run, open_run
from tests.targeting.worlds import CALL, PLAIN

NIGHT = date(2025, 3, 10)
SETTINGS = TargetingSettings.model_validate({**PLAIN, "actions": (CALL,)})


def listed(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Return a list of subscriber, customer and channel, best first."""
    frame = pd.DataFrame(list(rows), columns=["subscriber_id", "customer_id", "channel"])
    return frame.assign(action="offer", rank=range(1, len(frame) + 1), name=None, phone=None)


def test_the_dialler_gets_one_contact_per_phone_payer_and_household():
    """Best first; who has no phone is not in it; a plus becomes 00; nothing of scores or arms."""
    frame = listed(
        ("s1", "c1", "call"), ("s2", "c1", "call"), ("s3", "c3", "call"), ("s4", "c4", "call"),
        ("s5", "c5", "call"), ("s6", "c6", "sms"), ("s7", "c7", "call"),
    )  # fmt: skip
    details = pd.DataFrame(
        {
            "subscriber_id": ["s1", "s2", "s3", "s4", "s5", "s6", "s7"],
            "phone": ["+86 1", "2", "0086-1", "4", None, "6", "7"],
            "account_id": ["a1", "a1", "a3", "a4", None, "a6", "a4"],
        }
    )
    content, counts = handover(frame, details, SETTINGS, NIGHT, "zh")
    header, *rows = content.decode("utf-8-sig").splitlines()
    assert tuple(header.split(",")) == HANDOVER
    assert rows == [
        f"{contact_id(NIGHT, 's1')},00861,优惠,1,2025-03-24,09:00-20:00,3",
        f"{contact_id(NIGHT, 's4')},4,优惠,2,2025-03-24,09:00-20:00,3",
    ]
    assert counts == {"listed": 6, "no_phone": 1, "same_person": 3, "handed_over": 2}


def test_it_comes_in_the_encoding_asked_for():
    """GB18030 for diallers that read nothing else."""
    handing = SETTINGS.handover.model_copy(update={"encoding": "gb18030"})
    asked = SETTINGS.model_copy(update={"handover": handing})
    details = pd.DataFrame({"subscriber_id": ["s1"], "phone": ["1"], "account_id": [None]})
    content, _ = handover(listed(("s1", "c1", "call")), details, asked, NIGHT, "zh")
    assert "优惠".encode("gb18030") in content


def test_whom_others_must_spare_stands_under_the_operators_own_ids():
    """Sorted, with the last day; a cell never starts a formula."""
    content = suppressed(dict.fromkeys(["B2", "=A1"], date(2025, 5, 1)), "utf-8")
    assert content.decode().splitlines() == [
        "subscriber_id,until", "'=A1,2025-05-01", "B2,2025-05-01",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "closed"),
    [
        ("do_not_call", "call;sms;"),
        ("deceased", "call;sms;email;visit;app;letter;"),
        ("refused", ""),
    ],
)
def test_what_binds_closes_channels_for_the_whole_customer(answer, closed):
    """A line of the same household, too; others are untouched, refusals on record stay."""
    around = pd.DataFrame(
        {"subscriber_id": ["s1", "s2", "s3"], "customer_id": ["c", "c", "d"], "opt_outs": ""}
    )
    answers = pd.DataFrame({"subscriber_id": ["s1", "unknown"], "answer": [answer, answer]})
    refused = closed_by(around, answers)["opt_outs"].tolist()
    assert {frozenset(each.split(";")) for each in refused[:2]} == {frozenset(closed.split(";"))}
    assert refused[2] == ""


@pytest.fixture
def run(tmp_path: Path):
    """Return a run in a workspace whose night handed over two contacts and spared one."""
    (tmp_path / "churn.yaml").write_text(
        "version: 1\nworkspace: ws\ningest:\n  folder: in\n  id_key: secret-of-this-test\n"
        "  tables:\n"
        "    subscribers: {sources: [{files: 's_*.csv', name: 's_{delivered_on}.csv'}]}\n"
        "    status_events: {sources: [{files: 'e_*.csv', name: 'e_{delivered_on}.csv'}]}\n",
        encoding="utf-8",
    )
    with open_run(tmp_path / "churn.yaml") as opened:
        rows = pd.DataFrame({"subscriber_id": ["s1", "s2", "s3"]}).assign(
            arm=["treated", "treated", "control"], campaign_id="c", action="offer", channel="call",
            control_share=0.1, planned_action="offer", action_share=1.0, other_actions="",
        )  # fmt: skip
        keep(opened.workspace, NIGHT, 1, rows)
        yield opened


def filled_in(folder: Path, *rows: str, header: str = "contact_id,phone,answer") -> Path:
    """Return a file as it comes back."""
    path = folder / "back.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8-sig")
    return path


ONE, TWO, SPARED = (contact_id(NIGHT, name) for name in ("s1", "s2", "s3"))


def test_answers_come_back_once_and_what_does_not_fit_is_set_aside(run: Run, tmp_path: Path):
    """Rows add up; a second time nothing changes; a control's id was never handed over."""
    file = filled_in(
        tmp_path, f"{ONE},1,do not call", f"{TWO},2,", f"{TWO},2,接受", f"{SPARED},3,accepted",
        "0000,4,accepted", f"{ONE},1,maybe",
    )  # fmt: skip
    done = feedback(run, file)
    assert done == Feedback(
        delivered=6, accepted=2, empty=1, changed=2, binding=1,
        quarantined={"unknown_contact": 2, "unknown_answer": 1, "contradiction": 0},
        lines={"unknown_contact": ("5", "6"), "unknown_answer": ("7",)},
    )  # fmt: skip
    assert done.summary().splitlines()[1:] == [
        "  unknown_contact in line 5, 6", "  unknown_answer in line 7",
    ]  # fmt: skip
    assert done.delivered == done.accepted + done.empty + sum(done.quarantined.values())
    assert feedback(run, file).changed == 0
    rows = Answers(run.workspace).frame().set_index("subscriber_id")["answer"]
    assert rows.to_dict() == {"s1": "do_not_call", "s2": "accepted"}
    dated = Answers(run.workspace).dated()
    assert sorted(dated.itertuples(index=False, name=None)) == [
        ("s1", NIGHT, "do_not_call"), ("s2", NIGHT, "accepted"),
    ]  # fmt: skip
    (aside,) = (run.workspace.quarantine / "feedback").iterdir()
    assert pq.read_table(aside)["line"].to_pylist() == [5, 6, 7]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_answers_are_filled_in_in_the_workbook_of_the_list(run: Run, tmp_path: Path, language):
    """On the list or on a manager's sheet, whichever; the row of labels is none."""
    book = openpyxl.Workbook()
    labels = {"en": ("Contact", "Answer"), "zh": ("联系编号", "结果")}[language]
    answers = {"en": ("accepted", "do not call"), "zh": ("接受", "请勿致电")}[language]
    for name, rows in {
        "Targets": [(ONE, answers[0]), (TWO, None)],
        "王经理": [(TWO, answers[1]), ("0000", answers[0])],
    }.items():
        sheet = book.create_sheet(name)
        for row in [("rank", "contact_id", "answer"), ("Rank", *labels)]:
            sheet.append(row)
        for place, row in enumerate(rows, start=1):
            sheet.append((place, *row))
    book.create_sheet("Summary").append(["nothing to fill in"])
    path = tmp_path / "back.xlsx"
    book.save(path)
    done = feedback(run, path)
    assert (done.delivered, done.accepted, done.empty, done.binding) == (4, 2, 1, 1)
    assert done.lines == {"unknown_contact": ("王经理 4",)}
    rows = Answers(run.workspace).frame().set_index("subscriber_id")["answer"]
    assert rows.to_dict() == {"s1": "accepted", "s2": "do_not_call"}
    (aside,) = (run.workspace.quarantine / "feedback").iterdir()
    assert pq.read_table(aside).select(["sheet", "line"]).to_pylist() == [
        {"sheet": "王经理", "line": 4}
    ]


def test_answers_that_contradict_each_other_are_believed_neither(run: Run, tmp_path: Path):
    """The same contact accepted and refused in one file."""
    file = filled_in(tmp_path, f"{ONE},1,accepted", f"{ONE},1,refused", f"{TWO},2,accepted")
    assert feedback(run, file).quarantined["contradiction"] == 2
    assert Answers(run.workspace).frame()["subscriber_id"].tolist() == ["s2"]


def test_a_later_answer_takes_the_place_of_an_earlier_one(run: Run, tmp_path: Path):
    """Not reached first, refused then."""
    feedback(run, filled_in(tmp_path, f"{ONE},1,not reached"))
    before = Answers(run.workspace).fingerprint()
    assert feedback(run, filled_in(tmp_path, f"{ONE},1,refused")).changed == 1
    assert Answers(run.workspace).frame()["answer"].tolist() == ["refused"]
    assert Answers(run.workspace).fingerprint() != before


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        (["77,1,accepted"], "contact_id,phone,answer", "none of the 1 answers fits"),
        ([f"{ONE},1"], "contact_id,phone", "no column answer or 结果"),
        ([f"{ONE},1"], "id,answer", "no column contact_id or 联系编号"),
    ],
)
def test_a_file_of_something_else_is_refused(run: Run, tmp_path: Path, rows, header, said):
    """Of another system, or with its columns renamed; nothing is taken in."""
    with pytest.raises(ExtractError, match=said):
        feedback(run, filled_in(tmp_path, *rows, header=header))
    assert Answers(run.workspace).frame().empty
