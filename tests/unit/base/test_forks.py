"""Forks wait for what must not be cut in two."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")

# Hooks that were registered last run first: the module goes on loading when the fork has begun.
FORK_WHILE_A_MODULE_LOADS = """
import os, sys, threading
from auth0_widget.base import forks
forking, loading = threading.Event(), threading.Event()
os.register_at_fork(before=forking.set)

def load():
    with forks.forks_wait():
        loading.set()
        forking.wait()
        sum(range(3_000_000))
        done.append(True)

done = []
thread = threading.Thread(target=load)
thread.start()
loading.wait()
child = os.fork()
if child == 0:
    os._exit(0 if done and not forks._busy else 1)
thread.join()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

FORK_IN_THE_THREAD_ITSELF = """
import os, sys
from auth0_widget.base import forks
forks.LONGEST_WAIT = 3600
with forks.forks_wait():
    child = os.fork()
    if child == 0:
        os._exit(0)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("program", [FORK_WHILE_A_MODULE_LOADS, FORK_IN_THE_THREAD_ITSELF])
def test_a_fork_waits_for_modules_that_other_threads_load(program: str) -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)
