from __future__ import annotations

import pytest

from auth0_widget import __version__
from auth0_widget.commands import cli
from auth0_widget.commands.demo import DemoError


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"auth0-widget {__version__}\n"


def test_without_a_command_it_shows_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([])
    assert end.value.code == 2
    assert "usage: auth0-widget" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8888.0", "http", "", "²"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["demo", f"--port={port}"])
    assert end.value.code == 2
    assert "is not a port: give a number from 1 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {"port": None, "open_browser": True}),
        (["--port", "8899", "--no-browser"], {"port": 8899, "open_browser": False}),
    ],
)
def test_options_reach_the_demo(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: dict[str, object]
) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(cli, "run_demo", lambda **options: given.update(options))
    assert cli.main(["demo", *arguments]) == 0
    assert given == expected


def test_an_error_is_one_line_on_stderr_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        message = "It rains."
        raise DemoError(message, next_step="Take an umbrella.")

    monkeypatch.setattr(cli, "run_demo", fail)
    assert cli.main(["demo"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "auth0-widget: It rains. Take an umbrella.\n"
