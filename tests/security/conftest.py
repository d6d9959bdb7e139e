from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from .hostile import HostileServer
from .threats import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from auth0_widget.errors import Auth0WidgetError

NOW = 1_800_000_000
HERE = Path(__file__).parent

_table = pytest.StashKey[Table]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--security-table", help="write the table of threats to this file")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_table] = Table()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call" and item.path.is_relative_to(HERE):
        answers = [value for name, value in item.user_properties if name == "answer"]
        item.config.stash[_table].add(item.name, answers, passed=report.passed)
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    table, path = config.stash[_table], config.getoption("--security-table")
    if table.cases:
        terminalreporter.write_line(f"{table.cases} hostile cases against the threat list")
    if path:
        Path(path).write_text(table.markdown(), encoding="utf-8")


@pytest.fixture
def shown(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Put into the table what the case was answered with."""
    return lambda answer: request.node.user_properties.append(("answer", answer))


@pytest.fixture
def refused(shown: Callable[[str], None]) -> Callable[..., Any]:
    """Like `pytest.raises`, for just this class and none below it."""

    @contextlib.contextmanager
    def expect(error: type[Auth0WidgetError]) -> Iterator[pytest.ExceptionInfo[Auth0WidgetError]]:
        with pytest.raises(error) as refusal:
            yield refusal
        assert type(refusal.value) is error
        assert refusal.value.message
        assert refusal.value.next_step
        shown(f"`{error.code}`")

    return expect


@pytest.fixture
def hostile() -> Iterator[HostileServer]:
    """A server on loopback that answers as the test says."""
    with HostileServer() as server:
        yield server


@pytest.fixture
def stopped() -> Iterator[time_machine.Traveller]:
    """The clock, stopped; its ``shift`` moves it."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock
