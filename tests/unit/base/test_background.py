from __future__ import annotations

import asyncio
import contextvars
import queue
import subprocess
import sys
import threading
from typing import Literal

import anyio
import anyio.to_thread
import pytest

from auth0_widget.base import background
from auth0_widget.base.background import in_background, run_in_thread
from auth0_widget.errors import Auth0WidgetError, StateError, UnexpectedError


@pytest.mark.parametrize("at_exit", ["drop", "finish"])
def test_work_in_the_background_is_another_thread_s_and_ends_with_the_program_unless_wanted(
    at_exit: Literal["drop", "finish"],
) -> None:
    worker: list[threading.Thread] = []
    done = threading.Event()

    def work() -> None:
        worker.append(threading.current_thread())
        done.set()

    in_background(work, at_exit=at_exit)
    assert done.wait(10)
    assert worker[0] is not threading.current_thread()
    assert worker[0].daemon == (at_exit == "drop")


def test_work_that_a_function_of_atexit_wants_done_is_done() -> None:
    script = (
        "import atexit, threading\n"
        "from auth0_widget.base.background import in_background\n"
        "def work():\n"
        "    threading.Event().wait(0.2)  # as long as a request\n"
        "    print('done')\n"
        "atexit.register(in_background, work, at_exit='finish')\n"
    )
    output = subprocess.check_output([sys.executable, "-c", script], timeout=60)
    assert output.strip() == b"done"


@pytest.mark.parametrize("at_exit", ["drop", "finish"])
def test_where_python_starts_no_thread_any_more_work_is_done_in_this_one(
    at_exit: Literal["drop", "finish"], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    worker: list[threading.Thread] = []
    in_background(lambda: worker.append(threading.current_thread()), at_exit=at_exit)
    assert worker == [threading.current_thread()]


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[Auth0WidgetError]:
    monkeypatch.setattr(background, "_start", lambda work, **_: work())
    return []


def test_work_that_is_done_has_not_failed(failures: list[Auth0WidgetError]) -> None:
    in_background(lambda: None, failures.append)
    assert failures == []


def test_what_was_foreseen_is_told_as_it_is_without_its_frames(
    failures: list[Auth0WidgetError],
) -> None:
    def refuse() -> None:
        try:
            int("secret")
        except ValueError as error:
            raise StateError from error

    in_background(refuse, failures.append)
    (failure,) = failures
    assert type(failure) is StateError
    assert (failure.__traceback__, failure.__cause__, failure.__context__) == (None, None, None)


def test_what_was_not_is_told_by_name_and_the_log_says_where_and_not_what(
    failures: list[Auth0WidgetError], caplog: pytest.LogCaptureFixture
) -> None:
    in_background(lambda: int("secret"), failures.append)
    (failure,) = failures
    assert type(failure) is UnexpectedError
    assert (failure.__traceback__, failure.__cause__, failure.__context__) == (None, None, None)
    assert "unexpected: ValueError < <lambda> (test_background.py:" in caplog.text
    assert "secret" not in caplog.text
    assert caplog.records[0].exc_info is None


@pytest.mark.usefixtures("failures")
def test_where_nobody_wants_to_know_the_log_still_does(caplog: pytest.LogCaptureFixture) -> None:
    in_background(lambda: int("x"))
    assert "unexpected: ValueError" in caplog.text


def test_beside_the_loop_the_loop_goes_on() -> None:
    async def main() -> bool:
        loop, ticked = asyncio.get_running_loop(), threading.Event()
        loop.call_soon(ticked.set)
        return await run_in_thread(lambda: ticked.wait(10))

    assert asyncio.run(main())


def test_a_script_with_nest_asyncio_exits_after_work_beside_the_loop() -> None:
    script = (
        "import asyncio, nest_asyncio\n"
        "from auth0_widget.base.background import run_in_thread\n"
        "nest_asyncio.apply()\n"
        "async def main():\n"
        "    asyncio.run(run_in_thread(int))\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_work_prints_into_the_cell_that_started_it() -> None:
    cell: contextvars.ContextVar[str] = contextvars.ContextVar("cell")

    async def run() -> str:
        cell.set("this one")
        printed: queue.SimpleQueue[str] = queue.SimpleQueue()
        in_background(lambda: in_background(lambda: printed.put(cell.get(""))))
        return await run_in_thread(cell.get) + printed.get(timeout=60)

    assert asyncio.run(run()) == "this one" * 2


def test_work_beside_the_loop_raises_where_it_is_awaited() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        asyncio.run(run_in_thread(lambda: int("x")))


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_work_that_waits_takes_no_thread_from_other_work(library: str) -> None:
    released = threading.Event()

    async def wait(results: list[bool]) -> None:
        results.append(await run_in_thread(lambda: released.wait(60)))

    async def main() -> None:
        results: list[bool] = []
        async with anyio.create_task_group() as waiting:
            for _ in range(50):
                waiting.start_soon(wait, results)
            await anyio.wait_all_tasks_blocked()
            if library == "asyncio":
                await asyncio.to_thread(released.set)
            else:
                await anyio.to_thread.run_sync(released.set)
        assert results == [True] * 50

    anyio.run(main, backend=library)
