"""Threats 8, 16 and 17: responses that do not belong to this login."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from kernel import ORIGIN, PAGE, Kernel

from auth0_widget.errors import AuthorizationError, LoginDeniedError, LoginTooLongError, StateError
from auth0_widget.oauth import authorization_request
from auth0_widget.oauth.authorization_request import LIFETIME, PendingRequests, code_from_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.local_tenant import LocalTenant

ISSUER = "https://acme.eu.auth0.com/"
OTHER_PAGE = "page-1111-1111-1111"


def _state(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


SPOILED: dict[str, Callable[[str], dict[str, Any]]] = {
    "wrong": lambda _: {"state": "x" * 43},
    "empty": lambda _: {"state": ""},
    "missing": lambda _: {},
    "cut": lambda state: {"state": state[:-1]},
    "longer": lambda state: {"state": state + "x"},
    "other case": lambda state: {"state": state.swapcase()},
    "space": lambda state: {"state": f" {state}"},
    "not ASCII": lambda state: {"state": state + "é"},
    "half a surrogate": lambda state: {"state": state + "\ud800"},
    "a list": lambda state: {"state": [state]},
    "twice": lambda state: {"state": f"{state},{state}"},
    "null": lambda _: {"state": None},
}


@pytest.mark.parametrize("kind", SPOILED)
def test_threat_08_a_state_that_is_not_ours(
    kernel: Kernel, tenant: LocalTenant, shown: Any, kind: str
) -> None:
    response = tenant.sign_in(kernel.open())
    kernel.receive(
        "authorization_response",
        response={"code": response["code"], **SPOILED[kind](response["state"])},
    )
    assert tenant.requests["/oauth/token"] == 0
    assert kernel.login.session is None
    if kernel.login.problem is None:
        shown("dropped")
    else:
        assert type(kernel.login.problem) is StateError
        shown(f"`{StateError.code}`")
    kernel.receive("authorization_response", response=response)
    assert kernel.login.session is not None, "the right response is still accepted"


def test_threat_08_a_response_twice(kernel: Kernel, tenant: LocalTenant, shown: Any) -> None:
    response = tenant.sign_in(kernel.open())
    for _ in range(3):
        kernel.receive("authorization_response", response=response)
    assert tenant.requests["/oauth/token"] == 1
    assert kernel.login.session is not None, "the login itself is untouched"
    shown("one token request")


def test_threat_08_a_code_nobody_asked_for(kernel: Kernel, tenant: LocalTenant, shown: Any) -> None:
    kernel.receive("hello", origin=ORIGIN)
    state = _state(kernel.last("ready")["authorize_url"])
    kernel.receive("authorization_response", response={"code": "injected", "state": state})
    assert tenant.requests["/oauth/token"] == 0
    assert kernel.login.session is None
    shown("no token request")


def test_threat_08_the_response_to_another_page(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    response = tenant.sign_in(kernel.open())
    kernel.open(OTHER_PAGE)
    kernel.receive("authorization_response", OTHER_PAGE, response=response)
    assert tenant.requests["/oauth/token"] == 0
    assert kernel.login.session is None
    shown(f"`{StateError.code}`")


def test_threat_08_the_response_to_another_kernel(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    attacker, victim = new_kernel(), new_kernel()
    response = tenant.sign_in(attacker.open(), "alan@example.com")
    victim.open()
    victim.receive("authorization_response", response=response)
    assert type(victim.login.problem) is StateError
    assert tenant.requests["/oauth/token"] == 0
    shown(f"`{StateError.code}`")


def test_threat_08_somebody_else_s_code_with_our_state(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    attacker, victim = new_kernel(), new_kernel()
    code = tenant.sign_in(attacker.open(), "alan@example.com")["code"]
    victim.receive(
        "authorization_response", response={"code": code, "state": _state(victim.open())}
    )
    assert victim.login.session is None
    assert victim.problem == "token_request_failed", "the code is bound to the verifier"
    assert tenant.requests["/userinfo"] == 0
    shown("`token_request_failed`")


@pytest.mark.parametrize("late", [1, 86_400])
def test_threat_08_a_response_after_ten_minutes(refused: Any, late: int) -> None:
    requests = PendingRequests(ORIGIN, response_mode=None)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        state = requests.next.state.reveal()
        requests.start(1)
        clock.shift(LIFETIME + late)
        with refused(LoginTooLongError) as refusal:
            requests.take({"state": state, "code": "c"})
        assert "ten minutes" in refusal.value.message
        with refused(StateError):
            requests.take({"state": state, "code": "c"})


def test_threat_08_a_response_after_ten_minutes_is_shown_and_log_in_works_again(
    kernel: Kernel, tenant: LocalTenant, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = tenant.sign_in(kernel.open())
    with monkeypatch.context() as later:
        later.setattr(authorization_request, "LIFETIME", -1)
        kernel.receive("authorization_response", response=response)
    assert (kernel.login.status, kernel.problem) == ("error", LoginTooLongError.code)
    assert kernel.log_in().active
    shown(f"`{LoginTooLongError.code}`")


def test_threat_08_a_response_to_a_login_that_was_logged_out(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    response = tenant.sign_in(kernel.open())
    kernel.login.logout()
    kernel.receive("authorization_response", response=response)
    assert kernel.login.session is None
    assert kernel.login.status == "logged_out"
    shown("dropped")


def test_threat_08_a_response_to_a_login_that_was_cancelled(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    response = tenant.sign_in(kernel.open())
    kernel.receive("cancel_login")
    kernel.receive("authorization_response", response=response)
    assert kernel.login.session is None
    assert kernel.problem == "login_cancelled"
    shown("dropped")


def test_threat_08_a_code_and_an_error_at_once(refused: Any) -> None:
    with refused(AuthorizationError):
        code_from_response({"code": "c", "error": "server_error"}, ISSUER)
    with refused(LoginDeniedError):
        code_from_response({"code": "c", "error": "access_denied"}, ISSUER)
    with refused(AuthorizationError):
        code_from_response({"code": "c", "error": ""}, ISSUER)


def test_threat_16_every_login_has_a_proof_of_its_own(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    urls = [kernel.open() for _ in range(3)]
    sent = [parse_qs(urlsplit(url).query) for url in urls]
    for name in ("state", "nonce", "code_challenge"):
        values = {query[name][0] for query in sent}
        assert len(values) == 3
        # The state begins with the name of its channel, which is no secret.
        assert min(len(value.rpartition(".")[2]) for value in values) == 43
    assert {query["code_challenge_method"][0] for query in sent} == {"S256"}
    assert not [query for query in sent if "code_verifier" in query]
    assert tenant.requests["/oauth/token"] == 0
    shown("S256 always, a fresh verifier each time")


def test_threat_16_the_verifier_is_seen_in_the_token_request_only(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    kernel.receive("hello", origin=ORIGIN)
    flow = kernel.bridge._pages[PAGE].popup
    verifier = flow._requests.next.verifier.reveal()
    url = kernel.open()
    assert hashlib.sha256(verifier.encode()).digest()
    kernel.receive("authorization_response", response=tenant.sign_in(url))
    assert kernel.login.session is not None, "the tenant had the verifier"
    assert verifier not in url + repr(kernel.sent)
    shown("neither in the address nor in a message")


@pytest.mark.parametrize(
    "iss",
    ["https://evil.example/", "https://acme.eu.auth0.com", "", "https://ACME.eu.auth0.com/"],
)
@pytest.mark.parametrize("rest", [{"code": "c"}, {"error": "access_denied"}, {}], ids=str)
def test_threat_17_a_response_of_another_tenant(
    refused: Any, iss: str, rest: dict[str, str]
) -> None:
    with refused(StateError) as refusal:
        code_from_response({"iss": iss, **rest, "error_description": "shown to nobody"}, ISSUER)
    assert "shown to nobody" not in str(refusal.value)


def test_threat_17_the_token_endpoint_is_left_alone(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    response = tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response={**response, "iss": "https://evil.example/"})
    assert type(kernel.login.problem) is StateError
    assert tenant.requests["/oauth/token"] == 0
    shown(f"`{StateError.code}`")
