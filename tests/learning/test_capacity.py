"""Capacity follows from the data: bold where they bear it, steady where they do not."""

from dataclasses import replace

import numpy as np
import pytest

from churn.learning import bench, capacity
from churn.learning.bench import ALL, Material, Question, Split
from churn.learning.boosting import Member, boost, members_of
from churn.learning.capacity import Pursuit, search
from churn.learning.settings import BoostingSettings, Capacity, SearchSettings

FOLDS = 3
SETTINGS = BoostingSettings(
    min_leaf_rows=20, search=SearchSettings(trials=6, rounds=100, members=3)
)


def _material(outcome, matrix):
    """Three folds of rows, each asked about by a fit of the others."""
    rows = np.arange(len(outcome))
    fold = rows % FOLDS
    splits = tuple(
        Split(rows[fold != number], (Question(rows[fold == number]),)) for number in range(FOLDS)
    )
    ones = np.ones(len(outcome))
    return Material(matrix, outcome, ones, ones, rows, splits)


def _board(seed=0, n=3000):
    """Return a chequered board: no single feature tells anything, pairs tell all."""
    source = np.random.default_rng(seed)
    matrix = source.normal(size=(n, 4)).astype(np.float32)
    board = np.sin(4 * matrix[:, 0]) * np.sin(4 * matrix[:, 1])
    return _material(source.random(n) < np.where(board > 0, 0.6, 0.1), matrix)


def _noise(seed=0, n=900):
    """Return features that tell nothing, and few churners."""
    source = np.random.default_rng(seed)
    return _material(source.random(n) < 0.05, source.normal(size=(n, 6)).astype(np.float32))


def _search(material, **given):
    return search(material, SETTINGS, **{"seed": 3, "threads": 2, **given})


@pytest.fixture(scope="module")
def bold():
    """Return what is found on the board."""
    return _search(_board())


def test_what_the_data_bear_is_learned_hard(bold):
    """On the board the average is of larger trees than the search began with, and better."""
    members = bold.members[ALL]
    assert len(bold.trials) == 6
    assert sum(member.share for member in members) == pytest.approx(1)
    assert all(member.capacity.leaves > SETTINGS.leaves for member in members)
    assert min(trial.log_loss for trial in bold.trials) < bold.trials[0].log_loss - 0.01


def test_noise_moves_nothing():
    """Where no capacity is better beyond noise, the settings' own begins the average."""
    for seed in range(3):
        first = _search(_noise(seed)).members[ALL][0].capacity
        assert first.leaves == SETTINGS.leaves


def test_the_same_rows_give_the_same_capacities(bold):
    """Whatever the number of threads."""
    assert _search(_board(), threads=1) == bold


def test_a_search_goes_on_where_its_journal_ends(bold, monkeypatch):
    """Finished trials are read, not grown; other rows have trials of their own."""
    journal = {}
    assert _search(_board(), pursuit=Pursuit(journal=journal)) == bold
    assert len(journal) == 6
    for key in list(journal)[3:]:
        del journal[key]
    grown, grow = [], bench.Bench.grow
    monkeypatch.setattr(
        bench.Bench,
        "grow",
        lambda *given: grown.append(given[1]) or grow(*given),
    )
    assert _search(_board(), pursuit=Pursuit(journal=journal)) == bold
    assert len(grown) == 3
    _search(_board(seed=1), pursuit=Pursuit(journal=journal))
    assert len(grown) == 9


def test_a_budget_ends_the_search_and_is_used_while_it_helps():
    """One trial is always made; a trial that would not fit is not begun."""
    ticks = iter(range(10_000))

    def left(seconds):
        begun = next(ticks)
        return lambda: seconds - (next(ticks) - begun)

    material = _board()
    assert len(_search(material, pursuit=Pursuit(left(0))).trials) == 1
    some = _search(material, pursuit=Pursuit(left(60)))
    more = _search(material, pursuit=Pursuit(left(3000)))
    assert 1 < len(some.trials) < len(more.trials)
    assert len(more.trials) > SETTINGS.search.trials
    assert capacity.USELESS < len(more.trials) < 100


def test_time_that_is_left_goes_into_seeds(monkeypatch):
    """As many as there is time for, by what the trials took; without a clock one."""
    seconds, spent = 400.0, [0.0]

    def grown(*given, grow=bench.Bench.grow):
        spent[0] += 2
        return grow(*given)

    monkeypatch.setattr(bench.Bench, "grow", grown)

    def left():
        return seconds - spent[0]

    for fits, seeds in ((1, capacity.SEEDS), (1e6, 1)):
        spent[0] = 0
        found = _search(_board(), pursuit=Pursuit(left, fits=fits))
        assert {member.seeds for member in found.members[ALL]} == {seeds}
    assert {member.seeds for member in _search(_board()).members[ALL]} == {1}


