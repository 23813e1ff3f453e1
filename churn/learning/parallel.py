"""Pieces of work side by side: a single fit leaves processors idle, several keep them busy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from threadpoolctl import threadpool_limits

from churn.learning.boosting import quiet

Done = TypeVar("Done")


def side_by_side(work: Sequence[Callable[[int], Done]], threads: int) -> list[Done]:
    """Do pieces of work side by side; return what each returns, in order.

    Each is told how many threads it may use itself, so that together they use all. Products of
    matrices take one: they are too small for several threads that wait for each other, and how many
    there are would change their last digits. Where one fails or the run is stopped, none is begun
    any more.
    """
    if not work:
        return []
    width = min(threads, len(work))
    each = -(-threads // width)
    ended = Event()

    def done(piece: Callable[[int], Done]) -> Done:
        if ended.is_set():
            raise CancelledError
        try:
            return piece(each)
        except BaseException:  # whatever it is, no further piece is begun; it is raised again
            ended.set()
            raise

    quiet()  # loads libraries that multiply: only what is loaded is held to one thread
    with (
        threadpool_limits(1, user_api="blas"),
        ThreadPoolExecutor(width, initializer=quiet) as pool,
    ):
        begun = [pool.submit(done, piece) for piece in work]
        try:
            return [one.result() for one in begun]
        except CancelledError:  # of a piece that was taken up just before another failed
            errors = (one.exception() for one in begun)
            raise next(
                one for one in errors if one and not isinstance(one, CancelledError)
            ) from None
        finally:
            ended.set()
