"""The server extension, and the callback page, as the doctor sees them."""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from auth0_widget.doctor.servers import Server, extension, running_servers

if TYPE_CHECKING:
    from pathlib import Path

    from auth0_widget.config import ResponseDelivery
    from auth0_widget.local_tenant import LocalTenant


@pytest.mark.parametrize(("callback", "verdict"), [("message", "note"), ("page", "bad")])
def test_a_server_without_the_page_matters_where_the_page_was_chosen(
    tenant: LocalTenant, callback: str, verdict: str
) -> None:
    # Any web server that has no such page will do.
    finding = extension([Server(tenant.url, "/")], callback)  # type: ignore[arg-type]
    assert finding.verdict == verdict
    assert "does not serve the callback page" in finding.said
    assert "jupyter server extension enable" in (finding.next_step or "")


@pytest.mark.parametrize(("callback", "way"), [("message", None), ("page", "window")])
def test_a_server_that_cannot_be_asked_may_have_the_page(
    callback: ResponseDelivery, way: str | None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    finding = extension([Server(f"https://localhost:{port}", "/")], callback)
    assert (finding.verdict, finding.way) == ("note", way)
    assert f"The Jupyter Server at localhost:{port} could not be reached" in finding.said
    assert "auth0-widget/callback" in (finding.next_step or "")


def test_where_no_server_runs_the_configuration_is_read() -> None:
    assert extension([], "page").verdict == "good"


def test_an_environment_without_a_server_has_no_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyter_server.services.config", None)
    assert extension([], "page").verdict == "bad"


def test_servers_that_run_are_found_without_their_tokens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    assert running_servers() == []
    told = {
        "url": "http://localhost:8888/user/",
        "base_url": "/user/",
        "token": "the-token",
        "pid": os.getpid(),
    }
    (tmp_path / f"jpserver-{os.getpid()}.json").write_text(json.dumps(told), encoding="utf-8")
    assert running_servers() == [Server("http://localhost:8888", "/user/")]