def test_large_data_are_tried_less_often():
    """The first of the design alone are tried where all trials would fit too many cells."""
    few = SETTINGS.model_copy(
        update={"search": SETTINGS.search.model_copy(update={"trials": 9, "cells": 1})}
    )
    found = search(_noise(), few, seed=3, threads=1)
    assert len(found.trials) == 1 + capacity.FIRST


@pytest.mark.parametrize("left", [None, lambda: 1e6])
def test_no_trial_has_more_leaves_than_the_settings_allow(left):
    """Neither by design nor by proposal, with a budget or without."""
    narrow = SETTINGS.model_copy(
        update={"search": SETTINGS.search.model_copy(update={"trials": 9, "leaves": 16})}
    )
    found = search(_noise(), narrow, seed=3, threads=1, pursuit=Pursuit(left))
    assert len(found.trials) >= 9
    assert {trial.capacity.shape for trial in found.trials} >= {"leafwise", "symmetric"}
    assert max(trial.capacity.leaves for trial in found.trials) <= 16


def test_a_choice_knows_nothing_of_the_rows_it_is_spared():
    """A pair of folds is fitted without both, and informs each by the other alone.

    Trees of either library may be as many as it takes to stop for what was learned.
    """
    whole = _board(n=1500)
    fold = np.arange(1500) % FOLDS
    rows = np.arange(1500)
    pairs = tuple(
        Split(
            rows[(fold != one) & (fold != other)],
            (
                Question(rows[fold == one], frozenset([f"fold {other}"])),
                Question(rows[fold == other], frozenset([f"fold {one}"])),
            ),
        )
        for one, other in ((0, 1), (0, 2), (1, 2))
    )
    crossed = replace(whole, splits=pairs)
    names = (ALL, *(f"fold {number}" for number in range(FOLDS)))
    flipped = replace(crossed, churned=np.where(fold == 1, ~whole.churned, whole.churned))
    far = SETTINGS.model_copy(update={"search": SETTINGS.search.model_copy(update={"rounds": 600})})
    one, other = (
        search(material, far, names=names, seed=3, threads=2) for material in (crossed, flipped)
    )
    assert {trial.capacity.shape for trial in one.trials} == {"leafwise", "symmetric"}
    assert all(member.capacity.rounds < 500 for member in one.members["fold 1"])
    assert other.members["fold 1"] == one.members["fold 1"]
    assert other.members["fold 0"] != one.members["fold 0"]
    assert other.members[ALL] != one.members[ALL]


def test_an_average_is_one_model_of_its_members():
    """Log-odds and contributions are the weighted means of the members', missing values too."""
    material = _noise()
    matrix = np.where(np.random.default_rng(1).random((900, 6)) < 0.1, np.nan, material.matrix)
    rows = (matrix.astype(np.float32), material.churned, np.ones(900))
    shapes = (
        ("leafwise", 2, 0.25),
        ("symmetric", 8, 0.25),
        ("levelwise", 4, 0.125),
        ("leafwise", 15, 0.375),
    )
    members = [
        Member(
            capacity=Capacity(rounds=12, leaves=leaves, min_leaf_rows=5, shape=shape), share=share
        )
        for shape, leaves, share in shapes
    ]
    members[-1] = members[-1].model_copy(update={"share": 0.375, "seeds": 2})
    whole = boost(*rows, SETTINGS, seed=1, threads=2, members=members)
    members[-1:] = [members[-1].model_copy(update={"share": 0.1875, "seeds": 1})] * 2
    alone = [
        boost(*rows, SETTINGS, seed=1 + at, threads=1,
              members=[member.model_copy(update={"share": 1.0})])
        for at, member in enumerate(members)
    ]  # fmt: skip
    for measure in ("raw_logit", "contributions"):
        parts = [getattr(model, measure)(rows[0]) for model in alone]
        mean = sum(member.share * part for member, part in zip(members, parts, strict=True))
        np.testing.assert_allclose(getattr(whole, measure)(rows[0]), mean, atol=1e-12)
    assert whole.to_bytes() == boost(*rows, SETTINGS, seed=1, threads=1, members=members).to_bytes()
    moves = [
        member.share * model.importance() for member, model in zip(members, alone, strict=True)
    ]
    np.testing.assert_allclose(whole.importance(), sum(moves))


def test_only_plain_rows_are_worth_an_average():
    """On rebalanced rows the member of the greatest share stands alone."""
    small, large = Capacity(leaves=3), Capacity(leaves=31)
    average = (Member(capacity=small, share=0.25), Member(capacity=large, share=0.75))
    assert members_of(average, "none") == average
    for method in ("weights", "undersampling"):
        assert members_of(average, method) == (Member(capacity=large, share=1.0),)
    assert members_of((), "weights") == ()
