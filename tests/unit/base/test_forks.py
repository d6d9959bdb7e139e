"""Locks and sockets in a forked child; logins there: tests/unit/notebook/test_forked_kernel.py."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from auth0_widget.base.forks import forks_deferred, is_forked, new_locks_after_fork

if TYPE_CHECKING:
    from pathlib import Path

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")

# A module that loads until the fork has begun, and a bit longer.
SLOW_MODULE = """
import __main__
__main__.loading.set()
__main__.forking.wait(60)
sum(range(3_000_000))
"""

BEGINNING = """
import os, signal, sys, threading
forking, loading = threading.Event(), threading.Event()

def load():
    with forks.forks_deferred():
        import slow_module

def fork_and_import():
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # ends a child that hangs
        forking.set()
        import slow_module
        os._exit(0)
    forking.set()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""

# Hooks that were registered last run first: the module goes on loading when the fork has begun.
FORK_WHILE_A_MODULE_LOADS = f"""
{BEGINNING}
from auth0_widget.base import forks
os.register_at_fork(before=forking.set)
threading.Thread(target=load).start()
loading.wait()
sys.exit(fork_and_import())
"""

# This hook runs after that of the package: another thread wants to import when the fork has begun.
IMPORT_WHILE_A_FORK_BEGINS = f"""
{BEGINNING}
def begin_to_import():
    threading.Thread(target=load).start()
    loading.wait(0.5)

os.register_at_fork(before=begin_to_import)
from auth0_widget.base import forks
sys.exit(fork_and_import())
"""

FORK_IN_THE_THREAD_ITSELF = """
import os, sys
from auth0_widget.base import forks
forks.MAX_WAIT = 3600
with forks.forks_deferred():
    child = os.fork()
    if child == 0:
        with forks.forks_deferred():
            os._exit(0)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


class Owner:
    def __init__(self) -> None:
        self.lock = threading.Lock()


@needs_fork
def test_a_lock_that_another_thread_holds_is_free_in_the_child() -> None:
    # In a process of its own, because forking one with the tests' threads would be a warning.
    program = textwrap.dedent("""
        import os, threading
        from auth0_widget.base.forks import forks_deferred, is_forked, new_locks_after_fork

        class Owner:
            def __init__(self):
                self.lock, self.reentrant = threading.Lock(), threading.RLock()
                self.name, self.event = "kept", threading.Event()

        owner, forgotten = Owner(), Owner()
        new_locks_after_fork(owner)
        held, over = threading.Event(), threading.Event()

        def hold():
            with owner.lock, owner.reentrant, forgotten.lock:
                held.set()
                over.wait(60)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(60)
        event = owner.event
        if os.fork() == 0:
            free = [
                lock.acquire(blocking=False)
                for lock in (owner.lock, owner.reentrant, forgotten.lock)
            ]
            print(*free, owner.name, owner.event is event, flush=True)
            print(is_forked(owner), is_forked(forgotten), flush=True)
            os._exit(0)
        os.wait()
        print(is_forked(owner), owner.lock.locked(), flush=True)
        over.set()
        thread.join()
    """)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "True True False kept True",
        "True False",
        "False True",
    ], done.stderr


@needs_fork
def test_a_socket_is_closed_in_the_child_and_stays_open_in_its_parent() -> None:
    program = textwrap.dedent("""
        import os, socket
        from auth0_widget.base.forks import close_after_fork

        ours, theirs = socket.socketpair()
        close_after_fork(ours)
        if os.fork() == 0:
            print(ours.fileno(), flush=True)
            os._exit(0)
        os.wait()
        ours.sendall(b"still open")
        print(theirs.recv(99).decode())
        ours.close()
        theirs.close()
    """)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == ["-1", "still open"], done.stderr


def test_what_this_process_made_is_not_forked() -> None:
    owner = Owner()
    new_locks_after_fork(owner)
    assert not is_forked(owner)
    assert not is_forked(Owner())


def test_an_owner_is_not_kept_alive() -> None:
    owner = Owner()
    new_locks_after_fork(owner)
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


@needs_fork
@pytest.mark.parametrize(
    "program", [FORK_WHILE_A_MODULE_LOADS, IMPORT_WHILE_A_FORK_BEGINS, FORK_IN_THE_THREAD_ITSELF]
)
def test_a_child_can_import_what_another_thread_was_importing(program: str, tmp_path: Path) -> None:
    (tmp_path / "slow_module.py").write_text(SLOW_MODULE, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        timeout=60,
    )


def test_the_imports_of_two_threads_do_not_wait_for_each_other() -> None:
    both = threading.Barrier(2)

    def load() -> int:
        with forks_deferred(), forks_deferred():
            return both.wait(60)

    with ThreadPoolExecutor(2) as pool:
        assert {call.result(60) for call in [pool.submit(load), pool.submit(load)]} == {0, 1}
