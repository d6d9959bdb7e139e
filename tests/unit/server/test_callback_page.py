"""The callback page in a real Jupyter Server, in whose environment the package is installed."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import httpx
import pytest
from traitlets.config import Config

from auth0_widget.commands.demo import JupyterLab, usable_port
from auth0_widget.doctor.servers import Server
from auth0_widget.server import _load_jupyter_server_extension
from auth0_widget.server.callback_page import HEADERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_server.serverapp import ServerApp

# JupyterHub quotes what is odd in a name; the dot would match anything in a regular expression.
BASE_URL = "/user/ada.l%40example.com/"
PAGE = "auth0-widget/callback"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    lab = JupyterLab(
        tmp_path_factory.mktemp("server"),
        port=usable_port(0),
        environment={},
        options=[
            "--ServerApp.allow_unauthenticated_access=False",
            "--LabApp.extension_manager=readonly",
            "--log-level=DEBUG",
        ],
        base_url=BASE_URL,
    )
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def stranger(server: JupyterLab) -> Iterator[httpx.Client]:
    """A client that is not logged in to the server."""
    with httpx.Client(base_url=server.root, trust_env=False) as client:
        yield client


def test_a_stranger_is_given_the_page_and_nothing_else(stranger: httpx.Client) -> None:
    response = stranger.get(PAGE)
    assert response.status_code == 200
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert "You can close this window" in response.text
    assert stranger.get("api/contents").status_code in {302, 403}


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_page_is_there_to_be_looked_at_only(stranger: httpx.Client, method: str) -> None:
    response = stranger.request(method, PAGE)
    assert response.status_code in {403, 405}  # tornado looks for its XSRF token before the method
    assert "close this window" not in response.text
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", [f"{PAGE}/more", f"x/{PAGE}"])
def test_the_page_is_at_one_address(stranger: httpx.Client, path: str) -> None:
    assert "close this window" not in stranger.get(path, follow_redirects=True).text


def test_the_path_is_no_pattern(server: JupyterLab) -> None:
    url = f"{server.origin}{BASE_URL.replace('ada.l', 'ada-l')}{PAGE}"
    assert "close this window" not in httpx.get(url, trust_env=False).text


@pytest.mark.parametrize("page", ["lab", "tree"])
def test_the_front_ends_tell_their_pages_where_it_is(server: JupyterLab, page: str) -> None:
    response = httpx.get(
        f"{server.root}/{page}", params={"token": server.token}, follow_redirects=True
    )
    (config,) = re.findall(
        r'<script id="jupyter-config-data" type="application/json">(.*?)</script>',
        response.text,
        re.DOTALL,
    )
    assert json.loads(config)["auth0WidgetCallback"] == f"{BASE_URL}{PAGE}"


def test_a_hub_may_name_the_page_that_it_serves_for_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK_PAGE", "/services/auth0-widget/callback")
    server = SimpleNamespace(
        web_app=SimpleNamespace(settings={"base_url": "/"}, add_handlers=lambda *_: None),
        config=Config(Auth0Widget={"keep_refresh_tokens": False}),
    )
    _load_jupyter_server_extension(cast("ServerApp", server))
    told = server.web_app.settings["page_config_data"]
    assert told == {"auth0WidgetCallback": "/services/auth0-widget/callback"}


def test_the_doctor_sees_the_page_where_it_is(server: JupyterLab) -> None:
    assert Server(server.origin, BASE_URL).serves_callback_page()
    assert not Server(server.origin, "/").serves_callback_page()


def test_neither_code_nor_state_is_in_the_log(server: JupyterLab, stranger: httpx.Client) -> None:
    for method in ("OPTIONS", "GET"):  # a refusal is logged as a warning, a success never
        stranger.request(method, PAGE, params={"code": "the-code", "state": "the-state"})
    assert f"{PAGE}?code=[secret]" in server.log()
    assert "the-code" not in server.log()
    assert "the-state" not in server.log()
