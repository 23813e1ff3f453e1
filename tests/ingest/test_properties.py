"""What holds for any extract: nothing is lost, and the order of lines and files means nothing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from churn.errors import ExtractError

HEADER = "subscriber_id,as_of,amount_overdue,days_overdue\n"
NAME = "arrears_{period}_{delivered_on}_{part}.csv"
QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

LINES = st.lists(
    st.builds(
        "{},2025-01-{:02d},{}.{:02d},{}".format,
        st.sampled_from(["1", "2", "3", "4", "用户"]),
        st.integers(1, 4),
        st.integers(0, 3),
        st.integers(0, 99),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=30,
)
DAMAGE = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 3),
        st.one_of(
            st.binary(max_size=3),
            st.sampled_from([b"\n", b"\r", b"\r\n", b'"', b'""', b",", b"\0", b"\xb0", b"\n\n"]),
        ),
    ),
    max_size=8,
)


@pytest.fixture
def another(operator, engine, tmp_path_factory):
    """Return new operators, one for each example that is tried."""
    base = tmp_path_factory.mktemp("examples")
    numbers = itertools.count()

    def make():
        root = base / str(next(numbers))
        root.mkdir()
        return type(operator)(root, engine)

    return make


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@given(lines=LINES, damage=DAMAGE)
@example(lines=["1,2025-01-01,0.00,0"], damage=[(0.0, 0, b"\x00")])
@example(lines=["1,2025-01-01,0.00,0"], damage=[(0.0, 0, b"\x00"), (0.05, 0, b"\n")])
@example(lines=["1,2025-01-01,0.00,0"], damage=[(0.0, 0, b"\r"), (0.9, 3, b""), (0.0, 0, b"\r")])
@QUICK
def test_whatever_the_damage_every_line_is_accounted_for(another, encoding, lines, damage):
    """Accepted and quarantined make up what was delivered, line by line, each once."""
    body = ("\n".join(lines) + "\n").encode(encoding)
    for place, cut, octets in damage:
        at = int(place * len(body))
        body = body[:at] + octets + body[at + cut :]
    one = another()
    one.map("arrears", {"name": NAME, "encoding": encoding}, max_rejected=1.0)
    path = one.deliver("arrears_202501_20250201_a.csv", HEADER.encode() + body)
    delivered = body.count(b"\n") + (body[-1:] not in {b"", b"\n"})
    try:
        (entry,) = one.ingest().built
    except ExtractError as error:
        if "the encoding in the settings is probably wrong" in str(error):
            return  # so much damage that the file is refused whole
        if "would garble them" in str(error) and body.count(0) > 1:
            return  # zero bytes so many that it looks like UTF-16
        raise
    assert entry.delivered == delivered
    assert entry.accepted + entry.quarantined == delivered
    assert len(one.rows("arrears", "as_of")) == entry.accepted
    aside = one.quarantined("arrears")
    assert len({line for _, line, _, _ in aside}) == len(aside) == entry.quarantined
    raw = path.read_bytes().split(b"\n")
    assert all(raw[line - 1] == text for _, line, _, text in aside)


@given(lines=LINES, cut=st.integers(0, 30), random=st.randoms(use_true_random=False))
@QUICK
def test_order_of_lines_and_split_into_files_change_no_byte(another, lines, cut, random):
    """One file, or two with the lines shuffled: the same table, the same name, the same bytes."""
    whole, parts = (another() for _ in range(2))
    for one in (whole, parts):
        one.map("arrears", {"name": NAME}, max_rejected=1.0)
    whole.deliver("arrears_202501_20250201_a.csv", HEADER + "\n".join(lines))
    shuffled = random.sample(lines, len(lines))
    first, second = shuffled[:cut], shuffled[cut:]
    if first != second:  # a second file equal to the first would be a repetition
        parts.deliver("arrears_202501_20250201_a.csv", HEADER + "\n".join(first))
    parts.deliver("arrears_202501_20250201_b.csv", HEADER + "\n".join(second))
    if first == second:
        whole.deliver("arrears_202501_20250201_a.csv", HEADER + "\n".join(first))
    for one in (whole, parts):
        one.ingest()
    stored = [
        {
            name: data
            for name, data in one.stored_bytes().items()
            if "quarantine" not in name and not name.endswith("deliveries.json")
        }
        for one in (whole, parts)
    ]
    assert stored[0] == stored[1]


@given(lines=LINES, damage=DAMAGE, size=st.integers(40, 400))
@QUICK
def test_the_size_of_blocks_changes_nothing(another, monkeypatch, lines, damage, size):
    """Reading in small pieces gives the same table and the same quarantine."""
    body = ("\n".join(lines) + "\n").encode()
    for place, cut, octets in damage:
        at = int(place * len(body))
        body = body[:at] + octets + body[at + cut :]
    stored = []
    for block in (None, size):
        one = another()
        one.map("arrears", {"name": NAME}, max_rejected=1.0)
        one.deliver("arrears_202501_20250201_a.csv", HEADER.encode() + body)
        with monkeypatch.context() as patch:
            if block:
                patch.setattr(
                    "churn.ingest.readers.delimited.Delimited.blocks.__defaults__", (block,)
                )
            try:
                one.ingest()
            except ExtractError as error:
                if "the encoding in the settings is probably wrong" in str(error):
                    return
                raise
        tables = {n: d for n, d in one.stored_bytes().items() if "quarantine" not in n}
        stored.append((tables, one.quarantined("arrears")))
    assert stored[0] == stored[1]
