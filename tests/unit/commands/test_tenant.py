"""``auth0-widget tenant``: alone, and around another command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from auth0_widget.commands import cli

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from auth0_widget.commands.cli import main; sys.exit(main())",
]
SHOW = (
    "import os; print({k: v for k, v in sorted(os.environ.items()) if k.startswith('AUTH0_')}); "
    "raise SystemExit(7)"
)
KEYS = "/.well-known/jwks.json"
ASK = (
    "import httpx, os, sys\n"
    "for path in sys.argv[1:]: print(httpx.get(os.environ['AUTH0_DOMAIN'] + path).status_code)"
)


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_command_finds_the_tenant_and_gives_the_exit_code() -> None:
    done = run("tenant", "--auto-approve", "ada@example.com", "--", sys.executable, "-c", SHOW)
    assert done.returncode == 7
    assert "'AUTH0_DOMAIN': 'http://127.0.0.1:" in done.stdout
    assert "'AUTH0_CLIENT_ID': 'local-tenant-notebook'" in done.stdout
    assert "'AUTH0_WIDGET_FLOW': 'device'" in done.stdout


def test_a_job_brings_its_own_client_and_a_stranger_does_not() -> None:
    show = ("tenant", "--", sys.executable, "-c", SHOW)
    job = run(*show, AUTH0_CLIENT_ID="local-tenant-job", AUTH0_WIDGET_FLOW="client_credentials")
    assert "'AUTH0_CLIENT_ID': 'local-tenant-job'" in job.stdout
    assert "'AUTH0_WIDGET_FLOW': 'client_credentials'" in job.stdout
    real = run(*show, AUTH0_CLIENT_ID="of-a-real-tenant", AUTH0_DOMAIN="acme.eu.auth0.com")
    assert "'AUTH0_CLIENT_ID': 'local-tenant-notebook'" in real.stdout
    assert "acme" not in real.stdout


def test_the_failures_of_the_file_are_injected_in_order(tmp_path: Path) -> None:
    config = tmp_path / "tenant.toml"
    config.write_text(f'port = 0\n[[failures]]\npath = "{KEYS}"\nstatus = 503\n', encoding="utf-8")
    done = run("tenant", "--config", str(config), "--", sys.executable, "-c", ASK, *[KEYS] * 2)
    assert done.stdout.split() == ["503", "200"]


def test_a_failure_can_be_named_in_the_file(tmp_path: Path) -> None:
    config = tmp_path / "tenant.toml"
    config.write_text('[[failures]]\nendpoint = "jwks"\nkind = "rate_limited"\n', encoding="utf-8")
    done = run("tenant", "--config", str(config), "--", sys.executable, "-c", ASK, *[KEYS] * 2)
    assert done.stdout.split() == ["429", "200"]


def test_a_command_reaches_the_tenant_past_every_proxy() -> None:
    done = run(
        *("tenant", "--", sys.executable, "-c", ASK, KEYS),
        HTTP_PROXY="http://127.0.0.1:9",
        NO_PROXY="corp.example.com",
        no_proxy="",
    )
    assert done.stdout.split() == ["200"], done.stderr


def test_an_origin_of_the_command_line_is_allowed_and_no_other() -> None:
    ours, other = "https://jupyter.example.com", "https://other.example.com"
    pages = [
        "/authorize?"
        + urlencode(
            {
                "client_id": "local-tenant-notebook",
                "response_type": "code",
                "response_mode": "web_message",
                "redirect_uri": origin,
                "scope": "openid",
                "state": "s",
                "nonce": "n",
                "code_challenge": "c" * 43,
                "code_challenge_method": "S256",
            }
        )
        for origin in (ours, other)
    ]
    done = run("tenant", "--origin", ours, "--", sys.executable, "-c", ASK, *pages)
    assert done.stdout.split() == ["302", "403"]


def test_alone_it_says_how_to_find_it_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    config = tmp_path / "tenant.toml"
    config.write_text("port = 0", encoding="utf-8")
    command = [*COMMAND, "tenant", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert lines[0].startswith("Local tenant: http://127.0.0.1:")
    assert lines[1].startswith("export AUTH0_DOMAIN=http://127.0.0.1:")
    assert lines[2] == "export AUTH0_CLIENT_ID=local-tenant-notebook\n"
    assert "ada@example.com" in lines[3]


def test_a_port_in_use_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert cli.main(["tenant", "--port", str(taken.getsockname()[1])]) == 2
    assert "cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--", "no-such-command-anywhere"], "no-such-command-anywhere cannot be started"),
        (["--auto-approve", "nobody@example.com", "--", "true"], "nobody@example.com"),
        (["--config", "none.toml", "--", "true"], "none.toml"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert cli.main(["tenant", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1


def test_help_is_the_manual(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["tenant", "--help"])
    manual = capsys.readouterr().out
    assert "[[users]]" in manual
    assert "--auto-approve" in manual
