"""``auth0-widget setup`` prints what makes the right application."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from auth0_widget.commands import cli

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = "http://localhost:8888"
HUB = "https://hub.example.com"
CONFIRMATION = "Non-Verifiable Callback URI End-User Confirmation"


@pytest.fixture(autouse=True)
def no_servers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["setup", *arguments]) == 0
    return capsys.readouterr().out


def command(text: str, beginning: str) -> list[str]:
    """The words of one printed command, as a shell splits it."""
    (line,) = [line for line in text.splitlines() if line.strip(" #").startswith(beginning)]
    return shlex.split(line.strip(" #"))


def options(words: list[str]) -> dict[str, str]:
    return {name: value for name, value in itertools.pairwise(words) if name[:2] == "--"}


def test_a_new_application(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--origin", LOCAL, "--origin", HUB)
    words = command(text, "auth0 apps create")
    both = f"{LOCAL},{HUB}"
    given = options(words)
    assert json.loads(given.pop("--refresh-token")) == {
        "rotation_type": "rotating",
        "expiration_type": "expiring",
        "leeway": 60,
    }
    assert given == {
        "--name": "Notebooks",
        "--type": "native",
        "--auth-method": "None",
        "--grants": "code,refresh-token,device-code",
        "--callbacks": both,
        "--web-origins": both,
        "--logout-urls": both,
    }
    assert "auth0-widget doctor" in text


def test_the_callback_of_a_link_where_the_notebooks_are_on_this_machine(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = "http://127.0.0.1:18484/auth0-widget/callback"
    text = printed(capsys, "--origin", LOCAL)
    given = options(command(text, "auth0 apps create"))
    assert given["--callbacks"] == f"{LOCAL},{link}"
    assert given["--web-origins"] == LOCAL
    assert f"Allowed Callback URLs: {LOCAL}, {link}" in text
    monkeypatch.setenv("AUTH0_WIDGET_LOOPBACK_PORT", "20000")
    assert "http://127.0.0.1:20000/auth0-widget/callback" in printed(capsys, "--origin", LOCAL)
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "popup")
    assert "127.0.0.1" not in printed(capsys, "--origin", LOCAL)


def test_an_application_that_there_is_already(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_CLIENT_ID", "our-client")
    text = printed(capsys, "--origin", LOCAL)
    assert command(text, "auth0 apps update")[3] == "our-client"
    assert "replaces whole lists" in text
    assert "--name" not in text
    named = printed(capsys, "--origin", LOCAL, "--client-id", "another")
    assert command(named, "auth0 apps update")[3] == "another"


def test_the_callback_page_where_it_was_chosen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK", "page")
    given = options(command(printed(capsys, "--origin", HUB), "auth0 apps create"))
    assert given["--callbacks"] == f"{HUB}/auth0-widget/callback"
    assert given["--web-origins"] == HUB


def test_the_confirmation_page_is_named_for_this_machine_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    local = printed(capsys, "--origin", LOCAL)
    assert CONFIRMATION in local
    patch = command(local, "auth0 api patch")
    assert patch[:4] == ["auth0", "api", "patch", "clients/CLIENT_ID"]
    assert json.loads(patch[5]) == {"skip_non_verifiable_callback_uri_confirmation_prompt": True}
    assert CONFIRMATION not in printed(capsys, "--origin", HUB)
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "loopback")
    assert CONFIRMATION in printed(capsys, "--origin", HUB), "the link leads to this machine"


@pytest.mark.parametrize("client_id", ["$(reboot)", "a b\nrm -rf ~", "abc\n"])
def test_what_a_shell_would_run_is_no_client_id(
    capsys: pytest.CaptureFixture[str], client_id: str
) -> None:
    assert cli.main(["setup", "--origin", LOCAL, "--client-id", client_id]) == 2
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "The client ID (argument client_id or AUTH0_CLIENT_ID) is malformed" in seen.err


@pytest.mark.parametrize(
    ("flow", "kind"),
    [("hub", "Regular Web Application"), ("client_credentials", "Machine to Machine")],
)
def test_the_application_of_a_hub_or_a_job_is_not_made_one_of_notebooks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, flow: str, kind: str
) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", flow)
    assert cli.main(["setup", "--origin", LOCAL]) == 2
    seen = capsys.readouterr()
    assert seen.out == ""
    assert kind in seen.err


def test_without_an_address_a_window_s_urls_are_not_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "popup")
    text = printed(capsys)
    assert "needs no URLs" not in text
    assert "2. Settings: the URLs that this command prints with --origin" in text


def test_an_address_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["setup", "--origin", "localhost:8888"]) == 2
    assert "http://localhost:8888" in capsys.readouterr().err


@pytest.mark.parametrize("flow", ["auto", "loopback"])
def test_without_an_address_a_link_is_set_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, flow: str
) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", flow)
    text = printed(capsys)
    given = options(command(text, "auth0 apps create"))
    assert given["--callbacks"] == "http://127.0.0.1:18484/auth0-widget/callback"
    assert given["--grants"] == "code,refresh-token,device-code"
    assert {"--web-origins", "--logout-urls"}.isdisjoint(given)
    assert "auth0-widget setup --origin http://localhost:8888" in text
    assert CONFIRMATION in text


def test_without_an_address_a_code_needs_no_urls(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "device")
    text = printed(capsys)
    assert "--callbacks" not in text
    assert "a login with a code needs no URLs" in text
    assert CONFIRMATION not in text


def test_it_starts_no_process_and_opens_no_connection(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    server = {"url": f"{LOCAL}/", "base_url": "/", "pid": os.getpid(), "port": 8888}
    (tmp_path / "jpserver-1.json").write_text(json.dumps(server), encoding="utf-8")
    printed(capsys)  # what is imported now is not heard below
    heard: list[str] = []
    watched: tuple[str, ...] = (
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "socket.",
    )

    def hear(event: str, _: object) -> None:
        if event.startswith(watched):
            heard.append(event)

    sys.addaudithook(hear)
    text = printed(capsys, "--client-id", "our-client")
    watched = ()  # the hook stays as long as the process runs
    assert LOCAL in text
    assert heard == []
