"""Threat 41: who may open the top bar's channel (`server.top_bar`), and what is sent over it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from kernel import ABLE
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from auth0_widget.commands.demo import JupyterLab, usable_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHANNEL = "/auth0-widget/top-bar"
PAGE = "p-" + "0" * 32


def _lab(folder: Path, *options: str, **environment: str) -> JupyterLab:
    return JupyterLab(
        folder,
        port=usable_port(0),
        environment={"AUTH0_DOMAIN": "acme.eu.auth0.com", "AUTH0_CLIENT_ID": "client"}
        | environment,
        options=["--LabApp.extension_manager=readonly", "--log-level=DEBUG", *options],
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    lab = _lab(tmp_path_factory.mktemp("server"))
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def cookie(server: JupyterLab) -> str:
    """The cookies that a browser sends to Jupyter after a login, for any page."""
    with httpx.Client(base_url=server.root, trust_env=False, follow_redirects=True) as browser:
        browser.get("/lab", params={"token": server.token}).raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def _said(server: JupyterLab, *messages: str, wanted: int = 0, **headers: str) -> list[Any]:
    """The server's responses to these messages. The token is in the header unless one is given."""

    async def talk() -> list[Any]:
        request = HTTPRequest(
            f"{server.root.replace('http', 'ws')}{CHANNEL}",
            headers={"Authorization": f"token {server.token}"} | headers,
        )
        socket = await websocket_connect(request)
        for message in messages:
            await socket.write_message(message)
        said = [json.loads(str(await socket.read_message())) for _ in range(wanted)]
        socket.close()
        while await socket.read_message() is not None:
            pass  # until the other side has closed it, too
        return said

    return asyncio.run(asyncio.wait_for(talk(), 60))


def _hello(**changed: Any) -> str:
    hello = {"type": "hello", "page": PAGE, "origin": "http://localhost:1", **ABLE}
    return json.dumps(hello | changed)


def test_threat_41_who_has_jupyters_token_gets_replies(server: JupyterLab, shown: Any) -> None:
    (ready,) = _said(server, _hello(), wanted=1)
    assert ready["type"] == "ready"
    assert ready["authorize_url"].startswith("https://acme.eu.auth0.com/authorize?")
    shown("answered")


@pytest.mark.parametrize("token", ["", "token ", "token wrong", "Bearer wrong"])
def test_threat_41_a_request_without_jupyters_token(
    server: JupyterLab, shown: Any, token: str
) -> None:
    with pytest.raises(HTTPClientError) as refusal:
        _said(server, Authorization=token)
    assert refusal.value.code == 403
    shown("403")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1",
        "http://localhost:1",
        "vscode-webview://x",
    ],
)
def test_threat_41_a_page_of_another_origin(
    server: JupyterLab, cookie: str, shown: Any, origin: str
) -> None:
    with pytest.raises(HTTPClientError) as refusal:
        _said(server, Origin=origin, Cookie=cookie, Authorization="")
    assert refusal.value.code == 403
    shown("403")


def test_threat_41_somebody_who_may_read_but_run_nothing(tmp_path: Path, shown: Any) -> None:
    (tmp_path / "only_reads.py").write_text(
        "from jupyter_server.auth import Authorizer\n"
        "class OnlyReads(Authorizer):\n"
        "    def is_authorized(self, handler, user, action, resource):\n"
        "        return action == 'read'\n"
    )
    server = _lab(
        tmp_path,
        "--ServerApp.authorizer_class=only_reads.OnlyReads",
        PYTHONPATH=str(tmp_path),
    )
    try:
        server.start()
        with pytest.raises(HTTPClientError) as refusal:
            _said(server)
    finally:
        server.stop()
    assert refusal.value.code == 403
    shown("403")


def test_threat_41_its_own_page_may(server: JupyterLab, cookie: str, shown: Any) -> None:
    (ready,) = _said(
        server, _hello(), wanted=1, Origin=server.origin, Cookie=cookie, Authorization=""
    )
    assert ready["to"] == PAGE
    shown("answered")


def test_threat_41_a_plain_request_gets_nothing(server: JupyterLab, shown: Any) -> None:
    response = httpx.get(
        f"{server.root}{CHANNEL}",
        headers={"Authorization": f"token {server.token}"},
        trust_env=False,
    )
    assert response.status_code == 400
    shown("400")


@pytest.mark.parametrize(
    "message",
    ["", "[]", "{]", '{"type": "hello"}', "[" * 10_000, '{"type": "log_out"}', "x" * 600_000],
    ids=lambda text: text[:20],
)
def test_threat_41_a_message_that_is_malformed_is_dropped(
    server: JupyterLab, shown: Any, message: str
) -> None:
    (ready,) = _said(server, message, _hello(), wanted=1)
    assert ready["type"] == "ready"
    shown("dropped")


def test_threat_41_nothing_of_it_is_in_the_servers_log(server: JupyterLab, shown: Any) -> None:
    (ready,) = _said(server, _hello(), wanted=1)
    _said(server, json.dumps({"type": "stored_record", "page": PAGE, "record": "canary-record"}))
    state = ready["authorize_url"].partition("state=")[2].partition("&")[0]
    assert len(state) > 20
    log = server.log()
    assert CHANNEL in log, "it is the log of these requests"
    for secret in (state, "canary-record", server.token):
        assert secret not in log
    shown("nothing")
