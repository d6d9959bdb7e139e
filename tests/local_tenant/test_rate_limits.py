"""The rate limits of a free tenant, if they are switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.local_tenant import LocalTenant

from .notebook import ORIGIN, Notebook, error_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from auth0_widget.local_tenant.keys import SigningKey

    from .notebook import Clock

KEYS = "/.well-known/jwks.json"
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def tenant(clock: Clock, signing_key: SigningKey) -> Iterator[LocalTenant]:
    with LocalTenant(origins=[ORIGIN], clock=clock, rate_limits=True) as tenant:
        tenant._context.keys._keys.append(signing_key)
        yield tenant


def test_a_user_may_ask_for_the_profile_ten_times_at_once_then_five_times_a_minute(
    notebook: Notebook, clock: Clock
) -> None:
    ada = notebook.log_in()["access_token"]
    grace = notebook.log_in("grace@example.com")["access_token"]
    assert [notebook.userinfo(ada).status_code for _ in range(10)] == [200] * 10
    refused = notebook.userinfo(ada)
    assert error_of(refused)[:2] == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "12"
    assert refused.headers["x-ratelimit-limit"] == "10"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert refused.headers["x-ratelimit-reset"] == str(int(clock.now) + 120)
    assert notebook.userinfo(grace).status_code == 200, "each user has a limit of their own"
    clock.now += 11
    assert notebook.userinfo(ada).status_code == 429
    clock.now += 1
    assert notebook.userinfo(ada).status_code == 200
    assert notebook.userinfo(ada).status_code == 429
    clock.now += 3_600
    assert [notebook.userinfo(ada).status_code for _ in range(11)] == [200] * 10 + [429]


def test_everything_together_may_be_asked_300_times_a_minute(
    notebook: Notebook, visitor: httpx.Client, clock: Clock
) -> None:
    token = notebook.log_in()["access_token"]
    used = 2  # /authorize and /oauth/token
    responses = [visitor.get(DISCOVERY).status_code for _ in range(300 - used + 1)]
    assert responses == [200] * (300 - used) + [429]
    assert notebook.userinfo(token).status_code == 429
    clock.now += 1
    assert [visitor.get(DISCOVERY).status_code for _ in range(6)] == [200] * 5 + [429]


def test_the_keys_may_be_asked_for_twenty_times_a_second(
    visitor: httpx.Client, clock: Clock
) -> None:
    assert [visitor.get(KEYS).status_code for _ in range(21)] == [200] * 20 + [429]
    assert visitor.get(DISCOVERY).status_code == 200
    clock.now += 1
    assert visitor.get(KEYS).status_code == 200


def test_a_request_too_many_does_nothing(notebook: Notebook, clock: Clock) -> None:
    code = notebook.code()
    while notebook.post(grant_type="none").status_code != 429:
        pass
    assert notebook.redeem(code).status_code == 429
    clock.now += 1
    assert notebook.redeem(code).status_code == 200
