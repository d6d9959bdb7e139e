"""Replaces locks and closes sockets in forked child processes.

``os.fork`` copies only the calling thread. If another thread holds a lock at that moment, the lock
stays locked in the child for ever. A socket is copied, too: it stays open until the child closes
its copy as well. `multiprocessing` forks by default on Linux up to Python 3.13.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

_LOCKS: dict[type, Callable[[], object]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
}
MAX_WAIT = 10.0
"""Seconds for which a fork waits, at most."""

_busy: dict[int, threading.Event] = {}
_owners: WeakKeyDictionary[object, int] = WeakKeyDictionary()
_sockets: WeakSet[socket.socket] = WeakSet()


def new_locks_after_fork(owner: object) -> None:
    """In each forked child process, replace the locks among an object's attributes.

    The object may be a module.
    """
    _owners[owner] = os.getpid()


def close_after_fork(endpoint: socket.socket) -> None:
    """In each forked child process, close its copy of a socket."""
    _sockets.add(endpoint)


def is_forked(owner: object) -> bool:
    """Whether `new_locks_after_fork` was called for this object in a parent of this process."""
    return _owners.get(owner, os.getpid()) != os.getpid()


@contextmanager
def forks_deferred() -> Iterator[None]:
    """Make `os.fork` in other threads wait until this block has ended.

    Use it while modules are imported. If another thread forked during the import, the child could
    never import that module: it would wait for the import lock for ever.
    """
    thread, done = threading.get_ident(), threading.Event()
    _busy[thread] = done
    try:
        yield
    finally:
        del _busy[thread]
        done.set()


def _before_fork() -> None:
    for thread, done in tuple(_busy.items()):
        if thread != threading.get_ident():
            done.wait(MAX_WAIT)


def _after_fork_in_child() -> None:
    _busy.clear()
    for owner in tuple(_owners):
        for name, value in tuple(vars(owner).items()):
            if type(value) in _LOCKS:
                setattr(owner, name, _LOCKS[type(value)]())
    for endpoint in tuple(_sockets):
        endpoint.close()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
