"""Threat 37: a failed request to the tenant proves nothing.

Each request of this package fails in each way, with a real local tenant. docs/failure-table.md says
what is left afterwards and what the person reads; these tests keep it true.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from lifetimes import end_in

from auth0_widget.errors import Auth0WidgetError, TokenRequestError
from auth0_widget.flows.client_credentials import SECRET_VARIABLE, log_in_as_application
from auth0_widget.flows.device import poll
from auth0_widget.local_tenant.failures import path_of
from auth0_widget.oauth import transport as transport_module
from auth0_widget.oauth.transport import Transport
from auth0_widget.session import renewal as renewal_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.local_tenant.failures import Failure

PAGE = Path(__file__).parents[2] / "docs" / "failure-table.md"

TROUBLE: dict[str, tuple[str, dict[str, Any]]] = {
    "HTTP 500": ("server_error", {}),
    "HTTP 502": ("bad_gateway", {}),
    "HTTP 503": ("unavailable", {}),
    "JSON with the words of HTTP 500": ("http_error", {"status": 500}),
    "JSON with the words of HTTP 502": ("http_error", {"status": 502}),
    "JSON with the words of HTTP 503": ("http_error", {"status": 503}),
    "HTTP 429": ("rate_limited", {"retry_after": 7}),
    "HTTP 429 with access_denied": ("rate_limited", {"retry_after": 7, "error": "access_denied"}),
    "JSON with the words of HTTP 429": ("http_error", {"status": 429}),
    "redirect": ("redirect", {}),
    "HTML (HTTP 200)": ("captive_portal", {}),
    "HTML (HTTP 401)": ("proxy_page", {"status": 401}),
    "HTML (HTTP 403)": ("proxy_page", {}),
    "JSON with the words of HTTP 401": ("http_error", {"status": 401}),
    "JSON with the words of HTTP 403": ("http_error", {"status": 403}),
    "JSON of a proxy (HTTP 200)": ("proxy_json", {"status": 200}),
    "JSON of a proxy (HTTP 403)": ("proxy_json", {}),
    "JSON of a proxy (HTTP 407)": ("proxy_json", {"status": 407}),
    "JSON with the words of HTTP 404": ("http_error", {"status": 404}),
    "cut JSON": ("cut_json", {}),
    "no response": ("no_answer", {}),
    "slow": ("slow", {}),
    "connection cut before the request arrived": ("cut", {}),
    "connection cut in the response": ("cut_body", {}),
    "connection cut after the request was processed": ("answer_lost", {}),
}
"""The name on the page → the kind of the local tenant's failure, and its details."""

OWN_SENTENCES = "JSON of a proxy (HTTP 200)"
"""Of this failure each request has a sentence of its own: it says what the response lacks."""

RESPONSE_LOST = ("no_answer", "slow", "cut", "cut_body", "answer_lost")
AFTER_ITS_WORK = ("cut_json", "slow", "cut_body", "answer_lost")


class Network:
    """A failure of the requests to the tenant."""

    def __init__(
        self, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch, kind: str, options: Any
    ) -> None:
        self.tenant = tenant
        self.kind = kind
        self._monkeypatch, self._options = monkeypatch, options

    @contextlib.contextmanager
    def failing(self, endpoint: str) -> Iterator[Failure]:
        """Each request to this endpoint fails, and is not waited for as long as people wait."""
        failure = self.tenant.fail(endpoint, self.kind, times=None, **self._options)  # type: ignore[arg-type]
        ask_once = Transport._request_once

        def impatient(transport: Transport, method: str, path: str, *details: Any) -> Any:
            with self._monkeypatch.context() as patience:
                if path == path_of(endpoint) and self.kind in {"no_answer", "slow"}:
                    patience.setattr(transport_module, "DEADLINE", 0.2)
                return ask_once(transport, method, path, *details)

        with self._monkeypatch.context() as patch:
            patch.setattr(Transport, "_request_once", impatient)
            yield failure
        failure.clear()
        assert failure.requests > 0, "nothing was asked"


class Outcome(NamedTuple):
    """What one kind of trouble has led to.

    Attributes:
        left: What is left.
        requests: How often was asked.
        problem: What the person reads, if anything.
    """

    left: str
    requests: int
    problem: str | None = None


