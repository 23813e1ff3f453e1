"""Work side by side: in order, on all threads, and no further once a piece has failed."""

import threading
import time

import pytest
from threadpoolctl import threadpool_info

from churn.learning import parallel
from churn.learning.parallel import side_by_side


@pytest.mark.parametrize(("threads", "each"), [(1, 1), (2, 1), (3, 1), (4, 2), (16, 6)])
def test_all_threads_are_used_and_answers_come_in_order(threads, each):
    """Three pieces: each is told its part of the threads, rounded up."""
    assert side_by_side([lambda told, at=at: (at, told) for at in range(3)], threads) == [
        (at, each) for at in range(3)
    ]
    assert side_by_side([], threads) == []


def test_pieces_are_at_work_at_once_and_products_take_one_thread():
    """Two wait for each other; neither could end alone."""
    both = threading.Barrier(2, timeout=20)

    def piece(_threads):
        both.wait()
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    assert side_by_side([piece, piece], 2) == [{1}, {1}]


def test_what_has_not_begun_is_not_begun_after_a_failure():
    """The failure is raised as it is; the last piece waits in vain."""
    done = []

    def fails(_threads):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        side_by_side([fails, *[lambda _: done.append(1)] * 50], 1)
    assert len(done) < 50


def test_the_failure_is_told_and_not_what_it_cancelled(monkeypatch):
    """Also where a piece before it in order was held up until then."""

    def fails(_threads):
        raise ZeroDivisionError

    class HeldUp(parallel.ThreadPoolExecutor):
        def submit(self, run, piece):
            if piece is fails:
                return super().submit(run, piece)
            return super().submit(lambda: time.sleep(0.2) or run(piece))

    monkeypatch.setattr(parallel, "ThreadPoolExecutor", HeldUp)
    with pytest.raises(ZeroDivisionError):
        side_by_side([lambda _: None, fails], 2)
