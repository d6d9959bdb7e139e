"""What a real JupyterHub gives a server, and what it refuses; without a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from auth0_widget.local_tenant.person import Person

if TYPE_CHECKING:
    from hub_process import HubProcess

    from auth0_widget.local_tenant import LocalTenant

pytestmark = [
    pytest.mark.hub,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads it in /proc"),
]

ADA, GRACE = "ada@example.com", "grace@example.com"
LOG_IN = """
from auth0_widget import Auth0WidgetError, LoginWidget
try:
    print(LoginWidget().wait(timeout=60).user.email)
except Auth0WidgetError as error:
    print(error.code)
"""


def start_server(hub: HubProcess, email: str, password: str) -> dict[str, str]:
    """Log in to the hub, as a browser does. Returns the environment of the server that starts."""
    hub.home(email)
    with httpx.Client(base_url=hub.origin, trust_env=False, timeout=120) as browser:
        browser.get("/hub/login")
        asked = browser.get("/hub/oauth_login", params={"next": ""}).headers["Location"]
        with Person(hub.tenant.url if hub.tenant else "", email, password) as person:
            response = person.authorize(asked)
        browser.get("/hub/oauth_callback", params=response, follow_redirects=True)
        while True:
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    command = (process / "cmdline").read_bytes()
                    environ = (process / "environ").read_bytes().decode().split("\0")
                except OSError:
                    continue
                variables = dict(line.split("=", 1) for line in environ if "=" in line)
                whose = variables.get("HUB_URL"), variables.get("JUPYTERHUB_USER")
                if b"jupyterhub.singleuser" in command and whose == (hub.origin, email):
                    return variables
            assert browser.get("/hub/home").is_success


@pytest.fixture(scope="module")
def servers(hub: HubProcess) -> dict[str, dict[str, str]]:
    """User → the environment of their server."""
    tenant = hub.tenant
    assert tenant is not None
    return {email: start_server(hub, email, tenant.password) for email in (ADA, GRACE)}


def run(environment: dict[str, str], **changed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOG_IN],
        env={**environment, **changed},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.strip()


def test_each_server_has_its_owner_s_login(
    servers: dict[str, dict[str, str]], tenant: LocalTenant
) -> None:
    before = tenant.requests["/oauth/token"]
    assert {email: run(variables) for email, variables in servers.items()} == {
        ADA: ADA,
        GRACE: GRACE,
    }
    assert tenant.requests["/oauth/token"] == before


def test_the_token_of_another_server_is_no_way_to_its_owner(
    servers: dict[str, dict[str, str]],
) -> None:
    theirs = servers[GRACE]["JUPYTERHUB_API_TOKEN"]
    assert run(servers[ADA], JUPYTERHUB_API_TOKEN=theirs) == "hub_user"
    assert run(servers[ADA], JUPYTERHUB_USER=GRACE) == "hub_user"


@pytest.mark.parametrize(("token", "code"), [("made-up", "hub_token"), ("", "no_hub")])
def test_a_token_that_is_none(servers: dict[str, dict[str, str]], token: str, code: str) -> None:
    assert run(servers[ADA], JUPYTERHUB_API_TOKEN=token) == code


def test_the_server_s_token_may_do_no_more_than_that(
    hub: HubProcess, servers: dict[str, dict[str, str]]
) -> None:
    variables = servers[ADA]
    headers = {"Authorization": f"token {variables['JUPYTERHUB_API_TOKEN']}"}
    with httpx.Client(
        base_url=variables["JUPYTERHUB_API_URL"], headers=headers, trust_env=False
    ) as api:
        scopes = {scope.partition("!")[0] for scope in api.get("user").json()["scopes"]}
        assert scopes == {
            "access:servers",
            "admin:auth_state",
            "read:users:activity",
            "read:users:groups",
            "read:users:name",
            "users:activity",
        }
        assert api.get(f"users/{GRACE}").status_code == 404
        assert api.get("users").status_code == 403
    assert httpx.get(f"{hub.origin}/services/auth0-widget/callback", trust_env=False).is_success