def code_exchange(kernel: Kernel, network: Network) -> Outcome:
    response = network.tenant.sign_in(kernel.open())
    with network.failing("token") as failure:
        kernel.receive("authorization_response", response=response)
    assert kernel.login.status == "error"
    assert failure.requests == (2 if network.kind in RESPONSE_LOST else 1)
    problem = kernel.login.problem
    assert kernel.log_in(), "the next login works"
    return Outcome("The login fails.", failure.requests, str(problem))


def profile(kernel: Kernel, network: Network) -> Outcome:
    response = network.tenant.sign_in(kernel.open())
    with network.failing("userinfo") as failure:
        kernel.receive("authorization_response", response=response)
    session = kernel.login.session
    assert session is not None
    assert session.user.email == "ada@example.com"
    left = "The person is logged in, with the profile that the ID token has."
    return Outcome(left, failure.requests)


def signing_keys(kernel: Kernel, network: Network) -> Outcome:
    with network.failing("jwks") as failure:
        kernel.receive("authorization_response", response=network.tenant.sign_in(kernel.open()))
    assert kernel.login.status == "error"
    assert network.tenant.requests["/oauth/revoke"] == 0
    problem = kernel.login.problem
    assert kernel.log_in(), "the next login works"
    return Outcome("The login fails.", failure.requests, str(problem))


def device_codes(kernel: Kernel, network: Network) -> Outcome:
    with network.failing("device_code") as failure, pytest.raises(Auth0WidgetError) as problem:
        kernel.login.tenant.device_authorization()
    assert problem.value.passing
    return Outcome("No code is shown.", failure.requests, str(problem.value))


def device_poll(kernel: Kernel, network: Network) -> Outcome:
    remote = kernel.login.tenant
    codes = remote.device_authorization()
    waited: list[float] = []
    with contextlib.ExitStack() as trouble:
        failure = trouble.enter_context(network.failing("token"))

        def pause(seconds: float) -> bool:
            waited.append(seconds)
            if len(waited) == 2:
                trouble.close()
                network.tenant.approve_device(codes.user_code, "ada@example.com")
            return False

        assert poll(remote, codes, pause, clock=lambda: 0)
    assert waited[1] > waited[0]
    left = (
        f"The code stays valid, and the next poll follows after {waited[1]:.0f} seconds, not "
        f"{waited[0]:.0f}."
    )
    return Outcome(left, failure.requests)


def device_poll_after_approval(kernel: Kernel, network: Network) -> Outcome:
    remote = kernel.login.tenant
    codes = remote.device_authorization()
    network.tenant.approve_device(codes.user_code, "ada@example.com")
    polls = 0
    with contextlib.ExitStack() as trouble:
        failure = trouble.enter_context(network.failing("token"))

        def pause(_: float) -> bool:
            nonlocal polls
            polls += 1
            if polls == 2:
                trouble.close()
            return False

        try:
            assert poll(remote, codes, pause, clock=lambda: 0)
        except TokenRequestError as error:
            problem = error
        else:
            return Outcome("The next poll logs the person in.", failure.requests)
    assert network.kind in AFTER_ITS_WORK
    assert "response to your login was lost" in problem.message
    left = "The code is spent. The person reads that the response was lost, and to get a new code."
    return Outcome(left, failure.requests)


def renewal(kernel: Kernel, network: Network) -> Outcome:
    session = kernel.log_in()
    before = session.access_token
    with network.failing("token") as failure, pytest.raises(Auth0WidgetError) as problem:
        session.renew()
    assert problem.value.passing
    assert failure.requests == (2 if network.kind in RESPONSE_LOST else 1)
    assert session.access_token == before
    try:
        session.renew()
    except TokenRequestError:
        assert network.kind in AFTER_ITS_WORK
        assert session.access_token == before
        later = (
            "The tenant had replaced the refresh token, and refuses the old one the next time: the "
            "session lasts until its access token expires."
        )
    else:
        assert session.access_token != before
        later = "The session is as it was and can be renewed later."
    return Outcome(later, failure.requests, str(problem.value))


