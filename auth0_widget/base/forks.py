"""Replaces locks and closes sockets in forked child processes.

``os.fork`` copies only the calling thread. If another thread holds a lock at that moment, the lock
stays locked in the child for ever. A socket is copied, too: it stays open until the child closes
its copy as well. `multiprocessing` forks by default on Linux up to Python 3.13.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_LOCKS: dict[type, Callable[[], object]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
}
MAX_WAIT = 10.0
"""Seconds for which a fork waits, at most."""

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


class _Imports:
    """Imports, of several threads at once, and no fork of another thread during them."""

    def __init__(self) -> None:
        self._forks = threading.Lock()  # of the thread that forks; no import begins meanwhile
        self._running: dict[int, threading.Event] = {}
        self._forking = threading.local()
        new_locks_after_fork(self)

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.get_ident()
        if thread in self._running:  # a block within a block
            yield
            return
        done = threading.Event()
        try:  # an interrupt may come as soon as the import counts as running
            with self._forks:
                self._running[thread] = done
            yield
        finally:
            self._running.pop(thread, None)  # in a forked child it is gone
            done.set()

    def before_fork(self) -> None:
        give_up_at = time.monotonic() + MAX_WAIT
        self._forking.waited = self._forks.acquire(timeout=MAX_WAIT)
        for thread, done in tuple(self._running.items()):
            if thread != threading.get_ident():
                done.wait(max(0.0, give_up_at - time.monotonic()))

    def after_fork_in_parent(self) -> None:
        if self._forking.waited:
            self._forks.release()

    def after_fork_in_child(self) -> None:
        self._running.clear()


_imports = _Imports()


def forks_deferred() -> AbstractContextManager[None]:
    """Make `os.fork` in other threads wait until this block has ended.

    Use it while modules are imported. If another thread forked during the import, the child could
    never import that module: it would wait for the lock of the import for ever, because Python
    does not release it there.
    """
    return _imports.running()


def _after_fork_in_child() -> None:
    _imports.after_fork_in_child()
    for owner in tuple(_owners):
        for name, value in tuple(vars(owner).items()):
            if type(value) in _LOCKS:
                setattr(owner, name, _LOCKS[type(value)]())
    for endpoint in tuple(_sockets):
        endpoint.close()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(
        before=_imports.before_fork,
        after_in_parent=_imports.after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
