"""What a forked child must not share with its parent: locks, which nobody releases there.

``os.fork`` copies one thread. A lock that another thread held at that moment stays locked in the
child for ever, so each is replaced there. `multiprocessing` forks by default on Linux up to
Python 3.13.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOCKS: dict[type, Callable[[], object]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
}
LONGEST_WAIT = 10.0
"""Seconds that a fork waits at most."""

_busy: dict[int, threading.Event] = {}
_owners: WeakKeyDictionary[object, int] = WeakKeyDictionary()


def new_locks_after_fork(owner: object) -> None:
    """Have the locks that are attributes of an object replaced in a forked child."""
    _owners[owner] = os.getpid()


def is_forked(owner: object) -> bool:
    """Whether an object, given to `new_locks_after_fork` once, was made by a parent process."""
    return _owners.get(owner, os.getpid()) != os.getpid()


@contextmanager
def forks_wait() -> Iterator[None]:
    """Have `os.fork`, in other threads, wait for the end of this: of loading modules, above all.

    A module that is being loaded in one thread keeps others from it; a forked child would wait for
    it for ever.
    """
    thread, over = threading.get_ident(), threading.Event()
    _busy[thread] = over
    try:
        yield
    finally:
        del _busy[thread]
        over.set()


def _in_the_parent() -> None:
    for thread, over in tuple(_busy.items()):
        if thread != threading.get_ident():
            over.wait(LONGEST_WAIT)


def _in_the_child() -> None:
    _busy.clear()
    for owner in tuple(_owners):
        for name, value in tuple(vars(owner).items()):
            if type(value) in _LOCKS:
                setattr(owner, name, _LOCKS[type(value)]())


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_in_the_parent, after_in_child=_in_the_child)