def renewal_of_what_is_over(kernel: Kernel, network: Network) -> Outcome:
    network.tenant._context.settings.applications[0].refresh_token_overlap = 60
    session = kernel.log_in()
    end_in(session, -1)
    with network.failing("token") as failure, pytest.raises(Auth0WidgetError) as problem:
        _ = session.access_token
    assert problem.value.passing
    assert kernel.login.status == "authenticated"
    assert session.access_token
    left = (
        f"The call waits for up to a minute and {failure.requests} requests at growing intervals; "
        "then it fails. The session is as it was."
    )
    return Outcome(left, 1, str(problem.value))


def renewal_with_overlap(kernel: Kernel, network: Network) -> Outcome:
    network.tenant._context.settings.applications[0].refresh_token_overlap = 60
    outcome = renewal(kernel, network)
    assert "can be renewed later" in outcome.left
    return outcome


def renewal_while_good(kernel: Kernel, network: Network) -> Outcome:
    session = kernel.log_in()
    before = session.access_token
    end_in(session, 30)
    with network.failing("token") as failure:
        assert session.access_token == before
    assert session.active
    left = "The call uses the access token, which is still valid."
    return Outcome(left, failure.requests)


def client_credentials(kernel: Kernel, network: Network) -> Outcome:
    with network.failing("token") as failure, pytest.raises(Auth0WidgetError) as problem:
        log_in_as_application(kernel.login, lambda _: False)
    assert problem.value.passing
    assert log_in_as_application(kernel.login, lambda _: False), "the next try works"
    return Outcome("The job has no token.", failure.requests, str(problem.value))


def _restored(
    kernel: Kernel, network: Network, record: str, endpoint: str, first_step: Callable[[], None]
) -> Outcome:
    first_step()
    with network.failing(endpoint) as failure:
        kernel.find(record)
    assert kernel.login.session is None
    assert kernel.last("store") is None, "nothing is removed"
    problem = kernel.last("state")["problem"]
    kernel.find(record)
    assert kernel.login.session is not None, "and the next attempt takes it up"
    told = f"{problem['message']} {problem['next_step']}"
    return Outcome("The record stays.", failure.requests, told)


def sealed(
    new_kernel: Callable[..., Kernel], network: Network, cold: Callable[[], None]
) -> Outcome:
    first = new_kernel()
    first.log_in()
    return _restored(new_kernel(), network, first.stored(), "jwks", cold)


def unsealed(new_kernel: Callable[..., Kernel], network: Network, _cold: Any) -> Outcome:
    first = new_kernel()
    first.log_in()
    stored = first.tamper(first.stored(), scope="openid")
    return _restored(new_kernel(), network, stored, "userinfo", lambda: None)


def revocation(kernel: Kernel, network: Network, log: pytest.LogCaptureFixture) -> Outcome:
    kernel.log_in()
    log.clear()
    with network.failing("revoke") as failure:
        kernel.login.logout()
    told = "the refresh token could not be revoked" in log.text
    assert kernel.login.status == "logged_out"
    assert "ended_at" in kernel.stored()
    if not told:
        assert network.kind == "slow", "which takes no time where the response is empty"
        return Outcome("The logout is complete, and the refresh token revoked.", failure.requests)
    left = "The logout is complete; the log says that the refresh token is not revoked."
    return Outcome(left, failure.requests)


REQUESTS: dict[str, Callable[..., Outcome]] = {
    "A login: the code is exchanged": code_exchange,
    "A login: the profile is asked for": profile,
    "A login: the signing keys are fetched": signing_keys,
    "A device login: a code is requested": device_codes,
    "A device login: a poll": device_poll,
    "A device login: the poll after the approval": device_poll_after_approval,
    "A job that logs in as itself (client credentials)": client_credentials,
    "A renewal by `session.renew()`": renewal,
    "The same, if the tenant has a rotation overlap of a minute": renewal_with_overlap,
    "A renewal ahead of time: the access token is still valid": renewal_while_good,
    "A call whose access token has expired, with the same overlap": renewal_of_what_is_over,
    "A stored session with a seal: the signing keys are fetched": sealed,
    "A stored session without a seal: the tenant confirms it": unsealed,
    "A logout: the refresh token is revoked": revocation,
}


def _left(outcomes: dict[str, Outcome]) -> str:
    """What is left, by outcome → the kinds of trouble."""
    once = next(iter(outcomes.values())).requests
    groups: dict[str, list[str]] = {}
    for trouble, outcome in outcomes.items():
        again = "The request is sent again at once, once. " if outcome.requests > once else ""
        groups.setdefault(f"{again}{outcome.left}", []).append(trouble)
    if len(groups) == 1:
        return "\n".join(groups)
    return "\n".join(f"* {left} ({'; '.join(trouble)})" for left, trouble in groups.items())


