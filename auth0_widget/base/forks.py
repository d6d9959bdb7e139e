"""What a forked child must not share with its parent: locks, which nobody releases there.

``os.fork`` copies one thread. A lock that another thread held at that moment stays locked in the
child for ever, so each is replaced there. `multiprocessing` forks by default on Linux up to
Python 3.13.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

_LOCKS: dict[type, Callable[[], object]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
}
_owners: WeakKeyDictionary[object, int] = WeakKeyDictionary()


def new_locks_after_fork(owner: object) -> None:
    """Have the locks that are attributes of an object replaced in a forked child."""
    _owners[owner] = os.getpid()


def is_forked(owner: object) -> bool:
    """Whether an object, given to `new_locks_after_fork` once, was made by a parent process."""
    return _owners.get(owner, os.getpid()) != os.getpid()


def _in_the_child() -> None:
    for owner in tuple(_owners):
        for name, value in tuple(vars(owner).items()):
            if type(value) in _LOCKS:
                setattr(owner, name, _LOCKS[type(value)]())


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_in_the_child)
