"""Multi-resource refresh tokens, as Auth0 documents them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest

from auth0_widget.local_tenant import Api

from .notebook import API

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant

    from .notebook import Notebook

BILLING = "https://billing.example.com/"
LOGIN = "openid offline_access read:notes"


@pytest.fixture
def tenant(tenant: LocalTenant) -> LocalTenant:
    scopes = {"read:bills": "See bills", "pay:bills": "Pay bills"}
    tenant.apis.append(Api(BILLING, "Billing", scopes))
    tenant.application.refresh_token_policies = {BILLING: ["read:bills", "no:such"]}
    return tenant


@pytest.fixture
def refresh_token(notebook: Notebook) -> str:
    token: str = notebook.log_in(scope=LOGIN, audience=API)["refresh_token"]
    return token


def exchanged(notebook: Notebook, refresh_token: str, **asked: str) -> tuple[Any, Any]:
    """The audience and the scopes of the response, which are also those of the token."""
    response = notebook.refresh(refresh_token, **asked).json()
    claims = jwt.decode(response["access_token"], options={"verify_signature": False})
    assert claims["scope"] == response["scope"]
    audience = claims["aud"] if isinstance(claims["aud"], str) else claims["aud"][0]
    return audience, response["scope"]


def test_an_api_of_the_policy_has_the_policys_scopes(
    notebook: Notebook, refresh_token: str
) -> None:
    got = exchanged(notebook, refresh_token, audience=BILLING)
    assert got == (BILLING, "openid offline_access read:bills")


def test_only_the_scopes_of_the_policy_are_given(notebook: Notebook, refresh_token: str) -> None:
    asked = "read:bills pay:bills read:notes write:notes"
    assert exchanged(notebook, refresh_token, audience=BILLING, scope=asked) == (
        BILLING,
        "read:bills",
    )


def test_without_an_audience_it_is_that_of_the_login(
    notebook: Notebook, refresh_token: str
) -> None:
    assert exchanged(notebook, refresh_token) == (API, LOGIN)


def test_a_policy_adds_scopes_to_the_login_s_own_api(
    tenant: LocalTenant, notebook: Notebook, refresh_token: str
) -> None:
    tenant.application.refresh_token_policies = {API: ["write:notes"]}
    assert exchanged(notebook, refresh_token) == (API, f"{LOGIN} write:notes")


@pytest.mark.parametrize("why", ["unknown", "not in the policy", "needs consent"])
def test_an_audience_beyond_the_policy_is_ignored_without_a_word(
    tenant: LocalTenant, notebook: Notebook, refresh_token: str, why: str
) -> None:
    audience = BILLING
    if why == "unknown":
        audience = "https://nobody.example.com/"
    elif why == "not in the policy":
        tenant.application.refresh_token_policies = {API: []}
    else:
        tenant.apis[-1] = Api(BILLING, "Billing", {"read:bills": ""}, skip_consent=False)
    assert exchanged(notebook, refresh_token, audience=audience) == (API, LOGIN)


def test_a_third_party_application_has_no_policies(
    tenant: LocalTenant, notebook: Notebook, refresh_token: str
) -> None:
    tenant.application.first_party = False
    assert exchanged(notebook, refresh_token, audience=BILLING) == (API, LOGIN)


def test_the_refresh_token_rotates_and_goes_on_for_both(
    notebook: Notebook, refresh_token: str
) -> None:
    billing = notebook.refresh(refresh_token, audience=BILLING).json()
    assert exchanged(notebook, billing["refresh_token"]) == (API, LOGIN)
    assert notebook.refresh(refresh_token, audience=BILLING).status_code == 403


def test_a_token_for_another_api_is_good_at_userinfo_only_with_openid(
    notebook: Notebook, refresh_token: str
) -> None:
    with_openid = notebook.refresh(refresh_token, audience=BILLING).json()
    assert notebook.userinfo(with_openid["access_token"]).status_code == 200
    refresh_token = with_openid["refresh_token"]
    without = notebook.refresh(refresh_token, audience=BILLING, scope="read:bills").json()
    assert notebook.userinfo(without["access_token"]).status_code == 403