def _read(outcomes: dict[str, Outcome]) -> str:
    """What the person reads, if anything: by text, the kinds of trouble."""
    groups: dict[str, list[str]] = {}
    for trouble, outcome in outcomes.items():
        if outcome.problem is not None and trouble != OWN_SENTENCES:
            text = re.sub(r"127\.0\.0\.1:\d+", "acme.eu.auth0.com", outcome.problem)
            text = re.sub(r"(time|early) \(/\S+\)", r"\1 (/oauth/token)", text)
            groups.setdefault(text, []).append(trouble)
    return "\n".join(f"| {'; '.join(trouble)} | {text} |" for text, trouble in groups.items())


@pytest.mark.parametrize("title", REQUESTS)
def test_threat_37_trouble_on_the_way_is_no_proof_of_anything(  # noqa: PLR0917
    title: str,
    new_kernel: Callable[..., Kernel],
    tenant: LocalTenant,
    monkeypatch: pytest.MonkeyPatch,
    private_home: Path,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    shown: Any,
) -> None:
    monkeypatch.setattr(
        renewal_module, "_jitter", lambda seconds: seconds
    )  # the table has one outcome

    def cold() -> None:
        """Delete the cached keys, as on a machine that has never used this tenant."""
        for cached in (private_home / "cache").rglob("keys-*.json"):
            cached.unlink()

    application = {}
    if REQUESTS[title] is client_credentials:
        job = next(one for one in tenant._context.settings.applications if one.client_secret)
        monkeypatch.setenv(SECRET_VARIABLE, str(job.client_secret))
        application = {"client_id": job.client_id, "audience": next(iter(job.client_grants))}
    outcomes: dict[str, Outcome] = {}
    for name, (kind, options) in TROUBLE.items():
        cold()
        network = Network(tenant, monkeypatch, kind, options)
        if REQUESTS[title] in (sealed, unsealed):
            outcomes[name] = REQUESTS[title](new_kernel, network, cold)
        elif REQUESTS[title] is revocation:
            outcomes[name] = revocation(new_kernel(), network, caplog)
        else:
            outcomes[name] = REQUESTS[title](new_kernel(**application), network)
    section, read = f"## {title}\n\n{_left(outcomes)}\n", _read(outcomes)
    if request.config.getoption("--failure-table"):
        is_first = title == next(iter(REQUESTS))
        text = f"{_HEAD}{read}" if is_first else PAGE.read_text(encoding="utf-8")
        PAGE.write_text(f"{text.rstrip()}\n\n{section}", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    assert f"\n{section}" in page, _HOW_TO_WRITE
    assert read in page, _HOW_TO_WRITE
    shown("nothing is lost")


_HOW_TO_WRITE = "run: pytest -n 0 -p no:randomly tests/security/test_trouble.py --failure-table"

_HEAD = """# When the network or the tenant fails

A failure that may pass deletes nothing: a stored session stays, a device login goes on, a refresh
token is kept. On this page each request of auth0-widget has failed in each way, with a real local
tenant; `tests/security/test_trouble.py` writes the page and keeps it true.

A GET whose connection is cut is sent again at once. A POST is not, with two exceptions. If no
response to a refresh token comes, the same token is sent once more: the tenant may have replaced
it, and accepts it again within its overlap period. If no response to the code of a login comes, the
code is sent once more, over a new connection: the first one was open while the person typed, and
may have ended. If the tenant has received both, it refuses the second, and the login fails with
what happened to the first. A connection that has been idle for 50 seconds is not used again.

A refusal by the tenant is not on this page: an OAuth error such as `invalid_grant` with HTTP 400,
401 or 403, or `access_denied` with HTTP 500 where an Action denied the login. Only an error code
that is known to be a refusal ends the use of a refresh token.

## What the person reads

The sentences are the same for every request; the path is that of the request. Only for JSON with
HTTP 200 that is not the tenant's, the sentence says what the response lacks: tokens, keys, codes or
a person. Where a section below says that the login, the call or the logout goes on, the person
reads nothing, and the log has the failure.

| failure | what the person reads |
|---|---|
"""
