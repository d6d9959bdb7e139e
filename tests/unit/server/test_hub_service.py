"""The JupyterHub service that serves the callback page for all users."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from auth0_widget.config import is_callback_page
from auth0_widget.errors import InvalidSettingError
from auth0_widget.server.callback_page import HEADERS
from auth0_widget.server.hub_service import make_application

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "/services/auth0-widget/"
PAGE = f"{PREFIX}callback"
COMMAND = [sys.executable, "-m", "auth0_widget.server.hub_service"]


@contextlib.contextmanager
def running() -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """The service, started as the hub starts it, and a client."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    variables = {"JUPYTERHUB_SERVICE_URL": url, "JUPYTERHUB_SERVICE_PREFIX": PREFIX}
    process = subprocess.Popen(
        COMMAND, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    transport = httpx.HTTPTransport(retries=9)  # with half a second, a second, … between them
    with process, httpx.Client(base_url=url, trust_env=False, transport=transport) as client:
        try:
            yield client, process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def service() -> Iterator[httpx.Client]:
    with running() as (client, _):
        yield client


def test_everybody_is_given_the_page_and_nothing_else(
    service: httpx.Client,
) -> None:
    response = service.get(PAGE)
    assert response.status_code == 200
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert "You can close this window" in response.text
    assert "Set-Cookie" not in response.headers
    for path in ("/", PREFIX, f"{PAGE}/more", f"/x{PAGE}", PAGE.replace("-", ".")):
        assert service.get(path).status_code == 404


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_it_is_there_to_be_looked_at_only(service: httpx.Client, method: str) -> None:
    assert service.request(method, PAGE).status_code == 405


@pytest.mark.parametrize(
    "handler", [signal.default_int_handler, signal.SIG_IGN], ids=["heard", "ignored"]
)
def test_it_says_nothing_of_what_it_is_asked_and_ends_without_a_word(handler: Any) -> None:
    before = signal.signal(signal.SIGINT, handler)  # what it has from the hub
    with contextlib.ExitStack() as stack:
        try:
            client, process = stack.enter_context(running())
        finally:
            signal.signal(signal.SIGINT, before)
        for path in (PAGE, "/elsewhere"):
            client.get(path, params={"code": "the-code", "state": "the-state"})
        process.send_signal(signal.SIGINT)  # as the hub ends it
        printed, _ = process.communicate(timeout=30)
    assert printed == b""


def test_kernels_take_its_address_for_a_callback_page() -> None:
    assert is_callback_page(f"https://hub.example.com{PAGE}", "https://hub.example.com")


@pytest.mark.parametrize("prefix", ["/services/login/", "/services/", "/"])
def test_under_another_name_no_kernel_would_take_it(prefix: str) -> None:
    with pytest.raises(InvalidSettingError, match=re.escape('name the service "auth0-widget"')):
        make_application(prefix)


def test_whoever_starts_it_by_hand_is_told_so() -> None:
    done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "JupyterHub has not started this" in done.stderr
