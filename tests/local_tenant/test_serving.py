"""Starting and stopping a tenant, which leaves nothing behind."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from auth0_widget.local_tenant import LocalTenant

from .notebook import ORIGIN, Notebook, http_client
from .test_login_pages import message, signed_in

DISCOVERY = "/.well-known/openid-configuration"


def test_it_listens_on_loopback_only() -> None:
    with LocalTenant() as tenant:
        assert tenant.url.startswith("http://127.0.0.1:")
        port = int(tenant.url.rpartition(":")[2])
        with socket.socket() as probe:
            probe.settimeout(2)
            # All of 127.0.0.0/8 would respond if it listened on every interface.
            assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_a_busy_port_is_an_os_error_at_start() -> None:
    with LocalTenant() as first:
        port = int(first.url.rpartition(":")[2])
        second = LocalTenant(port=port)
        with pytest.raises(OSError, match="in use"):
            second.start()


def test_stop_frees_the_port_and_joins_every_thread() -> None:
    before = set(threading.enumerate())
    tenant = LocalTenant().start()
    url = tenant.url
    assert httpx.get(url + DISCOVERY).status_code == 200
    tenant.stop()
    tenant.stop()
    assert set(threading.enumerate()) == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(url + DISCOVERY)


def test_stop_does_not_wait_for_idle_connections() -> None:
    tenant = LocalTenant().start()
    port = int(tenant.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)):
        httpx.get(tenant.url + DISCOVERY)
        began = time.monotonic()
        tenant.stop()
        assert time.monotonic() - began < 2


def test_no_connection_is_kept_that_a_stop_would_break() -> None:
    tenant = LocalTenant().start()
    with http_client(tenant) as client:
        assert client.get(DISCOVERY).headers["Connection"] == "close"
        tenant.stop()
        with pytest.raises(httpx.ConnectError):
            client.get(DISCOVERY)


def test_a_restarted_tenant_has_its_address_and_its_state() -> None:
    tenant = LocalTenant(origins=[ORIGIN]).start()
    notebook = Notebook(tenant)
    url, token = tenant.url, notebook.log_in()["access_token"]
    tenant.stop()
    with tenant.start():
        assert tenant.url == url
        assert notebook.userinfo(token).status_code == 200


def test_two_tenants_share_nothing() -> None:
    with LocalTenant(origins=[ORIGIN]) as one, LocalTenant(origins=[ORIGIN]) as two:
        for tenant in (one, two):
            tenant.confirms_non_verifiable_callbacks = False
        with httpx.Client() as visitor:
            for tenant in (one, two):
                visitor.base_url = httpx.URL(tenant.url)
                signed_in(visitor, Notebook(tenant))
            for tenant in (one, two):
                response = message(visitor.get(Notebook(tenant).authorize_url(prompt="none")))
                assert "code" in response
        token = Notebook(one).log_in()["access_token"]
        assert Notebook(two).userinfo(token).status_code == 401
        assert one.jwks != two.jwks


def test_the_address_needs_a_start() -> None:
    with pytest.raises(RuntimeError, match="before start"):
        LocalTenant().url  # noqa: B018 - the property raises


def test_the_log_says_what_this_is_and_holds_no_secret(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), LocalTenant(origins=[ORIGIN]) as tenant:
        notebook = Notebook(tenant)
        code = notebook.code(scope="openid profile email offline_access")
        tokens = notebook.redeem(code).json()
        refreshed = notebook.refresh(tokens["refresh_token"]).json()
        notebook.userinfo(tokens["access_token"])
        # httpx, the client of this test, logs the addresses it was given at INFO.
        mine = [entry for entry in caplog.records if not entry.name.startswith("http")]
    text = "\n".join(f"{entry.name} {entry.getMessage()}" for entry in mine)
    assert "never for real accounts" in text
    assert "POST /oauth/token 200" in text
    captured = capfd.readouterr()
    for secret in (
        code,
        notebook.verifier,
        tenant.password,
        *(value for value in {**tokens}.values() if isinstance(value, str) and len(value) > 30),
        refreshed["refresh_token"],
        refreshed["access_token"],
    ):
        assert secret not in text
        assert secret not in captured.out + captured.err


def test_without_flask_or_authlib_the_extra_is_named() -> None:
    program = (
        "import sys\n"
        "sys.modules['flask'] = None\n"
        "try:\n"
        "    import auth0_widget.local_tenant\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("MissingExtraError")
    assert "demo" in run.stdout
