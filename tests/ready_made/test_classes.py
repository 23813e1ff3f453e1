"""The two classes of a target: what counts, what does not, what is left out."""

from __future__ import annotations

import pytest

from churn.ready_made.classes import as_codes, classes_of
from churn.ready_made.roles import RoleError


def words(**counts: int) -> list[str]:
    """Return each word as often as told."""
    return [word for word, count in counts.items() for _ in range(count)]


@pytest.mark.parametrize("missing", ["na", "<na>", "null", "?", "unknown", "未知", None])
def test_a_word_for_no_value_is_no_second_no(missing: str | None) -> None:
    """An unknown label is left out, whether or not the value that counts is named."""
    labels = [*words(yes=3, no=7), *[missing] * 5]
    for positive in (None, "Yes"):
        classes = classes_of("churn", labels, positive)
        assert classes.positive == ("yes",)
        assert classes.negative == {"no": 7}
        assert classes.left_out == ({} if missing is None else {missing: 5})


def test_a_third_class_is_refused_until_named() -> None:
    """The message names the classes and their rows; what nobody names is then left out."""
    labels = words(churned=4, stayed=9, joined=2)
    with pytest.raises(RoleError, match=r"stayed \(9\), joined \(2\)") as caught:
        classes_of("status", labels, "Churned")
    assert caught.value.mended_by == "negative"
    classes = classes_of("status", labels, "Churned", ["Stayed"])
    assert (classes.negative, classes.left_out) == ({"stayed": 9}, {"joined": 2})
    both = classes_of("status", labels, "Churned", ["Stayed", "joined"])
    assert both.negative == {"joined": 2, "stayed": 9}
    assert not both.left_out


def test_nobodys_number_or_address_is_told() -> None:
    """A target may hold what it should not: messages and reports count it without telling it."""
    labels = [*words(yes=9, no=9), "+4917138930150", "anna@example.org"]
    with pytest.raises(RoleError) as caught:
        classes_of("left", labels, "yes")
    assert "no (9), … (2)" in caught.value.what
    classes = classes_of("left", labels, "yes", ["no"])
    assert as_codes(classes.left_out) == {"…": 2}
    with pytest.raises(RoleError) as caught:
        classes_of("left", labels, "yes", ["13800138000"])
    assert "13800138000" not in str(caught.value)


def test_several_ways_of_no_are_one_class() -> None:
    """What reads as no needs no naming."""
    classes = classes_of("churn", ["yes", "no", "0", "false"])
    assert classes.negative == {"0": 1, "false": 1, "no": 1}


def test_a_word_for_no_value_counts_where_it_is_named() -> None:
    """In a column of reasons, none may be the class that stayed."""
    labels = words(price=3, none=6)
    assert classes_of("reason", labels, "price", ["None"]).negative == {"none": 6}
    with pytest.raises(RoleError, match=r"no other than this one \(none \(6\) say no value\)"):
        classes_of("reason", labels, "price")


@pytest.mark.parametrize(
    ("labels", "positive", "negative", "role"),
    [
        (["a", "b"], None, [], "target"),
        (["no", "no"], None, [], "target"),
        (["yes", "yes"], None, [], "target"),
        (["yes", "no", "maybe"], None, [], "target"),
        (["yes", "no"], "left", [], "positive"),
        (["yes", "no"], "yes", ["stayed"], "negative"),
        (["yes", "no"], "yes", ["Yes"], "negative"),
        ([None, None], None, [], "target"),
    ],
)
def test_what_makes_no_two_classes_is_refused(
    labels: list[str | None], positive: str | None, negative: list[str], role: str
) -> None:
    """Each mistake is told of the option that makes it."""
    with pytest.raises(RoleError) as caught:
        classes_of("churn", labels, positive, negative)
    assert caught.value.role == role
