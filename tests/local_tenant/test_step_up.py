"""Step-up authentication: a second factor where a request requires one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt
import pytest

from auth0_widget.local_tenant import Api
from auth0_widget.local_tenant.person import Page
from auth0_widget.local_tenant.step_up import MULTI_FACTOR, ONE_TIME_CODE

from .notebook import API, error_of

if TYPE_CHECKING:
    import httpx

    from auth0_widget.local_tenant import LocalTenant

    from .notebook import Clock, Notebook

BANK = Api(
    "https://bank.example.com/",
    "Bank",
    {"view:balance": "See the balance", "transfer:funds": "Send money"},
    mfa_scopes=["transfer:funds"],
)


def visit(visitor: httpx.Client, url: str) -> httpx.Response:
    return visitor.get(url, follow_redirects=True)


def submit(visitor: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
    data = {**Page(page.text).fields, **fields}
    return visitor.post(str(page.url), data=data, follow_redirects=True)


def log_in(visitor: httpx.Client, tenant: LocalTenant, url: str) -> httpx.Response:
    fields = {"username": "ada@example.com", "password": tenant.password}
    return submit(visitor, visit(visitor, url), **fields)


def test_acr_values_ask_for_a_second_factor(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    page = log_in(visitor, tenant, notebook.authorize_url(acr_values=f"other {MULTI_FACTOR}"))
    assert page.url.path == "/u/mfa-otp-challenge"
    wrong = submit(visitor, page, code="123456")
    assert (wrong.status_code, "code-error" in Page(wrong.text).ids) == (400, True)
    assert submit(visitor, wrong, code=ONE_TIME_CODE).url.path == "/u/consent"


def test_the_page_of_the_second_factor_cannot_be_skipped(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    page = log_in(visitor, tenant, notebook.authorize_url(acr_values=MULTI_FACTOR))
    state = Page(page.text).fields["state"]
    skipped = visitor.post("/u/consent", data={"state": state, "action": "accept"})
    assert skipped.headers["Location"].startswith("/u/mfa-otp-challenge")


def test_it_is_asked_for_each_time_and_not_remembered(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    url = notebook.authorize_url(acr_values=MULTI_FACTOR)
    consent = submit(visitor, log_in(visitor, tenant, url), code=ONE_TIME_CODE)
    submit(visitor, consent, action="accept")
    assert visit(visitor, url).url.path == "/u/mfa-otp-challenge"
    assert "authorization-response" in Page(visit(visitor, notebook.authorize_url()).text).ids


def test_other_acr_values_ask_for_nothing(notebook: Notebook) -> None:
    claims = notebook.claims(notebook.log_in(acr_values="urn:other")["id_token"])
    assert "acr" not in claims
    assert "amr" not in claims


def test_the_first_id_token_says_so_and_a_renewed_one_does_not(notebook: Notebook) -> None:
    tokens = notebook.log_in(scope="openid offline_access", acr_values=MULTI_FACTOR)
    claims = notebook.claims(tokens["id_token"])
    assert (claims["acr"], claims["amr"]) == (MULTI_FACTOR, ["mfa"])
    renewed = notebook.claims(notebook.refresh(tokens["refresh_token"]).json()["id_token"])
    assert not {"acr", "amr"} & set(renewed)


def test_without_a_page_a_second_factor_is_told_to_be_required(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    submit(visitor, log_in(visitor, tenant, notebook.authorize_url()), action="accept")
    url = notebook.authorize_url(acr_values=MULTI_FACTOR, prompt="none", response_mode="query")
    assert "error=mfa_required" in visitor.get(url).headers["Location"]


def test_an_api_s_access_token_tells_how_and_when_the_person_logged_in(
    notebook: Notebook, clock: Clock
) -> None:
    tokens = notebook.log_in(
        scope="openid offline_access read:notes", audience=API, acr_values=MULTI_FACTOR
    )
    began = int(clock.now)
    clock.now += 100
    renewed = notebook.refresh(tokens["refresh_token"]).json()
    for token in (tokens["access_token"], renewed["access_token"]):
        claims = notebook.claims(token, audience=API)
        assert claims[f"{API}acr"] == MULTI_FACTOR
        assert claims[f"{API}auth_time"] == began


def test_an_api_that_does_not_want_it_is_told_nothing(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    tenant.apis.append(BANK)
    token = notebook.log_in(audience=BANK.identifier, acr_values=MULTI_FACTOR)["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert not [name for name in claims if name.startswith(BANK.identifier)]


def test_a_scope_that_matters_asks_for_a_second_factor(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    tenant.apis.append(BANK)
    asked = {"audience": BANK.identifier, "scope": "openid transfer:funds"}
    page = log_in(visitor, tenant, notebook.authorize_url(**asked))
    assert page.url.path == "/u/mfa-otp-challenge"
    granted = notebook.log_in(**asked)
    assert granted["scope"] == "openid transfer:funds"
    assert notebook.claims(granted["id_token"])["amr"] == ["mfa"]


@pytest.mark.parametrize("scope", ["transfer:funds", "openid view:balance transfer:funds"])
def test_a_refresh_that_asks_for_such_a_scope_is_refused_and_costs_nothing(
    tenant: LocalTenant, notebook: Notebook, scope: str
) -> None:
    tenant.apis.append(BANK)
    tenant.application.refresh_token_policies = {BANK.identifier: list(BANK.scopes)}
    token = notebook.log_in(scope="openid offline_access")["refresh_token"]
    refused = notebook.refresh(token, audience=BANK.identifier, scope=scope)
    assert error_of(refused)[:2] == (403, "mfa_required")
    assert refused.json()["mfa_token"]
    balance = notebook.refresh(token, audience=BANK.identifier, scope="view:balance")
    assert balance.json()["scope"] == "view:balance"
