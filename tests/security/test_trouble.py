"""Threat 37: trouble on the way to the tenant is no proof of anything.

Each request that we make meets each kind of trouble, once, at a real local tenant. What is left
afterwards and what the person reads stands in docs/failure-table.md, which these tests keep true.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import respx

from auth0_widget.errors import Auth0WidgetError
from auth0_widget.flows.device import poll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

PAGE = Path(__file__).parents[2] / "docs" / "failure-table.md"

_HTML = b"<html><title>Welcome to the hotel</title></html>"
TROUBLE: dict[str, httpx.Response | Exception] = {
    "HTTP 500": httpx.Response(500),
    "HTTP 502": httpx.Response(502, content=_HTML),
    "HTTP 503": httpx.Response(503),
    "HTTP 429": httpx.Response(429, headers={"Retry-After": "7"}),
    "redirect": httpx.Response(302, headers={"Location": "http://hotel.example/"}),
    "HTML": httpx.Response(200, content=_HTML),
    "cut JSON": httpx.Response(200, content=b'{"access_token": "a'),
    "no answer": httpx.ConnectTimeout("x"),
    "slow": httpx.ReadTimeout("x"),
    "cut connection": httpx.RemoteProtocolError("Server disconnected without sending a response."),
}


class Network:
    """The way to the tenant: fails for one path, for as long as it is told to."""

    def __init__(self, router: respx.Router) -> None:
        self.failing: tuple[str, httpx.Response | Exception] | None = None
        router.route().mock(side_effect=self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response | httpx.Request:
        if self.failing is None or request.url.path != self.failing[0]:
            return request  # passes through, to the real tenant
        trouble = self.failing[1]
        if isinstance(trouble, Exception):
            raise trouble
        return httpx.Response(
            trouble.status_code, headers=trouble.headers, stream=httpx.ByteStream(trouble.content)
        )


@pytest.fixture
def network() -> Iterator[Network]:
    with respx.mock(assert_all_called=False) as router:
        yield Network(router)


def code_exchange(kernel: Kernel, tenant: LocalTenant, network: Network, trouble: Any) -> str:
    response = tenant.sign_in(kernel.open())
    network.failing = ("/oauth/token", trouble)
    kernel.receive("answer", response=response)
    network.failing = None
    assert kernel.login.status == "error"
    problem = kernel.login.problem
    assert problem is not None
    assert kernel.log_in(), "the next login works"
    return f"The login ends. {problem}"


def profile(kernel: Kernel, tenant: LocalTenant, network: Network, trouble: Any) -> str:
    response = tenant.sign_in(kernel.open())
    network.failing = ("/userinfo", trouble)
    kernel.receive("answer", response=response)
    network.failing = None
    session = kernel.login.session
    assert session is not None
    assert session.user.email == "ada@example.com"
    return "The person is logged in, with the profile that the ID token has."


def signing_keys(kernel: Kernel, tenant: LocalTenant, network: Network, trouble: Any) -> str:
    network.failing = ("/.well-known/jwks.json", trouble)
    kernel.receive("answer", response=tenant.sign_in(kernel.open()))
    network.failing = None
    assert kernel.login.status == "error"
    assert tenant.requests["/oauth/revoke"] == 0
    problem = kernel.login.problem
    assert problem is not None
    return f"The login ends. {problem}"


def device_poll(kernel: Kernel, tenant: LocalTenant, network: Network, trouble: Any) -> str:
    remote = kernel.login.tenant
    codes = remote.device_authorization()
    tenant.approve_device(codes.user_code, "ada@example.com")
    network.failing = ("/oauth/token", trouble)
    waited: list[float] = []

    def pause(seconds: float) -> bool:
        waited.append(seconds)
        if len(waited) > 1:
            network.failing = None
        return False

    assert poll(remote, codes, pause, clock=lambda: 0)
    assert waited[1] > waited[0]
    return f"Asked again after {waited[1]:.0f} seconds instead of {waited[0]:.0f}."


def renewal(kernel: Kernel, _tenant: LocalTenant, network: Network, trouble: Any) -> str:
    session = kernel.log_in()
    before = session.access_token
    network.failing = ("/oauth/token", trouble)
    with pytest.raises(Auth0WidgetError) as failure:
        session.renew()
    network.failing = None
    assert failure.value.passing
    assert session.access_token == before
    session.renew()
    assert session.access_token != before
    return f"The session is as it was and can be renewed later. {failure.value}"


def _restored(kernel: Kernel, network: Network, record: str, path: str, trouble: Any) -> str:
    network.failing = (path, trouble)
    kernel.find(record)
    network.failing = None
    assert kernel.login.session is None
    assert kernel.last("store") is None, "nothing is removed"
    problem = kernel.last("state")["problem"]
    kernel.find(record)
    assert kernel.login.session is not None, "and the next attempt takes it up"
    return f"The record stays. {problem['message']} {problem['next_step']}"


def sealed(
    new_kernel: Callable[..., Kernel], network: Network, cold: Callable[[], None], trouble: Any
) -> str:
    record = new_kernel()
    record.log_in()
    stored = record.stored()
    cold()
    return _restored(new_kernel(), network, stored, "/.well-known/jwks.json", trouble)


def unsealed(
    new_kernel: Callable[..., Kernel], network: Network, _cold: Callable[[], None], trouble: Any
) -> str:
    first = new_kernel()
    first.log_in()
    stored = first.tamper(first.stored(), scope="openid")
    return _restored(new_kernel(), network, stored, "/userinfo", trouble)


def revocation(kernel: Kernel, _tenant: LocalTenant, network: Network, trouble: Any) -> str:
    kernel.log_in()
    network.failing = ("/oauth/revoke", trouble)
    kernel.login.logout()
    network.failing = None
    assert kernel.login.status == "logged_out"
    assert "ended_at" in kernel.stored()
    return "The logout is complete; the log says that the tenant may still take the refresh token."


REQUESTS: dict[str, Callable[..., str]] = {
    "A login: the code is exchanged": code_exchange,
    "A login: the profile is asked for": profile,
    "A login: the signing keys are fetched": signing_keys,
    "A device login: a poll": device_poll,
    "A renewal": renewal,
    "A stored session with a seal: the signing keys are fetched": sealed,
    "A stored session without a seal: the tenant confirms it": unsealed,
    "A logout: the refresh token is revoked": revocation,
}


def _section(title: str, rows: dict[str, str]) -> str:
    groups: dict[str, list[str]] = {}
    for trouble, outcome in rows.items():
        groups.setdefault(re.sub(r"127\.0\.0\.1:\d+", "acme.eu.auth0.com", outcome), []).append(
            trouble
        )
    lines = [f"| {', '.join(trouble)} | {outcome} |" for outcome, trouble in groups.items()]
    head = [f"## {title}", "", "| trouble | what is left, what is read |", "|---|---|"]
    return "\n".join([*head, *lines]) + "\n"


@pytest.mark.parametrize("title", REQUESTS)
def test_threat_37_trouble_on_the_way_is_no_proof_of_anything(  # noqa: PLR0917
    title: str,
    new_kernel: Callable[..., Kernel],
    tenant: LocalTenant,
    network: Network,
    private_home: Path,
    request: pytest.FixtureRequest,
    shown: Any,
) -> None:
    def cold() -> None:
        """As on a machine that has never seen this tenant."""
        for cached in (private_home / "cache").rglob("keys-*.json"):
            cached.unlink()

    rows: dict[str, str] = {}
    for name, trouble in TROUBLE.items():
        cold()
        if REQUESTS[title] in (sealed, unsealed):
            rows[name] = REQUESTS[title](new_kernel, network, cold, trouble)
        else:
            rows[name] = REQUESTS[title](new_kernel(), tenant, network, trouble)
    section = _section(title, rows)
    if request.config.getoption("--failure-table"):
        text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else _HEAD
        before = re.search(rf"## {re.escape(title)}\n.*?(?=\n## |\Z)", text, re.DOTALL)
        text = (
            text.replace(before[0], section.rstrip("\n") + "\n")
            if before
            else text.rstrip("\n") + "\n\n" + section
        )
        PAGE.write_text(text, encoding="utf-8")
    assert section.strip() in PAGE.read_text(encoding="utf-8"), (
        "run: pytest -n 0 -p no:randomly tests/security/test_trouble.py --failure-table"
    )
    shown("nothing is lost")


_HEAD = """# When the network or the tenant fails

A failure that proves nothing deletes nothing: a stored session stays, a device login goes on, a
refresh token is kept. Each request that auth0-widget makes met each kind of trouble once, at a real
local tenant; `tests/security/test_trouble.py` writes these tables and keeps them true.

A well-formed OAuth error is the tenant's own word, whatever the HTTP status, and is not in here.
"""
